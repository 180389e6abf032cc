import Payloads
import Testing
import Units

@testable import Expressions

@Suite("JSONPath refuses what RFC 9535 does not allow")
struct JSONPathSyntaxTests {
    @Test(
        "malformed and ill-typed paths are refused at their place",
        arguments: [
            ("", 0), ("a", 0), (" $", 0), ("$ ", 1), ("$.", 2), ("$.a.", 4), ("$.1a", 2), ("$.-a", 2), ("$..", 3),
            ("$. a", 2), ("$[", 2), ("$[]", 2), ("$[0", 3), ("$['a'", 5), ("$['a]", 2), ("$[a]", 2), ("$[01]", 2),
            ("$[-0]", 2), ("$[-]", 3), ("$[9007199254740992]", 2), ("$[-9007199254740992]", 2), ("$[0,]", 4),
            ("$[1.0]", 3), ("$[1:2:3:4]", 7), ("$[::00]", 4), ("$[\"\\'\"]", 3), ("$['\\\"']", 3), ("$['\\x']", 3),
            ("$['\\u12']", 7), ("$['\\uD800']", 3), ("$['\\uDC00']", 3), ("$['\\uD800\\u0041']", 3),
            ("$['\u{1}']", 3), ("$[?]", 3), ("$[?@.a==]", 8), ("$[?1]", 3), ("$[?'a']", 3), ("$[?true]", 3),
            ("$[?@..a==1]", 3), ("$[?@.*<2]", 3), ("$[?1==@[*]]", 6), ("$[?(@.a)==1]", 8), ("$[?!@.a==1]", 7),
            ("$[?@.a&&]", 8), ("$[?@.a||]", 8), ("$[?@.a=1]", 6), ("$[?@.a==01]", 8), ("$[?@.a==1.]", 9),
            ("$[?@.a==+1]", 8), ("$[?@.a==True]", 8), ("$[?nosuch(@.a)]", 3), ("$[?length (@.a)==1]", 3),
            ("$[?length(@.a)]", 3), ("$[?count(1)==1]", 9), ("$[?count(@.a)]", 3), ("$[?length(@.*)==1]", 10),
            ("$[?length()==1]", 10), ("$[?length(@.a,@.b)==1]", 13), ("$[?match(@.a)==1]", 12),
            ("$[?match(@.a,'a')==true]", 3), ("$[?match(@.*,'a')]", 9), ("$[?value(1)==1]", 9), ("$[?(@.a]", 7),
            ("$[?@.a === 1]", 9), ("$[?@.a==1e400000]", 8),
        ]
    )
    func refused(path: String, position: Int) {
        let error = parsingError { () throws(ExpressionError) in try JSONPath(path) }
        #expect(error?.position == position, "\(path): \(String(describing: error))")
    }

    @Test("the description says what was expected and where") func description() {
        let error = parsingError { () throws(ExpressionError) in try JSONPath("$.a[0") }
        #expect(error?.description == "expected ] or , after a selector at column 6")
    }

    @Test("blanks are allowed where the grammar has them") func blanks() throws {
        let path = "$\n.a\t[ 0 , 'b' , 1 : 2 : 1 , ? ( @.x == 1 && ! @.y || count( @.* ) > 2 ) ]"
        #expect(try JSONPath(path).description == path)
    }

    @Test("length and nesting are bounded") func bounds() {
        let long = "$" + String(repeating: ".a", count: 2_048)
        #expect(parsingError { () throws(ExpressionError) in try JSONPath(long) } != nil)
        for depth in [8, 9] {
            let filters = "$" + String(repeating: "[?@", count: depth) + String(repeating: "]", count: depth)
            #expect((parsingError { () throws(ExpressionError) in try JSONPath(filters) } == nil) == (depth == 8))
        }
        let parentheses =
            "$[?" + String(repeating: "(", count: 1_000) + "@" + String(repeating: ")", count: 1_000) + "]"
        #expect(parsingError { () throws(ExpressionError) in try JSONPath(parentheses) } != nil)
        let calls = "$[?" + String(repeating: "length(", count: 500) + "1" + String(repeating: ")", count: 500) + "==1]"
        #expect(parsingError { () throws(ExpressionError) in try JSONPath(calls) } != nil)
    }
}

@Suite("JSONPath work is bounded")
struct JSONPathBoundsTests {
    static let wide = "[" + Array(repeating: "[1,2,3,4,5,6,7,8]", count: 9_000).joined(separator: ",") + "]"

    @Test("a path that selects too many nodes is given up") func tooManyResults() throws {
        let tree = try tree(Self.wide)
        #expect(throws: JSONPath.Limit.tooManyResults) { try JSONPath("$[*][*]").select(in: tree) }
        #expect(try JSONPath("$[*]").select(in: tree).count == 9_000)
        #expect(try JSONPath("$[*][*]").first(in: tree) != nil)
    }

    @Test(
        "a path that visits too many nodes is given up",
        arguments: [
            "$[?count($..*) == 1]", "$[?$ != $]", "$[*][?count($[*]) < 0]", "$[?search('b', 'a') || $..[?@ == 9]]",
        ]
    )
    func tooMuchWork(path: String) throws {
        let tree = try tree(Self.wide)
        #expect(throws: JSONPath.Limit.tooMuchWork) { try JSONPath(path).select(in: tree) }
    }

    @Test("deep documents and many descendant segments end") func deep() throws {
        let depth = PayloadTree.depthMax
        let document = String(repeating: "[", count: depth) + "1" + String(repeating: "]", count: depth)
        let tree = try tree(document)
        #expect(try JSONPath("$..*").select(in: tree).count == depth)
        #expect(throws: JSONPath.Limit.self) {
            try JSONPath("$" + String(repeating: "..*", count: 40)).select(in: tree)
        }
    }

    @Test("an expression shares one budget among its paths and becomes absent") func expressionBudget() throws {
        let tree = try tree(Self.wide)
        let sum = Array(repeating: "count($..*)", count: 30).joined(separator: " + ")
        #expect(try Expression("count($[*])").evaluate(EvaluationScope(tree: tree)) == .number(ExactDecimal(9_000)))
        #expect(try Expression(sum).evaluate(EvaluationScope(tree: tree)) == .absent)
    }
}
