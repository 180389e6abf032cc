internal import CanonicalBytes

/// A token of a policy text.
enum PolicyToken: Equatable {
    /// `[A-Za-z0-9_.-]+` that is no keyword: a name, a threshold or a number.
    case word(String)
    /// `name:value`.
    case attribute(String)
    case and, or, of
    case open, close, comma
    case comparison(PolicyComparison)
}

/// Cuts a policy text into its longest tokens (specification section 7.1).
struct PolicyLexer {
    private let bytes: [UInt8]
    private var position = 0

    /// - Throws: `POLICY` for text that is too long or has other characters than the grammar's.
    static func tokens(of text: [UInt8]) throws(ProtocolFailure) -> [PolicyToken] {
        try require(text.count <= AccessPolicy.textBytesMax, .policy, "the policy is longer than 4096 characters")
        var lexer = PolicyLexer(bytes: text)
        var tokens: [PolicyToken] = []
        while let byte = lexer.nextVisibleByte() { tokens.append(try lexer.token(startingWith: byte)) }
        return tokens
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private var byte: UInt8? { self.position < self.bytes.count ? self.bytes[self.position] : nil }

    private mutating func nextVisibleByte() -> UInt8? {
        while let byte = self.byte, Self.isWhitespace(byte) { self.position += 1 }
        return self.byte
    }

    private mutating func token(startingWith byte: UInt8) throws(ProtocolFailure) -> PolicyToken {
        if PolicyWord.isCharacter(byte) { return self.wordOrAttribute() }
        self.position += 1
        switch byte {
        case UInt8(ascii: "("): return .open
        case UInt8(ascii: ")"): return .close
        case UInt8(ascii: ","): return .comma
        case UInt8(ascii: "="): return .comparison(.equal)
        case UInt8(ascii: ">"): return .comparison(self.skipEqualsSign() ? .atLeast : .greater)
        case UInt8(ascii: "<"): return .comparison(self.skipEqualsSign() ? .atMost : .less)
        default: throw ProtocolFailure(.policy, "no token at character \(self.position)")
        }
    }

    /// A colon joins two words only where it touches both; anywhere else it is no token.
    private mutating func wordOrAttribute() -> PolicyToken {
        let name = self.takeWord()
        let valueStart = self.position + 1
        let isAttribute =
            self.byte == UInt8(ascii: ":") && valueStart < self.bytes.count
            && PolicyWord.isCharacter(self.bytes[valueStart])
        guard isAttribute else { return Self.keywords[name] ?? .word(name) }
        self.position = valueStart
        return .attribute(name + ":" + self.takeWord())
    }

    private mutating func takeWord() -> String {
        let start = self.position
        while let byte = self.byte, PolicyWord.isCharacter(byte) { self.position += 1 }
        return String(decoding: self.bytes[start..<self.position], as: UTF8.self)
    }

    private mutating func skipEqualsSign() -> Bool {
        guard self.byte == UInt8(ascii: "=") else { return false }
        self.position += 1
        return true
    }

    private static func isWhitespace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
            || byte == UInt8(ascii: "\n")
    }

    private static let keywords: [String: PolicyToken] = ["and": .and, "or": .or, "of": .of]
}
