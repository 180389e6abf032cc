import Payloads
import Testing
import Units

@testable import Expressions

@Suite("Expressions compute over payload and topic")
struct ExpressionTests {
    static let payload = """
        {"hr":78,"temp":37.60,"t10":376,"text":"78","padded":" +07.50 ","name":"Zoë","empty":"","null":null,
        "yes":true,"no":false,"one":1,"two":2,"flags":37,"neg":-2,"list":[3,1.50,2],"mixed":[1,"a",null,true],
        "obs":[{"n":"hr","v":61},{"n":"rr","v":14}],"obj":{"a":1}}
        """

    private func value(_ text: String) throws -> String {
        let tree = try tree(Self.payload)
        let expression = try Expression(text, captures: ["bed", "serial", "none"])
        let scope = EvaluationScope(tree: tree, captureTexts: ["bed-7", "SN:0042", ""])
        return expression.evaluate(scope).shown(in: tree)
    }

    @Test(
        "what reads the element of each",
        arguments: [
            ("@.v", true), ("$.v", false), ("{bed}", false), ("1", false), ("concat('20', @.t)", true),
            ("coalesce($.a, $.b)", false), ("-@.v", true), ("!@.ok", true), ("$.a + 2 * @.v", true),
            ("$.a > @.v", true), ("$.a || $.b && @.c", true), ("if($.a, $.b, @.c)", true),
            ("$.r[?@.ok == true].v", false),
        ]
    )
    func elements(text: String, expected: Bool) throws {
        #expect(try Expression(text, captures: ["bed"]).readsElement == expected)
    }

    @Test(
        "values",
        arguments: [
            ("$.hr", "78"), ("$.temp", "37.60"), ("$.missing", "absent"), ("$.null", "null"), ("$.yes", "true"),
            ("$.name", "'Zoë'"), ("$.list", "[3,1.50,2]"), ("$.obs[?@.n=='rr'].v", "14"), ("$.list[*]", "3"),
            ("{bed}", "'bed-7'"), ("{none}", "absent"), ("12.50", "12.50"), ("1e3", "1000"), ("'it\\'s'", "'it's'"),
            ("\"q\"", "'q'"), ("true", "true"), ("null", "null"), (" ( $.hr ) ", "78"),
        ]
    )
    func values(text: String, expected: String) throws {
        #expect(try self.value(text) == expected)
    }

    @Test(
        "arithmetic is exact and keeps the digits",
        arguments: [
            ("$.t10 / 10", "37.6"), ("$.temp * 10", "376.00"), ("$.temp + 0.4", "38.00"), ("1 - 2 - 3", "-4"),
            ("2 + 3 * 4", "14"), ("(2 + 3) * 4", "20"), ("24 / 4 / 2", "3"), ("-$.hr + 1", "-77"), ("--1", "1"),
            ("2*-3", "-6"), ("1 / 0", "absent"), ("1 / 8", "0.125"), ("$.text + 1", "absent"),
            ("number($.text) + 1", "79"), ("$.missing + 1", "absent"), ("$.null * 2", "absent"),
            ("$.yes + 1", "absent"), ("$.obs[0].v-$.obs[1].v", "47"), ("0.1 + 0.2", "0.3"),
            ("($.temp - 32) * 5 / 9", "3.111111111111111111111111111111111"),
        ]
    )
    func arithmetic(text: String, expected: String) throws {
        #expect(try self.value(text) == expected)
    }

    @Test(
        "comparisons",
        arguments: [
            ("$.hr == 78.0", "true"), ("$.hr == '78'", "false"), ("$.text == '78'", "true"), ("$.hr != 78", "false"),
            ("$.hr < 100", "true"), ("$.hr >= 78", "true"), ("$.hr > 78", "false"), ("$.hr <= 77", "false"),
            ("'a' < 'b'", "true"), ("$.text > 5", "absent"), ("$.missing > 5", "absent"),
            ("$.missing == null", "false"),
            ("$.null == null", "true"), ("$.missing == $.nothing", "true"), ("$.obj == $.obj", "true"),
            ("{bed} == 'bed-7'", "true"), ("$.yes == true", "true"), ("true < false", "absent"),
            ("$.hr + 1 == 79 && 1 < 2", "true"),
        ]
    )
    func comparisons(text: String, expected: String) throws {
        #expect(try self.value(text) == expected)
    }

    @Test(
        "conditions have three values",
        arguments: [
            ("$.yes && $.one", "true"), ("$.yes && $.no", "false"), ("$.no || $.yes", "true"), ("!$.no", "true"),
            ("$.missing && $.yes", "absent"), ("$.missing && $.no", "false"), ("$.missing || $.yes", "true"),
            ("$.missing || $.no", "absent"), ("!$.missing", "absent"), ("!$.two", "absent"),
            ("if($.hr > 70, 'high', 'low')", "'high'"), ("if($.no, 1, $.two)", "2"), ("if($.missing, 1, 2)", "absent"),
            ("if($.two, 1, 2)", "absent"), ("if($.name, 1, 2)", "absent"), ("!!$.one", "true"),
            ("false || false || true && true", "true"),
        ]
    )
    func conditions(text: String, expected: String) throws {
        #expect(try self.value(text) == expected)
    }

    @Test(
        "functions over texts",
        arguments: [
            ("number($.padded)", "7.50"), ("number('.5')", "0.5"), ("number('5.')", "5"), ("number('1,5')", "absent"),
            ("number('')", "absent"), ("number('12 %')", "absent"), ("number('-007')", "-7"),
            ("number($.yes)", "absent"),
            ("number('1e2')", "100"), ("text($.temp)", "'37.60'"), ("text($.null)", "absent"),
            ("text($.obj)", "absent"),
            ("lower('ÄB')", "'äb'"), ("upper($.name)", "'ZOË'"), ("trim(' \\ta b\\n')", "'a b'"), ("trim('  ')", "''"),
            ("concat({bed}, '/', $.hr, $.yes)", "'bed-7/78true'"), ("concat('a', $.missing)", "absent"),
            ("substring($.name, 1)", "'oë'"), ("substring($.name, 1, 1)", "'o'"), ("substring($.name, -2, 9)", "'oë'"),
            ("substring($.name, 9)", "''"), ("substring($.name, 0, -1)", "absent"),
            ("substring($.name, 0.5)", "absent"),
            ("substring('abc', -99999999999999999, 2)", "'ab'"), ("replace({serial}, ':', '-')", "'SN-0042'"),
            ("replace('aaa', 'aa', 'b')", "'ba'"), ("replace('a', '', 'b')", "'a'"),
            ("split({serial}, ':', 1)", "'0042'"),
            ("split('a,b,,c', ',', -2)", "''"), ("split('a,b', ',', 2)", "absent"), ("split('a,b', ',', -3)", "absent"),
            ("split('a', '', 0)", "absent"), ("contains($.name, 'oë')", "true"), ("contains('a', '')", "true"),
            ("startswith({serial}, 'SN:')", "true"), ("endswith({serial}, '42')", "true"),
            ("endswith('2', '42')", "false"),
            ("contains($.missing, 'a')", "absent"), ("joined($.list[*], '/')", "'3/1.50/2'"),
            ("joined($.mixed[*], ',')", "'1,a,true'"), ("joined($.missing[*], ',')", "absent"),
        ]
    )
    func texts(text: String, expected: String) throws {
        #expect(try self.value(text) == expected)
    }

    @Test(
        "functions over numbers and choices",
        arguments: [
            ("round(37.65, 1)", "37.6"), ("round(37.66, 1)", "37.7"), ("round(37.4)", "37"),
            ("round(1250, -2)", "1200"),
            ("round($.name)", "absent"), ("round(1, 0.5)", "absent"), ("abs($.neg)", "2"), ("min(3, 1, 2)", "1"),
            ("max($.list[*])", "3"), ("min($.list[*], 1)", "1"), ("max($.mixed[*])", "absent"),
            ("max($.missing[*])", "absent"), ("min($.missing, 1)", "absent"), ("bits($.flags, 2, 2)", "1"),
            ("bits($.flags, 0, 3)", "5"), ("bits(-1, 60, 4)", "15"), ("bits(1, 60, 5)", "absent"),
            ("bits(1.5, 0, 1)", "absent"), ("bit($.flags, 5)", "1"), ("bit($.flags, 1)", "0"), ("bit(1, -1)", "absent"),
            ("if(bit($.flags, 0), 'on', 'off')", "'on'"), ("coalesce($.missing, $.null, $.hr)", "78"),
            ("coalesce($.missing)", "absent"), ("coalesce($.empty, 'x')", "''"), ("exists($.null)", "true"),
            ("exists($.missing)", "false"), ("exists({none})", "false"), ("exists({bed})", "true"),
            ("oneof($.text, '7', '78')", "true"), ("oneof($.hr, '78', 77)", "false"), ("oneof($.missing, 1)", "absent"),
            ("count($.list[*])", "3"), ("count($.missing)", "0"), ("count($.list[?@ > 1])", "3"),
        ]
    )
    func numbers(text: String, expected: String) throws {
        #expect(try self.value(text) == expected)
    }

    @Test("@ reads the current record") func current() throws {
        let tree = try tree(Self.payload)
        let record = try JSONPath("$.obs[1]").first(in: tree)
        let scope = EvaluationScope(tree: tree, current: try #require(record))
        #expect(try Expression("@.v").evaluate(scope) == .number(ExactDecimal(14)))
        #expect(try Expression("@.v + $.hr").evaluate(scope) == .number(ExactDecimal(92)))
        #expect(try Expression("@[?@ == 'rr']").evaluate(scope) == .text("rr"))
    }

    @Test("results are read as numbers, texts, nodes and conditions") func accessors() throws {
        let tree = try tree(Self.payload)
        let scope = EvaluationScope(tree: tree)
        #expect(try Expression("$.text").evaluateNumber(scope) == ExactDecimal(78))
        #expect(try Expression("$.temp").evaluateNumber(scope)?.description == "37.60")
        #expect(try Expression("$.name").evaluateNumber(scope) == nil)
        #expect(try Expression("$.hr").evaluateText(scope) == "78")
        #expect(try Expression("$.one").evaluateCondition(scope) == true)
        #expect(try Expression("$.hr").evaluateCondition(scope) == nil)
        #expect(try Expression("$.list").evaluateNode(scope).map { tree.json($0) } == "[3,1.50,2]")
        #expect(try Expression("$.list[-1:]").evaluateNode(scope).map { tree.json($0) } == "2")
        #expect(try Expression("$.hr + 1").evaluateNode(scope) == nil)
    }

    @Test("what reads no payload is constant") func constants() throws {
        #expect(try Expression("2 * (3 + 4)").constantValue == .number(ExactDecimal(14)))
        #expect(try Expression("if(true, upper('a'), 'b')").constantValue == .text("A"))
        #expect(try !Expression("if(true, 1, $.a)").isConstant)
        #expect(try !Expression("{bed}", captures: ["bed"]).isConstant)
    }

    @Test("an empty tree and a missing capture are absent") func nothing() throws {
        let scope = EvaluationScope(tree: PayloadTree())
        for text in ["$", "$.a", "@", "$..*", "{bed}", "count($.x) / 0", "$.a + 1"] {
            #expect(try Expression(text, captures: ["bed"]).evaluate(scope) == .absent)
        }
    }

    @Test("texts longer than the bound are absent") func longTexts() throws {
        let text = String(repeating: "ü", count: 1_500)
        let scope = EvaluationScope(tree: try tree("{\"t\":\"\(text)\"}"))
        #expect(try Expression("$.t").evaluateText(scope) == text)
        #expect(try Expression("concat($.t, 'a')").evaluateText(scope) == text + "a")
        #expect(try Expression("concat($.t, $.t)").evaluate(scope) == .absent)
        #expect(try Expression("replace($.t, 'ü', 'abc')").evaluate(scope) == .absent)
    }
}

@Suite("Expressions keep what the device declared unavailable")
struct UnavailableValueTests {
    @Test(
        "unavailability passes through operations unless they ask for it",
        arguments: [
            ("$.x", "unavailable not-a-number"), ("$.x + 1", "unavailable not-a-number"),
            ("1 / $.x", "unavailable not-a-number"), ("-$.x", "unavailable not-a-number"),
            ("round($.x, 1)", "unavailable not-a-number"), ("number($.x)", "unavailable not-a-number"),
            ("max($.x, 1)", "unavailable not-a-number"), ("concat('a', $.x)", "unavailable not-a-number"),
            ("$.x < 90", "unavailable not-a-number"), ("90 > $.x", "unavailable not-a-number"),
            ("if($.x < 90, 'low', 'ok')", "unavailable not-a-number"), ("$.x < 90 && false", "false"),
            ("$.x == 90", "false"), ("$.x == $.x", "true"), ("$.x == $.y", "false"), ("exists($.x)", "true"),
            ("coalesce($.x, 5)", "5"), ("coalesce($.x, $.z)", "unavailable not-a-number"),
            ("if(true, 1, $.x)", "1"), ("$.y * $.x", "unavailable positive-infinity"),
        ]
    )
    func propagation(text: String, expected: String) throws {
        var tree = PayloadTree()
        try tree.openContainer(.object)
        try tree.add(.notANumber, key: "x")
        try tree.add(.positiveInfinity, key: "y")
        tree.closeContainer()
        #expect(try Expression(text).evaluate(EvaluationScope(tree: tree)).shown(in: tree) == expected)
    }
}

@Suite("Expressions read byte strings")
struct BinaryExpressionTests {
    @Test(
        "fields of a byte string",
        arguments: [
            ("u8($, 0)", "255"), ("i8($, 0)", "-1"), ("u16le($, 0)", "511"), ("u16be($, 0)", "65281"),
            ("i16le($, 1)", "513"), ("i16be($, 0)", "-255"), ("u24le($, 1)", "197121"), ("u24be($, 1)", "66051"),
            ("u32le($, 1)", "67305985"), ("u32be($, 1)", "16909060"), ("i32le($, 0)", "50463231"),
            ("i32be($, 0)", "-16711165"), ("bitat($, 2, 1)", "1"), ("bitat($, 2, 0)", "0"),
            ("bitat($, 2, 8)", "absent"),
            ("sfloat($, 5)", "36.4"), ("float($, 7)", "36.60"), ("f32le($, 11)", "0.1"),
            ("f32be($, 15)", "unavailable not-a-number"), ("sfloat($, 19)", "unavailable not-a-number"),
            ("u8($, 20)", "7"), ("u8($, 21)", "absent"), ("u16le($, 20)", "absent"), ("u8($, -1)", "absent"),
            ("u8($, 0.5)", "absent"), ("u8($, 9223372036854775807)", "absent"), ("u8($.x, 0)", "absent"),
            ("u8('a', 0)", "absent"), ("hex('a')", "absent"), ("text($)", "absent"),
            ("hex($)", "'ff010203046cf14c0e00fecdcccc3d7fc00000ff07'"),
        ]
    )
    func fields(text: String, expected: String) throws {
        let bytes: [UInt8] = [
            0xFF, 1, 2, 3, 4, 0x6C, 0xF1, 0x4C, 0x0E, 0x00, 0xFE, 0xCD, 0xCC, 0xCC, 0x3D, 0x7F, 0xC0, 0, 0, 0xFF, 0x07,
        ]
        let tree = try tree(bytes: bytes)
        #expect(try Expression(text).evaluate(EvaluationScope(tree: tree)).shown(in: tree) == expected)
    }

    @Test("bytes that are a text are read by text") func text() throws {
        let tree = try tree(bytes: Array("Zoë".utf8))
        #expect(try Expression("text($)").evaluate(EvaluationScope(tree: tree)) == .text("Zoë"))
    }
}
