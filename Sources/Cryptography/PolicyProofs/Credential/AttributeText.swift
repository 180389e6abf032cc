internal import CanonicalBytes

/// An attribute as people write it: `name:value`, or `name=number` with a number up to 65535.
enum AttributeText {
    case pair(name: [UInt8], value: [UInt8])
    case number(name: [UInt8], UInt16)

    /// - Throws: `FORMAT`.
    init(_ text: String) throws(ProtocolFailure) {
        let sign = UInt8(ascii: text.utf8.contains(UInt8(ascii: "=")) ? "=" : ":")
        let parts = text.utf8.split(separator: sign, omittingEmptySubsequences: false).map(Array.init)
        try require(
            parts.count == 2 && Self.isWord(parts[0]) && Self.isWord(parts[1]),
            .format,
            "an attribute is neither name:value nor name=number"
        )
        guard sign == UInt8(ascii: "=") else {
            self = .pair(name: parts[0], value: parts[1])
            return
        }
        guard let number = Self.number(parts[1]) else {
            throw ProtocolFailure(.format, "a numeric attribute is not a number up to 65535")
        }
        self = .number(name: parts[0], number)
    }

    private static func isWord(_ bytes: [UInt8]) -> Bool {
        !bytes.isEmpty
            && bytes.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    /// Decimal digits without leading zeros; nil for anything else.
    private static func number(_ digits: [UInt8]) -> UInt16? {
        guard digits.count <= 5, digits.count == 1 || digits.first != UInt8(ascii: "0"),
            digits.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains)
        else { return nil }
        return UInt16(String(decoding: digits, as: UTF8.self))
    }
}
