package import CanonicalBytes

/// A word by which data can be found, in the one form that everybody writes it in.
///
/// Whoever tags data and whoever looks for it must come to the same bytes, whatever keyboard and library they use. White
/// space at both ends goes, every scalar is replaced by its default lower-case mapping (Unicode, without the conditions
/// of languages and positions), and the result must be 1 to 64 bytes of UTF-8 in normalization form C.
///
/// This module has no tables of normalization. It accepts only scalars that no normalization to form C changes and that
/// combine with nothing before them, so that the text is in that form whatever the order: no combining mark, nothing that
/// is excluded from composition, no vowel or final of the conjoining Hangul, no vowel sign of Kirat Rai. Text that was
/// typed composed, as keyboards do for the languages of Latin, Greek, Cyrillic, Hangul, Kana and Han script, passes; other
/// text is refused, never silently changed. Also refused are characters that cannot be seen, and white space other than
/// U+0020 within.
package struct Keyword: Sendable, Hashable {
    /// Bytes of UTF-8.
    package static let lengths = 1...64

    /// The normalized text.
    package let text: String

    /// Normalizes what somebody wrote.
    ///
    /// - Throws: `FORMAT` for a text of another length or with a character that is not accepted.
    package init(_ written: String) throws(ProtocolFailure) {
        let scalars = Array(written.unicodeScalars)
        let isSpace = { (scalar: Unicode.Scalar) in scalar.properties.isWhitespace }
        let start = scalars.firstIndex { !isSpace($0) } ?? scalars.endIndex
        let end = scalars.lastIndex { !isSpace($0) } ?? scalars.startIndex
        try require(start <= end && start < scalars.endIndex, .format, "a keyword is not empty")
        // Ahead of the work on each scalar: every scalar gives at least one byte.
        try require(end - start < Self.lengths.upperBound, .format, Self.lengthDetail)
        var text = ""
        for scalar in scalars[start...end] {
            // The first check keeps a mark from being composed away by the mapping, the second one from coming of it.
            try Self.requireStable(scalar)
            for lower in scalar.properties.lowercaseMapping.unicodeScalars {
                try Self.requireStable(lower)
                text.unicodeScalars.append(lower)
            }
        }
        try require(Self.lengths.contains(text.utf8.count), .format, Self.lengthDetail)
        self.text = text
    }

    /// The canonical bytes.
    package var bytes: [UInt8] { Array(self.text.utf8) }

    // Compared as bytes: `String ==` equates different texts.
    package static func == (left: Self, right: Self) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }
    package func hash(into hasher: inout Hasher) { hasher.combine(self.bytes) }

    private static let lengthDetail = "a keyword has 1 to 64 bytes of UTF-8"

    private static func requireStable(_ scalar: Unicode.Scalar) throws(ProtocolFailure) {
        let properties = scalar.properties
        let isVisible = scalar == " " || self.isGraphic(properties.generalCategory)
        try require(isVisible, .format, "a keyword has only characters that can be seen, and plain spaces")
        let isStable =
            !self.isMark(properties.generalCategory) && properties.canonicalCombiningClass == .notReordered
            && !properties.isFullCompositionExclusion && !self.combining.contains { $0.contains(scalar) }
        try require(isStable, .format, "a keyword has composed characters only (normalization form C, no marks)")
    }

    /// Letters that combine with one before them although they are no marks.
    private static let combining: [ClosedRange<Unicode.Scalar>] = [
        "\u{1160}"..."\u{11FF}", "\u{16D63}"..."\u{16D6A}",
    ]

    private static func isMark(_ category: Unicode.GeneralCategory) -> Bool {
        switch category {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: false
        }
    }

    private static func isGraphic(_ category: Unicode.GeneralCategory) -> Bool {
        switch category {
        case .spaceSeparator, .lineSeparator, .paragraphSeparator, .control, .format, .surrogate, .privateUse,
            .unassigned:
            false
        default: true
        }
    }
}
