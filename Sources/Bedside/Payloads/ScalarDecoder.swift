internal import Units

/// Decodes bare text: `36.6`, ` 72 `, `true`, `ON`, `98 %`.
///
/// The root is an object: `value` is the number, truth value or text, `unit` the text after a number, and `text` the
/// whole without the whitespace and NUL bytes around it (C firmware often sends the terminator along).
package enum ScalarDecoder {
    /// Adds the object as one value: the root of an empty tree, or a member or element of the open container.
    ///
    /// A number and text after it are a quantity only when that text can be a unit, so that `120/80`, `12:30` and
    /// `2026-11-20` stay texts. Only `true` and `false` are truth values.
    ///
    /// - Parameters:
    ///   - bytes: The payload, UTF-8.
    ///   - key: The member name when the open container is an object.
    ///   - tree: The tree to add to.
    ///   - decimalComma: Whether `36,6` is a number (and `36.6` is not).
    ///   - bytesMax: The largest payload accepted, in bytes.
    /// - Throws: ``DecodeFailure`` when the text is empty, too large or not UTF-8.
    package static func decode(
        _ bytes: UnsafeRawBufferPointer,
        key: PayloadTree.Span = .none,
        into tree: inout PayloadTree,
        decimalComma: Bool = false,
        bytesMax: Int = PayloadBounds.payloadBytesMax
    ) throws(DecodeFailure) {
        try PayloadBounds.check(bytes, bytesMax: bytesMax)
        try UTF8Validation.check(bytes)
        let range = self.trimmed(bytes, UTF8Validation.markLength(bytes)..<bytes.count)
        guard !range.isEmpty else { throw DecodeFailure(.truncated, "the payload is blank", offset: 0) }
        let text = tree.append(UnsafeRawBufferPointer(rebasing: bytes[range]))
        try tree.openContainer(.object, key: key)
        let decimalPoint = UInt8(ascii: decimalComma ? "," : ".")
        if let (number, unit) = self.quantity(bytes, range, decimalPoint: decimalPoint) {
            try tree.add(number, key: "value")
            if !unit.isEmpty {
                let skipped = Int32(unit.lowerBound - range.lowerBound)
                let span = PayloadTree.Span(start: text.start + skipped, count: Int32(unit.count))
                try tree.addString(span, key: tree.append(literal: "unit"))
            }
        } else if self.equal(bytes, range, "true") || self.equal(bytes, range, "false") {
            try tree.add(range.count == 4, key: "value")
        } else {
            try tree.addString(text, key: tree.append(literal: "value"))
        }
        try tree.addString(text, key: tree.append(literal: "text"))
        tree.closeContainer()
    }

    /// A number and the range of its unit, which is empty without one; nil when the text is something else.
    private static func quantity(
        _ bytes: UnsafeRawBufferPointer,
        _ range: Range<Int>,
        decimalPoint: UInt8
    ) -> (ExactDecimal, unit: Range<Int>)? {
        guard
            case .number(let value, let end) = JSONNumber.scan(
                bytes,
                from: range.lowerBound,
                to: range.upperBound,
                decimalPoint: decimalPoint
            )
        else { return nil }
        let unit = self.trimmed(bytes, end..<range.upperBound)
        guard unit.isEmpty || self.canBeUnit(bytes, unit) else { return nil }
        return (value, unit)
    }

    /// A unit starts like one, and no number stands in it as a word of its own.
    private static func canBeUnit(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
        var previous = bytes[range.lowerBound]
        switch previous {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x80...0xFF,
            UInt8(ascii: "%"), UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "/"):
            break
        default: return false
        }
        for position in range.dropFirst() {
            let byte = bytes[position]
            let isDigit = byte &- UInt8(ascii: "0") < 10
            if isDigit, self.isBlank(previous) || previous == UInt8(ascii: "/") { return false }
            previous = byte
        }
        return true
    }

    private static func trimmed(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, self.isBlank(bytes[start]) { start += 1 }
        while end > start, self.isBlank(bytes[end - 1]) || bytes[end - 1] == 0 { end -= 1 }
        return start..<end
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }

    private static func equal(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ word: StaticString) -> Bool {
        guard range.count == word.utf8CodeUnitCount else { return false }
        return range.allSatisfy { bytes[$0] == word.utf8Start[$0 - range.lowerBound] }
    }
}
