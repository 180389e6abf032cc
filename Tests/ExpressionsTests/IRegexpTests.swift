import Testing

@testable import Expressions

@Suite("I-Regexp (RFC 9485)")
struct IRegexpTests {
    private func compiled(_ pattern: String) -> IRegexp? { IRegexp(Array(pattern.utf8)[...]) }

    @Test(
        "match takes the whole text and search a part",
        arguments: [
            ("abc", "abc", true, true), ("b", "abc", false, true), ("", "", true, true), ("", "a", false, true),
            ("a|bc", "bc", true, true), ("a|b|c|d|e", "d", true, true), ("(a|b)*c", "abbac", true, true),
            ("a?b", "b", true, true), ("a+", "", false, false), ("a{2}", "aa", true, true),
            ("a{2}", "aaa", false, true), ("a{2,3}", "aaaa", false, true), ("a{2,}", "aaaaa", true, true),
            ("a{0}", "", true, true), ("(a{0,2}){2}", "aaaa", true, true), (".", "\n", false, false),
            (".", "\u{1D11E}", true, true), ("[a-c]x", "bx", true, true), ("[^a-c]", "b", false, false),
            ("[^a-c]", "ü", true, true), ("[-a]", "-", true, true), ("[a-]", "-", true, true),
            ("[.]", "a", false, false),
            (#"\."#, ".", true, true), (#"\."#, "a", false, false), (#"\\n"#, #"\n"#, true, true),
            (#"\n"#, "\n", true, true), (#"[\]\-]+"#, "]-", true, true), (#"\p{Lu}"#, "Ä", true, true),
            (#"\p{Lu}"#, "ä", false, false), (#"\p{L}+"#, "aÄ", true, true), (#"\P{Nd}"#, "7", false, false),
            (#"[\p{Nd}a]+"#, "7a٣", true, true), (#"[^\P{L}]"#, "x", true, true), ("^b", "ab", false, false),
            ("a$", "ba", false, true), ("^a$", "a", true, true), ("(^a|b)c", "bc", true, true),
            ("[0-9]{3}-[0-9]{4}", "555-1234", true, true), ("a&&b", "a&&b", true, true),
        ]
    )
    func matches(pattern: String, text: String, whole: Bool, part: Bool) throws {
        let expression = try #require(self.compiled(pattern))
        #expect(expression.matches(Array(text.utf8)[...], isWhole: true) == whole)
        #expect(expression.matches(Array(text.utf8)[...], isWhole: false) == part)
    }

    @Test(
        "what RFC 9485 does not allow is refused",
        arguments: [
            "[", "]", "(", ")", "*", "a**", "a{", "a{x}", "a{2,1}", "a{,2}", "{2}", "[]", "[^]", "[b-a]", "[a-b-c]",
            "[a--]", #"\d"#, #"\w"#, #"\"#, #"\p{Xx}"#, #"\p{L"#, #"\p"#, #"\pL"#, "(?:a)", "a|*", #"[\d]"#,
            "a{1001}", "(a{1000}){1000}", "(((){1000}){1000}){1000}", String(repeating: "(", count: 500),
            String(repeating: "a", count: 1_025),
        ]
    )
    func refused(pattern: String) {
        #expect(self.compiled(pattern) == nil)
    }

    @Test(
        "no pattern backtracks: hostile ones end on long texts",
        arguments: ["(a*)*b", "(a|aa)+$b", "(a|a?)+b", "(.*)(.*)(.*)(.*)b", "((a+)+)+b", "(a?){100}a{100}b"]
    )
    func hostile(pattern: String) throws {
        let expression = try #require(self.compiled(pattern))
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: 5_000)
        #expect(!expression.matches(text[...], isWhole: true))
        #expect(!expression.matches(text[...], isWhole: false))
    }
}
