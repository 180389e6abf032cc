import AccessPolicies
import CanonicalBytes
import Testing

/// Mistakes that people make, where they are told, and what they are told to write instead.
@Suite struct PolicyRemarkTests {
    struct Mistake: Sendable, CustomTestStringConvertible {
        let source: String
        let line: Int
        let column: Int
        let message: String
        let hint: String?

        init(_ source: String, _ column: Int, _ message: String, _ hint: String? = nil, line: Int = 1) {
            self.source = source
            self.line = line
            self.column = column
            self.message = message
            self.hint = hint
        }

        var testDescription: String { self.source }
    }

    private static let condition = "expected a condition (`name:value`, `name >= 18`, `(...)` or `2 of (...)`)"
    private static let more = "expected `and`, `or` or the end of the policy"
    private static let number = "expected a number from 0 to 65535 or a date such as 2026-11-21"
    private static let characters = "names and values consist of letters a to z and A to Z, digits, `_`, `.` and `-`"
    private static let colon = "an attribute is written `name:value`, without spaces"
    private static let negation = "a policy cannot negate; name the attributes that may read"
    private static let exclusion = "a policy cannot exclude a number; name the ranges below and above it"
    private static let between = "`and` or `or` is missing between two conditions"

    static let mistakes: [Mistake] = [
        Mistake("", 1, "the policy is empty"),
        Mistake("  \n ", 1, "the policy is empty"),
        Mistake("a:b AND c:d", 5, "\(more), found `AND`", "operators are in lower case: `and`"),
        Mistake("a:b Or c:d", 5, "\(more), found `Or`", "operators are in lower case: `or`"),
        Mistake("a:b && c:d", 5, "`&&` is no part of a policy", "write `and`"),
        Mistake("a:b & c:d", 5, "`&` is no part of a policy", "write `and`"),
        Mistake("a:b || c:d", 5, "`||` is no part of a policy", "write `or`"),
        Mistake("a:b|c:d", 4, "`|` is no part of a policy", "write `or`"),
        Mistake("not a:b", 1, "\(condition), found `not`", negation),
        Mistake("a:b and NOT c:d", 9, "\(condition), found `NOT`", negation),
        Mistake("!a:b", 1, "`!` is no part of a policy", negation),
        Mistake("age != 5", 5, "`!=` is no part of a policy", exclusion),
        Mistake("age <> 5", 6, "\(number), found `>`", exclusion),
        Mistake("age == 5", 6, "\(number), found `=`", "equality is written `=`"),
        Mistake("age => 5", 6, "\(number), found `>`", "write `>=`"),
        Mistake("age =< 5", 6, "\(number), found `<`", "write `<=`"),
        Mistake("age > = 5", 7, "\(number), found `=`", "write `>=` without a space"),
        Mistake("age \u{2265} 5", 5, "`\u{2265}` is no part of a policy", "write `>=`"),
        Mistake("age >= 65536", 8, "\(number), found `65536`", "numbers end at 65535"),
        Mistake("age >= 1000000", 8, "\(number), found `1000000`", "numbers end at 65535"),
        Mistake("age >= 018", 8, "\(number), found `018`", "numbers have no leading zeros"),
        Mistake("age >= -5", 8, "\(number), found `-5`", "there are no negative numbers"),
        Mistake("age >= 1.5", 8, "\(number), found `1.5`", "only whole numbers are compared"),
        Mistake("age >=", 7, "\(number), but the policy ends"),
        Mistake("age >= and a:b", 8, "\(number), found `and`", nil),
        Mistake("18 <= age", 7, "\(number), found `age`", "the name comes first: `age >= 18`"),
        Mistake("role = doctor", 8, "\(number), found `doctor`", "an attribute with a text is written `role:doctor`"),
        Mistake("until >= 2026-02-30", 10, "\(number), found `2026-02-30`", "no date from \(PolicyDate.range)"),
        Mistake("until >= 2149-06-07", 10, "\(number), found `2149-06-07`", "no date from \(PolicyDate.range)"),
        Mistake("until >= 2026-11-21T12:30", 10, "\(number), found `2026-11-21T12:30`", "a date has no time of day"),
        Mistake(
            "age >= 0",
            1,
            "all numbers satisfy this comparison",
            "it says no more than that `age` is a number, which nothing can prove"
        ),
        Mistake(
            "a:b or age <= 65535",
            8,
            "all numbers satisfy this comparison",
            "it says no more than that `age` is a number, which nothing can prove"
        ),
        Mistake("age < 0", 1, "no number satisfies this comparison"),
        Mistake("a:b and (c:d or age > 65535)", 17, "no number satisfies this comparison"),
        Mistake("role: doctor", 5, "a value is missing behind the colon", colon),
        Mistake("role :doctor", 6, "a name is missing before the colon", colon),
        Mistake("a:b:c", 4, "a second colon is no part of `name:value`", colon),
        Mistake("role:\"doctor\"", 5, "a value is missing behind the colon", colon),
        Mistake("'a:b'", 1, "`'` is no part of a policy", "names and values have no quotation marks"),
        Mistake("role:m\u{E9}decin", 7, "`\u{E9}` is no part of a policy", characters),
        Mistake("\u{E9}\u{E8}:b", 1, "`\u{E9}` is no part of a policy", characters),
        Mistake("a:b\u{A0}and c:d", 4, "`?` is no part of a policy", characters),
        Mistake("a:b\u{B}", 4, "a control character (code 11) is no part of a policy"),
        Mistake("[a:b]", 1, "`[` is no part of a policy", "write `(`"),
        Mistake(
            "a:b; c:d",
            4,
            "`;` is no part of a policy",
            "conditions are joined by `and` or `or`, branches of `k of (...)` by commas"
        ),
        Mistake("a:b, c:d", 4, "\(more), found `,`", "commas stand only between the branches of `k of (...)`"),
        Mistake("a:b c:d", 5, "\(more), found `c:d`", between),
        Mistake("a:b (c:d)", 5, "\(more), found `(`", between),
        Mistake("a:b doctor", 5, "\(more), found `doctor`", between),
        Mistake("a:b >= 5", 5, "\(more), found `>=`", "only a name is compared with a number: `age >= 18`"),
        Mistake("a:b)", 4, "\(more), found `)`", "this parenthesis closes none"),
        Mistake(
            "doctor",
            1,
            "\(condition), found `doctor`",
            "a name alone says nothing: `doctor:value` or `doctor >= 18`"
        ),
        Mistake("a:b and", 8, "\(condition), but the policy ends"),
        Mistake("a:b and  \n", 8, "\(condition), but the policy ends"),
        Mistake("and a:b", 1, "\(condition), found `and`", "a policy begins with a condition"),
        Mistake("a:b and or c:d", 9, "\(condition), found `or`", "a condition is missing here"),
        Mistake(">= 5", 1, "\(condition), found `>=`", "a name comes first: `age >= 18`"),
        Mistake("()", 2, "\(condition), found `)`", "the parentheses have nothing in them"),
        Mistake(
            "(a:b and c:d",
            13,
            "expected `and`, `or` or `)`, but the policy ends",
            "the parenthesis of line 1, column 1 is not closed"
        ),
        Mistake(
            "(a:b, c:d)",
            5,
            "expected `and`, `or` or `)`, found `,`",
            "commas stand only between the branches of `k of (...)`"
        ),
        Mistake(
            "2 of (a:b, c:d",
            15,
            "expected `and`, `or`, `,` or `)`, but the policy ends",
            "the parenthesis of line 1, column 6 is not closed"
        ),
        Mistake(
            "2 of (a:b; c:d)",
            10,
            "`;` is no part of a policy",
            "conditions are joined by `and` or `or`, branches of `k of (...)` by commas"
        ),
        Mistake("2 of (a:b c:d)", 11, "expected `and`, `or`, `,` or `)`, found `c:d`", between),
        Mistake("2 of (a:b,, c:d)", 11, "\(condition), found `,`", "a branch is missing before the comma"),
        Mistake(
            "2 of a:b, c:d",
            6,
            "expected `(` after `of`, found `a:b`",
            "the branches stand in parentheses: `2 of (a:b, c:d, e:f)`"
        ),
        Mistake("2 (a:b, c:d)", 1, "\(condition), found `2`", "`of` is missing: `2 of (...)`"),
        Mistake("2 OF (a:b, c:d)", 1, "\(condition), found `2`", "write `of` in lower case"),
        Mistake("of (a:b, c:d)", 1, "\(condition), found `of`", "the number of branches comes first: `2 of (...)`"),
        Mistake("3 of (a:b, c:d)", 1, "3 of 2 branches can never hold"),
        Mistake("a:b or 2 of (c:d)", 8, "2 of 1 branch can never hold"),
        Mistake(
            "0 of (a:b)",
            1,
            "`0` is no number from 1 to 999 without leading zeros",
            "`2 of (...)` means two of the branches"
        ),
        Mistake(
            "two of (a:b, c:d)",
            1,
            "`two` is no number from 1 to 999 without leading zeros",
            "`2 of (...)` means two of the branches"
        ),
        Mistake(
            "a:b and\n  (c:d or\n\te:f AND g:h)",
            6,
            "expected `and`, `or` or `)`, found `AND`",
            "operators are in lower case: `and`",
            line: 3
        ),
        Mistake("a:b and\r\nage >= x", 8, "\(number), found `x`", nil, line: 2),
    ]

    @Test(arguments: mistakes)
    func aMistakeIsToldWithItsPlaceAndItsRemedy(_ mistake: Mistake) throws {
        let remark = try #require(throws: PolicyRemark.self) { try WrittenPolicy(mistake.source) }
        #expect(remark.line == mistake.line)
        #expect(remark.column == mistake.column)
        #expect(remark.message == mistake.message)
        #expect(remark.hint == mistake.hint)
        // The strict reading refuses it at the same place.
        let failure = try #require(throws: ProtocolFailure.self) { try AccessPolicy(mistake.source) }
        #expect(failure.code == .policy)
        #expect(failure.detail.hasPrefix("line \(mistake.line), column \(mistake.column): "))
    }

    @Test func boundsAreToldWhereTheyAreExceeded() throws {
        let deep = (1...17).reduce("a:0") { "(\($0) \($1.isMultiple(of: 2) ? "and" : "or") a:\($1))" }
        let tooDeep = try #require(throws: PolicyRemark.self) { try WrittenPolicy(deep) }
        #expect(tooDeep.message == "the policy is deeper than 16" && tooDeep.column == 18)
        let nested = String(repeating: "(", count: 65) + "a:b" + String(repeating: ")", count: 65)
        let tooNested = try #require(throws: PolicyRemark.self) { try WrittenPolicy(nested) }
        #expect(tooNested.message == "more than 64 nested parentheses" && tooNested.column == 65)
        let wide = repeatElement("x = 5", count: 16).joined(separator: " or ") + " or a:b"
        let tooWide = try #require(throws: PolicyRemark.self) { try WrittenPolicy(wide) }
        #expect(tooWide.message == "the policy has more than 256 leaves up to here")
        #expect(tooWide.column == wide.utf8.count - 2)
        let long = try #require(throws: PolicyRemark.self) {
            try WrittenPolicy("a:" + String(repeating: "b", count: 4095))
        }
        #expect(long.message == "the policy is longer than 4096 characters" && long.column == 4097)
        // As written it fits; its canonical text has two parentheses more.
        let grown = try #require(throws: PolicyRemark.self) {
            try WrittenPolicy("a:" + String(repeating: "b", count: 4086) + " or(a:b)")
        }
        #expect(grown.message == "the canonical text is longer than 4096 characters" && grown.column == 1)
    }

    @Test func caretsStandUnderTheMistake() throws {
        func excerpt(_ source: String) throws -> String {
            try #require(throws: PolicyRemark.self) { try WrittenPolicy(source) }.excerpt
        }
        #expect(try excerpt("a:b AND c:d") == "a:b AND c:d\n    ^^^")
        #expect(try excerpt("(a:b and\n\tc:d AND\n") == " c:d AND\n     ^^^")
        #expect(try excerpt("role:\u{E9}t\u{E9} and x") == "role:\u{E9}t\u{E9} and x\n    ^")
        #expect(try excerpt("a:b and") == "a:b and\n       ^")
        #expect(try excerpt("a:b \u{1B}[31m") == "a:b ?[31m\n    ^")
        let long = "a:" + String(repeating: "b", count: 150) + " AND c:d"
        let lines = try excerpt(long).split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= 100 })
        #expect(lines[0].dropFirst(lines[1].prefix { $0 == " " }.count).hasPrefix("AND"))
    }

    @Test func aQuotationIsShortAndHasNothingThatATerminalObeys() throws {
        let source = "a:b " + String(repeating: "x", count: 500)
        let remark = try #require(throws: PolicyRemark.self) { try WrittenPolicy(source) }
        #expect(remark.message.utf8.count < 150)
        let bytes: [UInt8] = Array("a:b ".utf8) + [0xFF, 0x1B, 0x9B]
        let failure = try #require(throws: ProtocolFailure.self) { try AccessPolicy(bytes: bytes) }
        #expect(failure.detail.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value < 0x7F })
    }
}
