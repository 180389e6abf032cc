/// The words that names, values and numbers of policies and attributes consist of (specification section 7.1).
enum PolicyWord {
    /// Whether the byte is one of `A-Z a-z 0-9 _ . -`.
    static func isCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// Whether the byte separates tokens and is none.
    static func isWhitespace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
            || byte == UInt8(ascii: "\n")
    }

    static func isWord(_ bytes: some Collection<UInt8>) -> Bool {
        !bytes.isEmpty && bytes.allSatisfy(self.isCharacter)
    }

    /// Whether the text is a word that a comparison cannot name.
    static func isReserved(_ bytes: some Collection<UInt8>) -> Bool {
        ["and", "or", "of"].contains { $0.utf8.elementsEqual(bytes) }
    }

    /// The value of decimal digits without leading zeros; nil for anything else and for more digits than `digitsMax`.
    static func number(_ bytes: some Collection<UInt8>, digitsMax: Int) -> Int? {
        guard (1...digitsMax).contains(bytes.count), bytes.count == 1 || bytes.first != UInt8(ascii: "0") else {
            return nil
        }
        var value = 0
        for byte in bytes {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return value
    }
}
