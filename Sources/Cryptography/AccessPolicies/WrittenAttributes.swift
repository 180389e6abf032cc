/// What somebody has, as a person writes it: `role:doctor age=42 valid-until=2026-11-21`.
package struct WrittenAttributes: Sendable {
    /// `name:value`.
    package let attributes: Set<String>
    /// By name.
    package let numbers: [String: UInt16]

    /// Reads attributes between white space or commas.
    package init(_ text: String) throws(PolicyRemark) {
        let source = PolicySource(Array(text.utf8))
        var (attributes, numbers): (Set<String>, [String: UInt16]) = ([], [:])
        for range in Self.pieces(source.bytes) {
            let piece = source.bytes[range]
            if let separator = piece.firstIndex(of: UInt8(ascii: "=")), PolicyWord.isWord(piece[..<separator]) {
                let name = String(decoding: piece[..<separator], as: UTF8.self)
                let value = try Self.number(source, separator + 1..<range.upperBound, name)
                guard !PolicyWord.isReserved(name.utf8) else {
                    throw PolicyRemark(source, range, "`\(name)` is no name of a number")
                }
                guard numbers.updateValue(value, forKey: name) == nil else {
                    throw PolicyRemark(source, range, "`\(name)` has a number already")
                }
            } else if piece.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).count == 2,
                piece.split(separator: UInt8(ascii: ":")).filter(PolicyWord.isWord).count == 2
            {
                attributes.insert(String(decoding: piece, as: UTF8.self))
            } else {
                let message = "`\(source.quotation(range))` is no attribute"
                throw PolicyRemark(source, range, message, hint: "write `name:value`, or `name=42` for a number")
            }
        }
        self.attributes = attributes
        self.numbers = numbers
    }

    private static func number(
        _ source: PolicySource,
        _ range: Range<Int>,
        _ name: String
    ) throws(PolicyRemark) -> UInt16 {
        let bytes = source.bytes[range]
        let number = PolicyDate.days(bytes) ?? PolicyWord.number(bytes, digitsMax: 6).flatMap(UInt16.init(exactly:))
        guard let number else {
            let message =
                "`\(source.quotation(range))` is no number from 0 to 65535 and no date from \(PolicyDate.range)"
            let hint = PolicyWord.isWord(bytes) ? "a text is written `\(name):\(source.quotation(range))`" : nil
            throw PolicyRemark(source, range, message, hint: hint)
        }
        return number
    }

    private static func pieces(_ bytes: [UInt8]) -> [Range<Int>] {
        bytes.indices.split { PolicyWord.isWhitespace(bytes[$0]) || bytes[$0] == UInt8(ascii: ",") }
            .map { $0.startIndex..<$0.endIndex }
    }
}
