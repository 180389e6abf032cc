/// A policy text with its lines, for telling a person where something is.
package struct PolicySource: Sendable, Hashable {
    /// Characters of a line that an excerpt shows.
    private static let excerptColumnsMax = 100

    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Line and column of a byte, both counted from 1; a tab is one column, and so is a character of several bytes.
    func place(of offset: Int) -> (line: Int, column: Int) {
        let before = self.bytes.prefix(offset)
        let lineStart = self.lineStart(offset)
        return (1 + before.count { $0 == UInt8(ascii: "\n") }, 1 + Self.width(before[lineStart...]))
    }

    /// The text of a range, shortened, with nothing that a terminal would obey.
    func quotation(_ range: Range<Int>) -> String {
        let text = Self.visible(self.bytes[range])
        return text.count <= 40 ? text : text.prefix(37) + "..."
    }

    /// The line on which the range begins, and a second line with carets under the range.
    func excerpt(_ range: Range<Int>) -> String {
        let start = self.lineStart(range.lowerBound)
        let end = self.bytes[start...].firstIndex { $0 == UInt8(ascii: "\n") } ?? self.bytes.count
        var line = Array(Self.visible(self.bytes[start..<end]))
        var caret = Self.width(self.bytes[start..<min(range.lowerBound, end)])
        let rangeEnd = max(min(range.lowerBound, end), min(range.upperBound, end))
        var carets = max(1, Self.width(self.bytes[min(range.lowerBound, end)..<rangeEnd]))
        if line.count > Self.excerptColumnsMax {
            let first = max(0, min(caret - Self.excerptColumnsMax / 2, line.count - Self.excerptColumnsMax))
            line = Array(line[first..<min(first + Self.excerptColumnsMax, line.count)])
            caret -= first
        }
        carets = min(carets, max(1, Self.excerptColumnsMax - caret))
        return String(line) + "\n" + String(repeating: " ", count: caret) + String(repeating: "^", count: carets)
    }

    private func lineStart(_ offset: Int) -> Int {
        (self.bytes.prefix(offset).lastIndex { $0 == UInt8(ascii: "\n") }).map { $0 + 1 } ?? 0
    }

    /// Characters, without asking whether the bytes are UTF-8: those that begin one.
    private static func width(_ bytes: ArraySlice<UInt8>) -> Int { bytes.count { $0 & 0xC0 != 0x80 } }

    /// One character for each that `width` counts.
    private static func visible(_ bytes: ArraySlice<UInt8>) -> String {
        var text = ""
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            switch scalar.value {
            case 0x09: text.unicodeScalars.append(" ")
            case 0x20...0x7E: text.unicodeScalars.append(scalar)
            case 0xA1...0x2FF, 0x370...0x3FF, 0x400...0x4FF, 0x2010...0x2027, 0x2264...0x2265:
                text.unicodeScalars.append(scalar)
            default: text += "?"
            }
        }
        return text
    }
}
