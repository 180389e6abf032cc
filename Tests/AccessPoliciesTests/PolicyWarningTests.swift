import AccessPolicies
import Testing

@Suite struct PolicyWarningTests {
    @Test(arguments: [
        "role:doctor", "role:doctor and age >= 18", "a:b or (a:b2 and c:d)", "2 of (a:b, c:d, e:f)",
        "age >= 18 and age <= 65", "age < 18 or age > 65", "a:1 and a:2", "until >= 2026-11-21 or a:b",
    ])
    func ordinaryPoliciesHaveNoWarnings(_ source: String) throws {
        #expect(try WrittenPolicy(source).warnings.map(\.message) == [])
    }

    @Test(arguments: [
        ("1 of (a:b, c:d)", 1, "1 of 2 branches is `or`"),
        ("x:y or 2 of (a:b, c:d)", 8, "all of 2 branches are `and`"),
        ("1 of (a:b)", 1, "`1 of` a single branch is that branch"),
        ("a:b or c:d or a:b", 15, "this branch is there already"),
        ("2 of (a:b, a:b, c:d)", 12, "this branch is there already"),
        ("(a:b and c:d) or (a:b and c:d)", 19, "this branch is there already"),
        ("a:b or a:b and c:d", 8, "this `and` changes nothing: one of its branches stands beside it"),
        ("a:b and (c:d or a:b)", 10, "this `or` changes nothing: one of its branches stands beside it"),
        ("age >= 18 and a:b and age < 18", 23, "no `age` satisfies this and what stands before it"),
        ("age = 5 and (a:b and age = 6)", 22, "no `age` satisfies this and what stands before it"),
        ("age >= 18 or a:b or age < 18", 21, "every `age` satisfies this or what stands before it"),
        ("age <= 17 or (a:b or age >= 18)", 22, "every `age` satisfies this or what stands before it"),
        ("age >= 18 and age >= 21", 1, "this changes nothing beside `age >= 21`"),
        ("age >= 18 or age >= 21", 14, "this changes nothing beside `age >= 18`"),
        ("age > 20 and age >= 21", 0, ""),
        ("role:a or Role:b", 11, "`Role` and `role` are different names"),
        ("age:18 or age >= 18", 11, "`age` is a number in one place and a text in another"),
        ("a:b and perm:0123456789abcdef", 9, "`perm:` attributes stand for permissions, one for each scope and epoch"),
    ])
    func oddPoliciesAreToldWhere(_ source: String, _ column: Int, _ message: String) throws {
        let warnings = try WrittenPolicy(source).warnings
        #expect(warnings.map(\.message) == (message.isEmpty ? [] : [message]))
        #expect(warnings.map(\.column) == (message.isEmpty ? [] : [column]))
    }

    @Test func sizesNearTheirBoundsAreTold() throws {
        func chain(_ count: Int) -> String { (0..<count).map { "a:\($0)" }.joined(separator: " or ") }
        #expect(try WrittenPolicy(chain(204)).warnings.isEmpty)
        #expect(try WrittenPolicy(chain(205)).warnings.map(\.message) == ["205 of 256 leaves"])
        #expect(try WrittenPolicy(chain(255)).warnings.map(\.message) == ["255 of 256 leaves"])
        let tooLarge = "the policy is too large to seal an index key"
        #expect(try WrittenPolicy(chain(256)).warnings.map(\.message) == [tooLarge])
        let deep = (1...16).reduce("a:0") { "(\($0) \($1.isMultiple(of: 2) ? "and" : "or") a:\($1))" }
        #expect(try WrittenPolicy(deep).warnings.map(\.message) == [tooLarge])
    }
}
