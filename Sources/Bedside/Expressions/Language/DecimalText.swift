package import Units

/// Reads numbers as devices write them in text.
package enum DecimalText {
    /// Longest text that is tried.
    private static let textMax = 64

    /// The exact number of a text such as `78`, ` 37.60 `, `+5`, `007` or `.5`; nil when it is anything else.
    ///
    /// Spaces around the number, a plus sign, leading zeros and a missing digit before or after the point are
    /// tolerated (HL7 v2 NM and serial protocols have them); trailing zeros stay, they are the precision. A comma is
    /// not, because `1,234` means different numbers in different countries.
    package static func number(_ text: String) -> ExactDecimal? {
        var text = text
        return text.withUTF8 { bytes in self.number(UnsafeRawBufferPointer(bytes)) }
    }

    /// As ``number(_:)-(String)`` for UTF-8 bytes.
    package static func number(_ bytes: UnsafeRawBufferPointer) -> ExactDecimal? {
        if let number = ExactDecimal(parsing: bytes) { return number }
        guard bytes.count <= self.textMax else { return nil }
        return self.normalized(bytes).flatMap { ExactDecimal(parsing: $0) }
    }

    /// The same number in the grammar of JSON; nil when there are no digits.
    private static func normalized(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        var rest = bytes[...]
        while let byte = rest.first, byte.isBlank { rest = rest.dropFirst() }
        while let byte = rest.last, byte.isBlank { rest = rest.dropLast() }
        var text: [UInt8] = []
        if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
            if sign == UInt8(ascii: "-") { text.append(sign) }
            rest = rest.dropFirst()
        }
        let whole = rest.prefix(while: \.isDigit)
        rest = rest.dropFirst(whole.count)
        let significant = whole.drop { $0 == UInt8(ascii: "0") }
        text.append(contentsOf: significant.isEmpty ? [UInt8(ascii: "0")] : Array(significant))
        var hasFraction = false
        if rest.first == UInt8(ascii: ".") {
            let fraction = rest.dropFirst().prefix(while: \.isDigit)
            rest = rest.dropFirst(fraction.count + 1)
            hasFraction = !fraction.isEmpty
            if hasFraction { text.append(contentsOf: [UInt8(ascii: ".")] + fraction) }
        }
        guard !whole.isEmpty || hasFraction else { return nil }
        return text + rest
    }
}
