import Testing

@testable import Conformance

@Suite struct JSONReaderTests {
    private static func value(_ text: String) throws(JSONProblem) -> JSONValue {
        try JSONReader.value(of: Array(text.utf8))
    }

    @Test func integersOf64BitsAreExact() throws {
        #expect(try Self.value("18446744073709551615") == .integer(.max))
        #expect(try Self.value("9007199254740993") == .integer(9_007_199_254_740_993))
        #expect(try Self.value("[0]") == .array([.integer(0)]))
    }

    @Test(arguments: ["18446744073709551616", "-1", "-0", "1.0", "1e3", "0.5E-7", "2e+1"])
    func otherNumbersAreKeptAsTheyAreWrittenAndEqualNoInteger(_ text: String) throws {
        #expect(try Self.value(text) == .otherNumber(text))
    }

    @Test(
        arguments: [
            "", " ", "01", "-", "1.", ".5", "1e", "+1", "nul", "truee", "True", "[", "[1,]", "[,]", "[1 2]", "{",
            "{}{}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, "{a:1}", "'a'", #"""#, #""\x""#, #""\u12""#, #""\u+123""#,
            #""\ud800""#, #""\udc00""#, #""\ud800\u0041""#, "\"\u{1}\"", "\"a\nb\"", "1 2", "NaN", "{\"a\":1",
        ]
    )
    func whatIsNoJSONIsRefused(_ text: String) {
        #expect(throws: JSONProblem.self) { try Self.value(text) }
    }

    @Test func aNameThatOccursTwiceIsRefusedAlsoWhenEscaped() {
        #expect(throws: JSONProblem(offset: 0, reason: "a name occurs twice in the object")) {
            try Self.value(#"{"a":1,"b":2,"\u0061":1}"#)
        }
    }

    @Test func namesAndTextsAreComparedAsBytes() throws {
        let composed = try Self.value(#"{"\u00e9":"\u00e9"}"#)
        let decomposed = try Self.value(#"{"e\u0301":"e\u0301"}"#)
        #expect(composed != decomposed)
        #expect(try Self.value(#"{"\u00e9":1,"e\u0301":2}"#) != .null)
        #expect(try Self.value("\"\u{e9}\"") == Self.value(#""\u00e9""#))
    }

    @Test func theOrderOfMembersMeansNothingAndThatOfElementsDoes() throws {
        #expect(try Self.value(#"{"a":1,"b":[1,2]}"#) == Self.value(#" { "b" : [ 1 , 2 ] , "a" : 1 } "#))
        #expect(try Self.value("[1,2]") != Self.value("[2,1]"))
    }

    @Test func escapesAreResolved() throws {
        #expect(try Self.value(#""\"\\\/\b\f\n\r\t\ud83d\ude00""#) == .string("\"\\/\u{8}\u{C}\n\r\t😀"))
    }

    @Test func textThatIsNotUTF8IsRefused() {
        #expect(throws: JSONProblem.self) { try JSONReader.value(of: [0x22, 0xC3, 0x22]) }
    }

    @Test func nestingIsBounded() throws {
        let most = JSONReader.depthMax
        _ = try Self.value(String(repeating: "[", count: most) + String(repeating: "]", count: most))
        #expect(throws: JSONProblem.self) { try Self.value(String(repeating: "[", count: 100_000)) }
    }

    @Test func whatIsWrittenReadsBack() throws {
        let value: JSONValue = .object([
            "text": .string("a\"\\\n\u{1}é😀"), "number": .integer(.max), "flag": .bool(true), "nothing": .null,
            "list": .array([.object([:]), .array([]), .otherNumber("1.50")]),
        ])
        #expect(try Self.value(value.json) == value)
    }
}
