import Payloads
import Testing
import Units

@testable import Expressions

/// Writes random expressions of the whole grammar.
private struct ExpressionWriter {
    var generator: SeededGenerator

    private static let paths = [
        "$", "@", "$.a", "$.b.c", "@[0]", "$..*", "$.list[*]", "$.list[::-1]", "$..[?@.n == 'hr'].v", "@.text", "$.raw",
        "$[?length(@) > 1]", "$.missing", "$.gone", "$..[?search(@.n, '^h.')]",
    ]
    private static let constants = [
        "0", "1", "37.60", "9999999999999999999999999999999999", "1e6144", "1e-6144", "9007199254740993", "'78'", "''",
        "'ünï'", "true", "false", "null", "{bed}", "{none}", "64", "2", "0.5",
    ]
    private static let operators = ["+", "-", "*", "/", "==", "!=", "<", "<=", ">", ">=", "&&", "||"]

    mutating func expression(depth: Int) -> String {
        switch Int.random(in: 0..<(depth == 0 ? 2 : 6), using: &self.generator) {
        case 0: return Self.constants.pick(&self.generator) ?? "1"
        case 1: return Self.paths.pick(&self.generator) ?? "$"
        case 2:
            let sign = Bool.random(using: &self.generator) ? "-" : "!"
            return "\(sign)(\(self.expression(depth: depth - 1)))"
        case 3:
            return "if(\(self.arguments(3, depth: depth - 1)))"
        case 4:
            let name = Self.operators.pick(&self.generator) ?? "+"
            return "(\(self.expression(depth: depth - 1)) \(name) \(self.expression(depth: depth - 1)))"
        default:
            let function = Function.allCases.pick(&self.generator) ?? .number
            let count = Int.random(in: function.arity.clamped(to: 0...4), using: &self.generator)
            guard function.takesPath else {
                return "\(function.rawValue)(\(self.arguments(count, depth: depth - 1)))"
            }
            let rest = count > 1 ? ", \(self.arguments(count - 1, depth: depth - 1))" : ""
            return "\(function.rawValue)(\(Self.paths.pick(&self.generator) ?? "$")\(rest))"
        }
    }

    private mutating func arguments(_ count: Int, depth: Int) -> String {
        var arguments: [String] = []
        for _ in 0..<count { arguments.append(self.expression(depth: depth)) }
        return arguments.joined(separator: ", ")
    }
}

/// Builds random trees with every kind of node.
private struct TreeWriter {
    var generator: SeededGenerator
    var tree = PayloadTree()

    private static let names = ["a", "b", "c", "list", "n", "v", "text", "raw", "gone", ""]
    private static let texts = ["hr", "78", " 7 ", "", "\u{1D11E}é", "true", "a:b:c"]
    private static let numbers = ["0", "-1", "37.60", "1e6144", "-1e-6144", "255", "9223372036854775808", "1.5"]

    mutating func root() throws -> PayloadTree {
        try self.node(depth: 4, isMember: false)
        return self.tree
    }

    private mutating func node(depth: Int, isMember: Bool) throws {
        let key: PayloadTree.Span =
            isMember ? self.tree.append((Self.names.pick(&self.generator) ?? "").utf8) : .none
        switch Int.random(in: 0..<(depth == 0 ? 6 : 10), using: &self.generator) {
        case 0: try self.tree.addNull(key: key)
        case 1: try self.tree.add(Bool.random(using: &self.generator), key: key)
        case 2:
            let text = Self.numbers.pick(&self.generator) ?? "0"
            try self.tree.add(try #require(ExactDecimal(text)), key: key)
        case 3:
            let text = self.tree.append((Self.texts.pick(&self.generator) ?? "").utf8)
            try self.tree.addString(text, key: key)
        case 4:
            let count = Int.random(in: 0...9, using: &self.generator)
            var bytes: [UInt8] = []
            for _ in 0..<count { bytes.append(UInt8.random(in: 0...255, using: &self.generator)) }
            let span = self.tree.append(bytes)
            try self.tree.addBytes(span, key: key)
        case 5: try self.tree.add(PayloadTree.Absence.allCases.pick(&self.generator) ?? .error, key: key)
        default:
            let isObject = Bool.random(using: &self.generator)
            try self.tree.openContainer(isObject ? .object : .array, key: key)
            for _ in 0..<Int.random(in: 0...5, using: &self.generator) {
                try self.node(depth: depth - 1, isMember: isObject)
            }
            self.tree.closeContainer()
        }
    }
}

@Suite("Every expression has a value on every payload")
struct TotalityTests {
    @Test("random expressions over random trees", arguments: 1...60 as ClosedRange<UInt64>)
    func total(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var present = 0
        for _ in 0..<100 {
            var trees = TreeWriter(generator: SeededGenerator(seed: generator.next()))
            let tree = try trees.root()
            let nodes = try JSONPath("$..*").select(in: tree) + [.root]
            let scope = EvaluationScope(
                tree: tree,
                current: try #require(nodes.pick(&generator)),
                captureTexts: ["bed-7", ""]
            )
            var writer = ExpressionWriter(generator: SeededGenerator(seed: generator.next()))
            let text = writer.expression(depth: 4)
            let expression = try Expression(text, captures: ["bed", "none"])
            let value = expression.evaluate(scope)
            #expect(value == expression.evaluate(scope), "\(text)")
            #expect(expression.evaluateText(scope) == value.textual)
            #expect(expression.evaluateNumber(scope) == value.numeric)
            if case .text(let result) = value { #expect(result.utf8.count <= ExpressionBounds.resultTextMax) }
            if let constant = expression.constantValue { #expect(constant == value) }
            if value != .absent { present += 1 }
        }
        #expect(present > 10, "the expressions are too often absent to show anything")
    }
}

@Suite("No text crashes a parser")
struct ParserFuzzTests {
    private static let seeds = [
        "$.store.book[?@.price < 10 && match(@.t, '[a-z]{2,3}\\\\p{L}')]['a','\\u00e9',1:2:-1,*]", "$..a[-1]",
        "if({bed} == 'a', round(number($.x) / 10, 1), coalesce($.y, -1.50e2))", "u16le($.raw, 3) * 2 - bits(7, 0, 2)",
        "urn:{bed}:{$.id}-{{x}}{concat('}', \"{\")}", "ward/{ward}/bed/{bed}/+/{rest...}", "$SYS/#",
        "!(!@ || @.a<=$.b)",
    ]
    private static let pieces = [
        "$", "@", ".", "..", "[", "]", "?", "(", ")", "'", "\"", "\\", "\\u", "{", "}", "{{", "*", ",", ":", "-", "!",
        "&&",
        "||", "==", "<", "0", "9007199254740993", "1e9999", "if(", "match(", "count(", "/", "+", "#", "...", " ",
        "\u{0}",
        "é", "\u{1D11E}", "\n", "true", "{bed}",
    ]

    private static func mutated(_ generator: inout SeededGenerator) -> String {
        var text = Array((Self.seeds.pick(&generator) ?? "").unicodeScalars)
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let place = Int.random(in: 0...text.count, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: text.insert(contentsOf: (Self.pieces.pick(&generator) ?? "").unicodeScalars, at: place)
            case 1: if place < text.count { text.remove(at: place) }
            case 2: text.removeSubrange(place...)
            default:
                let end = Int.random(in: place...text.count, using: &generator)
                text.insert(contentsOf: text[place..<end], at: place)
            }
        }
        var result = ""
        result.unicodeScalars.append(contentsOf: text)
        return result
    }

    /// What parses also evaluates; what does not has a place inside the text.
    ///
    /// - Returns: 1 for a text that parses, else 0.
    private func check<Parsed>(
        _ text: String,
        _ parse: () throws(ExpressionError) -> Parsed,
        _ use: (Parsed) -> Void
    ) -> Int {
        do {
            use(try parse())
            return 1
        } catch {
            #expect(0...text.utf8.count ~= error.position, "\(text)")
            #expect(!error.reason.isEmpty)
            return 0
        }
    }

    @Test("20,000 mutated texts", arguments: 1...20 as ClosedRange<UInt64>)
    func fuzz(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let tree = try tree(ExpressionTests.payload)
        let scope = EvaluationScope(tree: tree, captureTexts: ["a"])
        var parsed = 0
        for _ in 0..<1_000 {
            let text = Self.mutated(&generator)
            parsed += self.check(text, { () throws(ExpressionError) in try JSONPath(text) }) { path in
                let nodes = try? path.select(in: tree)
                #expect(path.first(in: tree) == nodes?.first, "\(text)")
            }
            parsed += self.check(text, { () throws(ExpressionError) in try Expression(text, captures: ["bed"]) }) {
                expression in
                _ = expression.evaluate(scope)
            }
            parsed += self.check(text, { () throws(ExpressionError) in try TextTemplate(text, captures: ["bed"]) }) {
                template in
                _ = template.render(scope)
            }
            parsed += self.check(text, { () throws(ExpressionError) in try TopicTemplate(text) }) { template in
                #expect(template.overlaps(template), "\(text)")
                #expect(template.match(text) != nil && TopicRouter([(template, 0)]).route(text)?.index == 0, "\(text)")
            }
        }
        #expect(parsed > 200, "too few texts parse to show anything")
    }
}
