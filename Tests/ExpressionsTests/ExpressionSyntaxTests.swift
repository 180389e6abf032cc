import Testing
import Units

@testable import Expressions

@Suite("Expressions are refused with place and reason")
struct ExpressionSyntaxTests {
    @Test(
        "malformed expressions",
        arguments: [
            ("", "expected a value at column 1"),
            ("1 +", "expected a value at column 4"),
            ("1 2", "expected an operator or the end at column 3"),
            ("(1", "expected ) after the expression in parentheses at column 3"),
            ("if(1, 2", "expected ) after the arguments of if at column 8"),
            ("if(1, 2)", "if takes 3 arguments, not 2 at column 1"),
            ("2 * trim()", "trim takes 1 arguments, not 0 at column 5"),
            ("round(1, 2, 3)", "round takes 1 to 2 arguments, not 3 at column 1"),
            ("foo(1)", "unknown function foo at column 1"),
            ("hr > 1", "unknown word hr; a path starts with $ or @, a text has quotes at column 1"),
            ("1 < 2 < 3", "comparisons do not chain; join them with && at column 8"),
            ("1 = 2", "expected an operator or the end at column 3"),
            ("'abc", "the quoted text has no end at column 1"),
            ("'\\q'", "unknown escape at column 2"),
            ("01", "not a number of at most 34 digits at column 1"),
            ("$.a[", "expected a selector at column 5"),
            ("count(1)", "the first argument of count is a path at column 1"),
            ("{bett}", "unknown capture bett; the topic captures bed, ward at column 2"),
            ("{bed", "expected } after the name of the capture at column 5"),
            ("1 & 2", "expected an operator or the end at column 3"),
            ("+1", "expected a value at column 1"),
            ("ü", "expected a value at column 1"),
        ]
    )
    func refused(text: String, reason: String) {
        let error = parsingError { () throws(ExpressionError) in try Expression(text, captures: ["bed", "ward"]) }
        #expect(error?.description == reason)
    }

    @Test("a template without captures is said to have none") func noCaptures() {
        let error = parsingError { () throws(ExpressionError) in try Expression("{bed}") }
        #expect(error?.description == "unknown capture bed; the topic has no captures at column 2")
    }

    @Test("nesting and length are bounded", arguments: ["(", "-", "!", "abs(", "if(true,1,"])
    func nesting(opening: String) {
        let deep = String(repeating: opening, count: 300) + "1" + String(repeating: ")", count: 300)
        let error = parsingError { () throws(ExpressionError) in try Expression(deep) }
        #expect(error?.reason == "nesting is deeper than 32 levels")
        let long = Array(repeating: "1", count: 3_000).joined(separator: "+")
        #expect(parsingError { () throws(ExpressionError) in try Expression(long) }?.position == 4_096)
    }

    @Test("long chains are allowed") func chains() throws {
        let sum = Array(repeating: "1", count: 2_000).joined(separator: "+")
        #expect(try Expression(sum).constantValue == .number(ExactDecimal(2_000)))
    }

    @Test("every function can be called with an allowed number of arguments", arguments: Function.allCases)
    func functions(function: Function) throws {
        for count in [function.arity.lowerBound, function.arity.upperBound] {
            let arguments = Array(repeating: "$.a", count: count).joined(separator: ", ")
            _ = try Expression("\(function.rawValue)(\(arguments))")
        }
        let tooMany = Array(repeating: "$.a", count: function.arity.upperBound + 1).joined(separator: ", ")
        #expect(
            parsingError { () throws(ExpressionError) in try Expression("\(function.rawValue)(\(tooMany))") } != nil
        )
    }
}

@Suite("Text templates fill in captures and expressions")
struct TextTemplateTests {
    private func rendered(_ text: String) throws -> String? {
        let tree = try tree(#"{"id":"A7","n":37.60,"null":null,"a":{"}":1}}"#)
        let scope = EvaluationScope(tree: tree, captureTexts: ["icu", "0042", ""])
        return try TextTemplate(text, captures: ["ward", "serial-no", "none"]).render(scope)
    }

    @Test(
        "templates",
        arguments: [
            ("{serial-no}", "0042"), ("urn:dev:{$.id}-{ward}", "urn:dev:A7-icu"), ("plain", "plain"), ("", ""),
            ("{{{ward}}}", "{icu}"), ("a}}b{{", "a}b{"), ("{ $.n * 10 }", "376.00"), ("{lower($.id)}", "a7"),
            ("{concat({ward}, '}')}", "icu}"), ("{$.a['}']}", "1"), ("{upper({ward})}/{ward}", "ICU/icu"),
            ("{$.missing}", nil), ("x{$.missing}", nil), ("x{$.null}", nil), ("{none}", nil), ("a-{none}", nil),
            ("{$.a}", nil),
        ] as [(String, String?)]
    )
    func templates(text: String, expected: String?) throws {
        #expect(try self.rendered(text) == expected)
    }

    @Test(
        "malformed templates",
        arguments: [
            ("a}", "a } that closes nothing; write }} for the character at column 2"),
            ("{", "expected a value at column 2"), ("{}", "expected a value at column 2"),
            ("{bed}", "unknown capture bed; the topic captures ward at column 2"),
            ("{$.a", "expected } after the expression at column 5"),
            ("{1 +}", "expected a value at column 5"),
        ]
    )
    func refused(text: String, reason: String) {
        let error = parsingError { () throws(ExpressionError) in try TextTemplate(text, captures: ["ward"]) }
        #expect(error?.description == reason)
    }

    @Test("a template without places is constant") func constants() throws {
        #expect(try TextTemplate("mm[Hg]").constantText == "mm[Hg]")
        #expect(try TextTemplate("{1 + 1}").constantText == "2")
        #expect(try TextTemplate("{$.a}").constantText == nil)
    }
}
