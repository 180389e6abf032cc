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

/// A token and the bytes that say it.
struct PlacedToken {
    let token: PolicyToken
    let range: Range<Int>
}

/// Cuts a policy text into its longest tokens (specification section 7.1).
struct PolicyLexer {
    private let source: PolicySource
    private var bytes: [UInt8] { self.source.bytes }
    private var position = 0

    /// Throws for text that is too long or has other characters than the grammar's.
    static func tokens(of source: PolicySource) throws(PolicyRemark) -> [PlacedToken] {
        let end = source.bytes.count
        guard end <= AccessPolicy.textBytesMax else {
            let excess = AccessPolicy.textBytesMax..<AccessPolicy.textBytesMax + 1
            throw PolicyRemark(source, excess, "the policy is longer than \(AccessPolicy.textBytesMax) characters")
        }
        var lexer = PolicyLexer(source: source)
        var tokens: [PlacedToken] = []
        while let byte = lexer.nextVisibleByte() {
            let start = lexer.position
            let token = try lexer.token(startingWith: byte)
            tokens.append(PlacedToken(token: token, range: start..<lexer.position))
        }
        return tokens
    }

    private init(source: PolicySource) { self.source = source }

    private var byte: UInt8? { self.position < self.bytes.count ? self.bytes[self.position] : nil }

    private mutating func nextVisibleByte() -> UInt8? {
        while let byte = self.byte, PolicyWord.isWhitespace(byte) { self.position += 1 }
        return self.byte
    }

    private mutating func token(startingWith byte: UInt8) throws(PolicyRemark) -> PolicyToken {
        if PolicyWord.isCharacter(byte) { return self.wordOrAttribute() }
        let start = self.position
        self.position += 1
        switch byte {
        case UInt8(ascii: "("): return .open
        case UInt8(ascii: ")"): return .close
        case UInt8(ascii: ","): return .comma
        case UInt8(ascii: "="): return .comparison(.equal)
        case UInt8(ascii: ">"): return .comparison(self.skipEqualsSign() ? .atLeast : .greater)
        case UInt8(ascii: "<"): return .comparison(self.skipEqualsSign() ? .atMost : .less)
        default: throw ForeignCharacter(self.source, at: start).mistake
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

    private static let keywords: [String: PolicyToken] = ["and": .and, "or": .or, "of": .of]
}
