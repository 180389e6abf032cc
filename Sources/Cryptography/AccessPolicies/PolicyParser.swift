/// Reads the grammar of policies (specification section 7.1).
///
/// The bound on nested parentheses bounds the recursion.
struct PolicyParser {
    /// How the numbers of comparisons may be written.
    enum Numbers {
        /// The specification's grammar.
        case integers
        /// Dates too, for what a person writes.
        case integersAndDates
    }

    /// A text's meaning.
    struct Result {
        let syntax: PolicySyntax
        /// Places of `k of (...)` with the number of branches, of those that canonical text writes otherwise.
        let unusualThresholds: [(range: Range<Int>, threshold: Int, branches: Int)]
    }

    static let nestingMax = 64
    let source: PolicySource
    private let numbers: Numbers
    private let tokens: [PlacedToken]
    private var position = 0
    private var unusualThresholds: [(range: Range<Int>, threshold: Int, branches: Int)] = []

    static func parse(_ source: PolicySource, numbers: Numbers) throws(PolicyRemark) -> Result {
        let tokens = try PolicyLexer.tokens(of: source)
        var parser = PolicyParser(source: source, numbers: numbers, tokens: tokens)
        guard !tokens.isEmpty else { throw PolicyRemark(source, 0..<0, "the policy is empty") }
        let syntax = try parser.disjunction(nesting: 0)
        guard parser.position == tokens.count else { throw parser.unexpected(.operatorOrEnd) }
        return Result(syntax: syntax, unusualThresholds: parser.unusualThresholds)
    }

    private init(source: PolicySource, numbers: Numbers, tokens: [PlacedToken]) {
        self.source = source
        self.numbers = numbers
        self.tokens = tokens
    }

    private var next: PlacedToken? { self.position < self.tokens.count ? self.tokens[self.position] : nil }

    /// Takes the next token if it is this one.
    private mutating func skip(_ token: PolicyToken) -> Bool {
        guard self.next?.token == token else { return false }
        self.position += 1
        return true
    }

    private func unexpected(_ expected: Expectation) -> PolicyRemark {
        let previous = self.position > 0 ? self.tokens[self.position - 1] : nil
        let follower = self.position + 1 < self.tokens.count ? self.tokens[self.position + 1] : nil
        return UnexpectedToken(source: self.source, previous: previous, found: self.next, follower: follower)
            .mistake(expected)
    }

    private mutating func disjunction(nesting: Int) throws(PolicyRemark) -> PolicySyntax {
        guard nesting <= Self.nestingMax else {
            let place = self.tokens[self.position - 1].range
            throw PolicyRemark(self.source, place, "more than \(Self.nestingMax) nested parentheses")
        }
        var operands = [try self.conjunction(nesting: nesting)]
        while self.skip(.or) { operands.append(try self.conjunction(nesting: nesting)) }
        return Self.gate(threshold: 1, operands)
    }

    private mutating func conjunction(nesting: Int) throws(PolicyRemark) -> PolicySyntax {
        var operands = [try self.primary(nesting: nesting)]
        while self.skip(.and) { operands.append(try self.primary(nesting: nesting)) }
        return Self.gate(threshold: operands.count, operands)
    }

    private mutating func primary(nesting: Int) throws(PolicyRemark) -> PolicySyntax {
        guard let first = self.next else { throw self.unexpected(.operand) }
        switch first.token {
        case .open:
            self.position += 1
            let inner = try self.disjunction(nesting: nesting + 1)
            guard self.skip(.close) else { throw self.unexpected(.closing(first.range.lowerBound)) }
            return inner
        case .attribute(let text):
            self.position += 1
            return PolicySyntax(form: .attribute(text), range: first.range)
        case .word(let word): return try self.wordAndMore(first, word, nesting: nesting)
        default: throw self.unexpected(.operand)
        }
    }

    private mutating func wordAndMore(
        _ first: PlacedToken,
        _ word: String,
        nesting: Int
    ) throws(PolicyRemark) -> PolicySyntax {
        let second = self.position + 1 < self.tokens.count ? self.tokens[self.position + 1].token : nil
        if second == .of {
            self.position += 2
            return try self.thresholdGate(first, word, nesting: nesting)
        }
        guard case .comparison(let comparison) = second else { throw self.unexpected(.operand) }
        self.position += 2
        return try self.bound(of: word, comparison, from: first.range.lowerBound)
    }

    private mutating func thresholdGate(
        _ first: PlacedToken,
        _ word: String,
        nesting: Int
    ) throws(PolicyRemark) -> PolicySyntax {
        guard let threshold = PolicyWord.number(word.utf8, digitsMax: 3), threshold > 0 else {
            let message = "`\(self.source.quotation(first.range))` is no number from 1 to 999 without leading zeros"
            throw PolicyRemark(self.source, first.range, message, hint: "`2 of (...)` means two of the branches")
        }
        let opening = self.next?.range.lowerBound ?? 0
        guard self.skip(.open) else { throw self.unexpected(.opening) }
        var children = [try self.disjunction(nesting: nesting + 1)]
        while self.skip(.comma) { children.append(try self.disjunction(nesting: nesting + 1)) }
        guard self.skip(.close) else { throw self.unexpected(.commaOrClosing(opening)) }
        guard threshold <= children.count else {
            let branches = children.count == 1 ? "1 branch" : "\(children.count) branches"
            throw PolicyRemark(self.source, first.range, "\(threshold) of \(branches) can never hold")
        }
        let range = first.range.lowerBound..<self.tokens[self.position - 1].range.upperBound
        if threshold == 1 || threshold == children.count {
            self.unusualThresholds.append((range, threshold, children.count))
        }
        return Self.gate(threshold: threshold, children, range: range)
    }

    private mutating func bound(
        of name: String,
        _ comparison: PolicyComparison,
        from start: Int
    ) throws(PolicyRemark) -> PolicySyntax {
        guard let place = self.next?.range, case .word(let word)? = self.next?.token else {
            throw self.unexpected(.number(name: name, comparison, self.numbers))
        }
        let date = self.numbers == .integersAndDates ? PolicyDate.days(word.utf8) : nil
        guard let bound = date ?? PolicyWord.number(word.utf8, digitsMax: 6).flatMap(UInt16.init(exactly:)) else {
            throw self.unexpected(.number(name: name, comparison, self.numbers))
        }
        self.position += 1
        return PolicySyntax(
            form: .comparison(name: name, comparison, bound, isDate: date != nil),
            range: start..<place.upperBound
        )
    }

    /// A gate of one child is that child.
    private static func gate(
        threshold: Int,
        _ children: [PolicySyntax],
        range: Range<Int>? = nil
    ) -> PolicySyntax {
        guard children.count > 1 else { return children[0] }
        let spanned = children[0].range.lowerBound..<children[children.count - 1].range.upperBound
        return PolicySyntax(form: .gate(threshold: threshold, children), range: range ?? spanned)
    }
}
