import Payloads
import Testing

@testable import Expressions

@Suite("JSONPath selects what RFC 9535 shows")
struct JSONPathExamplesTests {
    /// RFC 9535 §1.5, figure 1.
    static let bookstore = """
        {"store":{"book":[
        {"category":"reference","author":"Nigel Rees","title":"Sayings of the Century","price":8.95},
        {"category":"fiction","author":"Evelyn Waugh","title":"Sword of Honour","price":12.99},
        {"category":"fiction","author":"Herman Melville","title":"Moby Dick","isbn":"0-553-21311-3","price":8.99},
        {"category":"fiction","author":"J. R. R. Tolkien","title":"The Lord of the Rings",
        "isbn":"0-395-19395-8","price":22.99}],
        "bicycle":{"color":"red","price":399}}}
        """

    /// RFC 9535 §1.5, table 2, reduced to what identifies the results.
    @Test(
        "the bookstore examples",
        arguments: [
            (
                "$.store.book[*].author",
                ["\"Nigel Rees\"", "\"Evelyn Waugh\"", "\"Herman Melville\"", "\"J. R. R. Tolkien\""]
            ),
            ("$..author", ["\"Nigel Rees\"", "\"Evelyn Waugh\"", "\"Herman Melville\"", "\"J. R. R. Tolkien\""]),
            ("$.store..price", ["8.95", "12.99", "8.99", "22.99", "399"]),
            ("$..book[2].title", ["\"Moby Dick\""]),
            ("$..book[2].author", ["\"Herman Melville\""]),
            ("$..book[2].publisher", []),
            ("$..book[-1].title", ["\"The Lord of the Rings\""]),
            ("$..book[0,1].price", ["8.95", "12.99"]),
            ("$..book[:2].price", ["8.95", "12.99"]),
            ("$..book[?@.isbn].price", ["8.99", "22.99"]),
            ("$..book[?@.price<10].price", ["8.95", "8.99"]),
            ("$.store.bicycle.*", ["\"red\"", "399"]),
        ]
    )
    func bookstore(path: String, expected: [String]) throws {
        #expect(try JSONPath(path).results(in: Self.bookstore) == expected)
    }

    @Test("the bookstore has 27 members and elements") func everything() throws {
        #expect(try JSONPath("$..*").results(in: Self.bookstore).count == 27)
        #expect(try JSONPath("$.store.*").results(in: Self.bookstore).count == 2)
    }

    /// RFC 9535 §2.3.1 to §2.3.4 and §2.5.
    @Test(
        "names, wildcards, indices, slices and descendants",
        arguments: [
            ("$.o['j j']", #"{"o": {"j j": {"k.k": 3}}, "'": {"@": 2}}"#, [#"{"k.k":3}"#]),
            ("$.o['j j']['k.k']", #"{"o": {"j j": {"k.k": 3}}, "'": {"@": 2}}"#, ["3"]),
            (#"$["'"]["@"]"#, #"{"o": {"j j": {"k.k": 3}}, "'": {"@": 2}}"#, ["2"]),
            ("$[*]", #"{"o": {"j": 1, "k": 2}, "a": [5, 3]}"#, [#"{"j":1,"k":2}"#, "[5,3]"]),
            ("$.o[*, *]", #"{"o": {"j": 1, "k": 2}, "a": [5, 3]}"#, ["1", "2", "1", "2"]),
            ("$.a[*]", #"{"o": {"j": 1, "k": 2}, "a": [5, 3]}"#, ["5", "3"]),
            ("$[1]", #"["a","b"]"#, ["\"b\""]),
            ("$[-2]", #"["a","b"]"#, ["\"a\""]),
            ("$[2]", #"["a","b"]"#, []),
            ("$[1:3]", #"["a","b","c","d","e","f","g"]"#, ["\"b\"", "\"c\""]),
            ("$[5:]", #"["a","b","c","d","e","f","g"]"#, ["\"f\"", "\"g\""]),
            ("$[1:5:2]", #"["a","b","c","d","e","f","g"]"#, ["\"b\"", "\"d\""]),
            ("$[5:1:-2]", #"["a","b","c","d","e","f","g"]"#, ["\"f\"", "\"d\""]),
            ("$[::-1]", #"["a","b","c"]"#, ["\"c\"", "\"b\"", "\"a\""]),
            ("$[0:9:0]", #"["a","b","c"]"#, []),
            ("$[-2:]", #"["a","b","c"]"#, ["\"b\"", "\"c\""]),
            ("$[:-9007199254740991:-1]", #"["a","b"]"#, ["\"b\"", "\"a\""]),
            ("$..j", #"{"o": {"j": 1, "k": 2}, "a": [5, 3, [{"j": 4}, {"k": 6}]]}"#, ["1", "4"]),
            ("$..[0]", #"{"o": {"j": 1, "k": 2}, "a": [5, 3, [{"j": 4}, {"k": 6}]]}"#, ["5", #"{"j":4}"#]),
            ("$.a..[0, 1]", #"{"a": [5, 3, [{"j": 4}, {"k": 6}]]}"#, ["5", "3", #"{"j":4}"#, #"{"k":6}"#]),
            ("$.a[0, 0:2]", #"{"a": [5, 3]}"#, ["5", "5", "3"]),
            ("$ .a [0]", #"{"a": [5, 3]}"#, ["5"]),
            (#"$["\u263A"]"#, #"{"☺": 1}"#, ["1"]),
            (#"$['\uD834\uDD1E\'']"#, #"{"𝄞'": 1}"#, ["1"]),
            ("$.münze_1", #"{"münze_1": 1}"#, ["1"]),
            ("$", "7", ["7"]),
            ("$.a", "7", []),
        ]
    )
    func selectors(path: String, document: String, expected: [String]) throws {
        #expect(try JSONPath(path).results(in: document) == expected)
    }

    /// RFC 9535 §2.3.5.3, table 12.
    @Test(
        "filters",
        arguments: [
            ("$.a[?@.b == 'kilo']", [#"{"b":"kilo"}"#]),
            ("$.a[?(@.b == 'kilo')]", [#"{"b":"kilo"}"#]),
            ("$.a[?@>3.5]", ["5", "4", "6"]),
            ("$.a[?@.b]", [#"{"b":"j"}"#, #"{"b":"k"}"#, #"{"b":{}}"#, #"{"b":"kilo"}"#]),
            ("$[?@.*]", [JSONPathExamplesTests.filtered, #"{"p":1,"q":2,"r":3,"s":5,"t":{"u":6}}"#]),
            ("$[?@[?@.b]]", [JSONPathExamplesTests.filtered]),
            ("$.o[?@<3, ?@<3]", ["1", "2", "1", "2"]),
            ("$.a[?@<2 || @.b == \"k\"]", ["1", #"{"b":"k"}"#]),
            ("$.a[?match(@.b, \"[jk]\")]", [#"{"b":"j"}"#, #"{"b":"k"}"#]),
            ("$.a[?search(@.b, \"[jk]\")]", [#"{"b":"j"}"#, #"{"b":"k"}"#, #"{"b":"kilo"}"#]),
            ("$.o[?@>1 && @<4]", ["2", "3"]),
            ("$.o[?@.u || @.x]", [#"{"u":6}"#]),
            ("$.a[?@.b == $.x]", ["3", "5", "1", "2", "4", "6"]),
            (
                "$.a[?@ == @]",
                ["3", "5", "1", "2", "4", "6"] + ["j", "k"].map { "{\"b\":\"\($0)\"}" }
                    + [#"{"b":{}}"#, #"{"b":"kilo"}"#]
            ),
        ]
    )
    func filters(path: String, expected: [String]) throws {
        let document = """
            {"a": [3, 5, 1, 2, 4, 6, {"b": "j"}, {"b": "k"}, {"b": {}}, {"b": "kilo"}],
            "o": {"p": 1, "q": 2, "r": 3, "s": 5, "t": {"u": 6}}, "e": "f"}
            """
        #expect(try JSONPath(path).results(in: document) == expected)
    }

    static let filtered = #"[3,5,1,2,4,6,{"b":"j"},{"b":"k"},{"b":{}},{"b":"kilo"}]"#

    @Test("@ starts at the given node and $ at the root") func roots() throws {
        let tree = try tree(#"{"unit":"C","v":[{"n":"t1","v":36.5},{"n":"t2","v":37.60}]}"#)
        let second = try #require(try JSONPath("$.v[1]").first(in: tree))
        #expect(try JSONPath("@.v").first(in: tree, at: second).map { tree.json($0) } == "37.60")
        #expect(try JSONPath("$.unit").first(in: tree, at: second).map { tree.json($0) } == "\"C\"")
        #expect(try JSONPath("@[?@ == 't2']").select(in: tree, at: second).map { tree.json($0) } == ["\"t2\""])
    }

    @Test("only paths of names and indices are singular") func singular() throws {
        for path in ["$", "@", "$.a['b'][3]", "@[-1]"] { #expect(try JSONPath(path).isSingular) }
        for path in ["$..a", "$.*", "$[0:1]", "$[0,1]", "$[?@.a]"] { #expect(try !JSONPath(path).isSingular) }
    }

    @Test("the first result of any path is the first that it selects", arguments: ["$..price", "$..book[1:]", "$.x"])
    func first(path: String) throws {
        let tree = try tree(Self.bookstore)
        #expect(try JSONPath(path).first(in: tree) == JSONPath(path).select(in: tree).first)
    }

    @Test("an empty tree has no nodes") func empty() throws {
        #expect(try JSONPath("$").select(in: PayloadTree()).isEmpty)
        #expect(try JSONPath("$..*").first(in: PayloadTree()) == nil)
    }
}
