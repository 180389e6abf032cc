internal import CanonicalBytes

/// Reads the grammar of policies (specification section 7.1).
///
/// The bound on nested parentheses bounds the recursion.
struct PolicyParser {
    private static let nestingMax = 64
    private let tokens: [PolicyToken]
    private var position = 0

    /// - Throws: `POLICY`.
    static func parse(_ text: [UInt8]) throws(ProtocolFailure) -> PolicyExpression {
        var parser = PolicyParser(tokens: try PolicyLexer.tokens(of: text))
        let expression = try parser.disjunction(nesting: 0)
        try require(parser.position == parser.tokens.count, .policy, "left over from \(parser.place)")
        return expression
    }

    private init(tokens: [PolicyToken]) { self.tokens = tokens }

    private var place: String { "token \(self.position + 1)" }

    private mutating func next() throws(ProtocolFailure) -> PolicyToken {
        try require(self.position < self.tokens.count, .policy, "the policy ends too early")
        defer { self.position += 1 }
        return self.tokens[self.position]
    }

    /// Takes the next token if it is this one.
    private mutating func skip(_ token: PolicyToken) -> Bool {
        guard self.position < self.tokens.count, self.tokens[self.position] == token else { return false }
        self.position += 1
        return true
    }

    private mutating func expect(_ token: PolicyToken, _ name: String) throws(ProtocolFailure) {
        try require(self.skip(token), .policy, "\(self.place) is not \(name)")
    }

    private mutating func disjunction(nesting: Int) throws(ProtocolFailure) -> PolicyExpression {
        try require(nesting <= Self.nestingMax, .policy, "more than 64 nested parentheses")
        var operands = [try self.conjunction(nesting: nesting)]
        while self.skip(.or) { operands.append(try self.conjunction(nesting: nesting)) }
        return Self.gate(threshold: 1, operands)
    }

    private mutating func conjunction(nesting: Int) throws(ProtocolFailure) -> PolicyExpression {
        var operands = [try self.primary(nesting: nesting)]
        while self.skip(.and) { operands.append(try self.primary(nesting: nesting)) }
        return Self.gate(threshold: operands.count, operands)
    }

    private mutating func primary(nesting: Int) throws(ProtocolFailure) -> PolicyExpression {
        switch try self.next() {
        case .open:
            let expression = try self.disjunction(nesting: nesting + 1)
            try self.expect(.close, "a closing parenthesis")
            return expression
        case .attribute(let text): return .attribute(text)
        case .word(let word):
            return self.skip(.of) ? try self.thresholdGate(word, nesting: nesting) : try self.comparison(of: word)
        default: throw ProtocolFailure(.policy, "an operand is missing before \(self.place)")
        }
    }

    private mutating func thresholdGate(_ word: String, nesting: Int) throws(ProtocolFailure) -> PolicyExpression {
        guard let threshold = PolicyWord.number(word.utf8, digitsMax: 3), threshold > 0 else {
            throw ProtocolFailure(.policy, "a threshold is not one of 1 to 999")
        }
        try self.expect(.open, "an opening parenthesis")
        var children = [try self.disjunction(nesting: nesting + 1)]
        while self.skip(.comma) { children.append(try self.disjunction(nesting: nesting + 1)) }
        try self.expect(.close, "a closing parenthesis")
        try require(threshold <= children.count, .policy, "a threshold above the number of its children")
        return Self.gate(threshold: threshold, children)
    }

    private mutating func comparison(of name: String) throws(ProtocolFailure) -> PolicyExpression {
        guard case .comparison(let comparison) = try self.next() else {
            throw ProtocolFailure(.policy, "a comparison is missing before \(self.place)")
        }
        guard case .word(let word) = try self.next(), let value = PolicyWord.number(word.utf8, digitsMax: 6),
            let bound = UInt16(exactly: value)
        else { throw ProtocolFailure(.policy, "a number is not one of 0 to 65535") }
        return .comparison(name: name, comparison, bound)
    }

    /// A gate of one child is that child.
    private static func gate(threshold: Int, _ children: [PolicyExpression]) -> PolicyExpression {
        children.count == 1 ? children[0] : .gate(threshold: threshold, children)
    }
}
