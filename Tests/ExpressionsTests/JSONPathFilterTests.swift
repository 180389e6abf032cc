import Payloads
import Testing
import Units

@testable import Expressions

@Suite("JSONPath filters compare and call as RFC 9535 says")
struct JSONPathFilterTests {
    /// RFC 9535 §2.3.5.3, table 11: a comparison decides whether the whole document is selected.
    @Test(
        "the table of comparisons",
        arguments: [
            ("$.absent1 == $.absent2", true),
            ("$.absent1 <= $.absent2", true),
            ("$.absent == 'g'", false),
            ("$.absent1 != $.absent2", false),
            ("$.absent != 'g'", true),
            ("1 <= 2", true),
            ("1 > 2", false),
            ("13 == '13'", false),
            ("'a' <= 'b'", true),
            ("'a' > 'b'", false),
            ("$.obj == $.arr", false),
            ("$.obj != $.arr", true),
            ("$.obj == $.obj", true),
            ("$.obj != $.obj", false),
            ("$.arr == $.arr", true),
            ("$.arr != $.arr", false),
            ("$.obj == 17", false),
            ("$.obj != 17", true),
            ("$.obj <= $.arr", false),
            ("$.obj < $.arr", false),
            ("$.obj <= $.obj", true),
            ("$.arr <= $.arr", true),
            ("1 <= $.arr", false),
            ("1 >= $.arr", false),
            ("1 > $.arr", false),
            ("1 < $.arr", false),
            ("true <= true", true),
            ("true > true", false),
            ("null == null", true),
            ("null == $.absent", false),
            ("1e2 == 100.0", true),
            ("-0 == 0", true),
            ("'\u{E4}' > 'z'", true),
        ]
    )
    func comparisons(comparison: String, expected: Bool) throws {
        let document = #"[{"obj": {"x": "y"}, "arr": [2, 3]}]"#
        let inner = comparison.replacing("$", by: "@")
        #expect(try JSONPath("$[?\(inner)]").results(in: document).count == (expected ? 1 : 0))
    }

    @Test("objects are equal in any order of members, arrays only in the same") func deepEquality() throws {
        let document = """
            [{"l": {"a": 1, "b": [1, 2]}, "r": {"b": [1.0, 2], "a": 1}}, {"l": {"a": 1}, "r": {"b": 1}},
            {"l": [1, 2], "r": [2, 1]}, {"l": {"a": {}}, "r": {"a": []}}, {"l": [[]], "r": [[]]}]
            """
        #expect(try JSONPath("$[?@.l == @.r]").results(in: document).count == 2)
    }

    /// RFC 9535 §2.4.4 to §2.4.8.
    @Test(
        "functions",
        arguments: [
            ("length(@.t) == 3", true),
            ("length(@.a) == 2", true),
            ("length(@.o) == 1", true),
            ("length(@.n) == 1", false),
            ("length(@.missing) == length(@.n)", true),
            ("count(@.*) == 4", true),
            ("count(@..*) == 7", true),
            ("count(@.missing) == 0", true),
            ("value(@..x) == 5", true),
            ("value(@.*) == 5", false),
            ("match(@.t, 'a.*')", true),
            ("match(@.t, '.b')", false),
            ("search(@.t, '.b')", true),
            ("search(@.t, '[$]')", false),
            ("match(@.n, '1')", false),
            ("match(@.t, 7)", false),
            ("match(@.t, '[')", false),
            ("search(@.t, @.t)", true),
            ("!match(@.t, 'x')", true),
            ("!(@.n == 1 && @.missing)", true),
        ]
    )
    func functions(condition: String, expected: Bool) throws {
        let document = #"[{"t": "ab\#u{1D11E}", "a": [1, 2], "o": {"x": 5}, "n": 1}]"#
        #expect(try JSONPath("$[?\(condition)]").results(in: document).count == (expected ? 1 : 0))
    }

    @Test("a number that the device declared unavailable exists and equals only its like") func unavailable() throws {
        var tree = PayloadTree()
        try tree.openContainer(.array)
        try tree.add(.notANumber)
        try tree.add(.notANumber)
        try tree.add(.error)
        try tree.addNull()
        tree.closeContainer()
        #expect(try JSONPath("$[?@ == $[0]]").select(in: tree).count == 2)
        #expect(try JSONPath("$[?@ == null]").select(in: tree).count == 1)
        #expect(try JSONPath("$[?@ < 5 || @ >= 5]").select(in: tree).isEmpty)
    }
}

extension String {
    /// The text with every occurrence of a character replaced.
    func replacing(_ character: Character, by text: String) -> String {
        self.map { $0 == character ? text : String($0) }.joined()
    }
}
