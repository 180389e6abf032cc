import Payloads
import Testing
import Units

@Suite("JSON")
struct JSONTextDecoderTests {
    @Test(
        "values of RFC 8259 are read exactly",
        arguments: [
            ("null", "null"), ("true", "true"), (" false\r\n\t", "false"), ("{}", "{}"), ("[ ]", "[]"),
            (#"{"a":{"b":[1,{"c":null}]}}"#, #"{"a":{"b":[1,{"c":null}]}}"#),
            (#"{ "hr" : 72 , "t" : [ 36.60 , "x" ] }"#, #"{"hr":72,"t":[36.60,"x"]}"#),
            (#""""#, #""""#), (#""é水😀""#, #""é水😀""#), ("\"\u{7F}\"", "\"\u{7F}\""),
            (#""a\"\\\/b""#, #""a\"\\/b""#), (#""\b\f\n\r\t""#, #""\x8\x12\x10\x13\x9""#),
            (#""\u0041\u00e9\u6C34x""#, #""Aé水x""#), (#""\uD83D\uDE00""#, #""😀""#), (#""\u0000""#, #""\x0""#),
            (#"{"\u0061":1}"#, #"{"a":1}"#), ("\u{FEFF}[1]", "[1]"),
        ]
    )
    func reads(_ text: String, _ expected: String) throws {
        #expect(try json(text) == expected)
    }

    @Test(
        "numbers keep their digits",
        arguments: [
            ("0", "0"), ("-0", "0"), ("37.60", "37.60"), ("-0.5", "-0.5"), ("98.43639286275842", "98.43639286275842"),
            ("18446744073709551615", "18446744073709551615"), ("9999999999999999999", "9999999999999999999"),
            ("9223372036854775808.5", "9223372036854775808.5"), ("1E3", "1000"), ("1.5e+2", "150"), ("25e-1", "2.5"),
            ("1234567890123456789012345678901234", "1234567890123456789012345678901234"),
            ("0.0000000000000000000000000000000000000001", "1e-40"), ("1e-6144", "1e-6144"), ("0e5", "0"),
            ("0.001234567890123456789012345678901234", "0.001234567890123456789012345678901234"),
        ]
    )
    func numbers(_ text: String, _ expected: String) throws {
        #expect(try json(text) == expected)
    }

    @Test(
        "what RFC 8259 forbids is refused with the right reason",
        arguments: [
            ("", DecodeFailure.Reason.truncated), (" ", .truncated), ("{", .truncated), ("[1", .truncated),
            ("[1,", .truncated), (#"{"a""#, .truncated), (#"{"a":"#, .truncated), (#""a"#, .truncated),
            (#""\"#, .truncated), (#""\u00"#, .truncated), ("-", .truncated), ("1.", .truncated), ("1e", .truncated),
            ("tru", .truncated), ("nul", .truncated),
            ("01", .malformed), ("-01", .malformed), ("+1", .malformed), (".5", .malformed), ("1.e3", .malformed),
            ("--1", .malformed), ("NaN", .malformed), ("Infinity", .malformed), ("0x10", .trailingBytes),
            ("[1,]", .malformed), ("[,1]", .malformed), ("[1 2]", .malformed), ("{,}", .malformed),
            (#"{"a":1,}"#, .malformed), (#"{"a" 1}"#, .malformed), ("{a:1}", .malformed), ("{1:1}", .malformed),
            ("'a'", .malformed), ("[1}", .malformed), ("True", .malformed), ("truu", .malformed),
            ("\"a\nb\"", .malformed), ("\"\t\"", .malformed), (#""\x41""#, .malformed), (#""\u00g0""#, .malformed),
            ("/* */1", .malformed), ("\u{A0}1", .malformed),
            ("1 2", .trailingBytes), ("{}{}", .trailingBytes), ("[]]", .trailingBytes), ("null,", .trailingBytes),
            (#""\ud800""#, .badEncoding), (#""\udc00""#, .badEncoding), (#""\ud800\u0041""#, .badEncoding),
            (#""\ud800\ud800""#, .badEncoding), (#""\ud83dx""#, .badEncoding),
            ("12345678901234567890123456789012345", .unsupported), ("1e6145", .unsupported),
            ("1e-6145", .unsupported), ("1e99999999999999999999", .unsupported),
            ("0.12345678901234567890123456789012345", .unsupported),
        ]
    )
    func refuses(_ text: String, _ reason: DecodeFailure.Reason) {
        #expect(jsonRefusal(Array(text.utf8))?.reason == reason)
    }

    @Test(
        "strings that are not UTF-8 are refused",
        arguments: [
            "80", "c3", "c328", "c080", "e08080", "eda080", "f0808080", "f4908080", "f8888080", "ff", "e6b0", "c3a9c3",
        ]
    )
    func invalidUTF8(_ hex: String) {
        let payload = [UInt8(ascii: "\"")] + bytes(hex: hex) + [UInt8(ascii: "\"")]
        #expect(jsonRefusal(payload)?.reason == .badEncoding)
    }

    @Test("the offset of a refusal points at the fault")
    func offsets() {
        #expect(jsonRefusal(Array(#"{"a":1,"b":?}"#.utf8))?.offset == 11)
        #expect(jsonRefusal(Array("[1] x".utf8))?.offset == 4)
    }

    @Test("of repeated names all are kept and the last is found")
    func duplicates() throws {
        let tree = try tree(Array(#"{"a":1,"b":2,"a":3}"#.utf8)) { (bytes, tree) throws(DecodeFailure) in
            try JSONTextDecoder.decode(bytes, into: &tree)
        }
        #expect(tree.childCount(.root) == 3)
        #expect(tree.member(.root, named: "a").flatMap { tree.number($0) } == ExactDecimal(3))
    }

    @Test("nesting is bounded")
    func depth() throws {
        let deepest = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(try json(deepest) == deepest)
        let tooDeep = String(repeating: "[", count: 65) + String(repeating: "]", count: 65)
        #expect(jsonRefusal(Array(tooDeep.utf8))?.reason == .tooDeep)
        #expect(jsonRefusal(Array(String(repeating: "{\"a\":", count: 100_000).utf8))?.reason == .tooDeep)
    }

    @Test("size and node count are bounded")
    func size() {
        let large = [UInt8](repeating: UInt8(ascii: " "), count: PayloadBounds.payloadBytesMax + 1)
        #expect(jsonRefusal(large)?.reason == .tooLarge)
        let many = "[" + String(repeating: "1,", count: PayloadTree.nodesMax) + "1]"
        #expect(jsonRefusal(Array(many.utf8))?.reason == .tooLarge)
    }

    @Test("lines are an array of documents")
    func lines() throws {
        func lines(_ text: String) throws(DecodeFailure) -> String {
            try rendered(Array(text.utf8)) { (bytes, tree) throws(DecodeFailure) in
                try JSONTextDecoder.decode(bytes, into: &tree, framing: .lines)
            }
        }
        #expect(try lines("{\"a\":1}\n[2]\r\n\n \n\"x\"") == #"[{"a":1},[2],"x"]"#)
        #expect(try lines("1\n") == "[1]")
        #expect(throws: DecodeFailure(.trailingBytes, "something follows the JSON value", offset: 4)) {
            try lines("1\n2 3\n")
        }
        #expect(throws: DecodeFailure.self) { try lines("[1,\n2]") }
    }

    @Test("a nested document becomes a member of the open object")
    func nested() throws {
        let text = try rendered(Array(#"{"hr":72,"s":"a\nb"}"#.utf8)) { (bytes, tree) throws(DecodeFailure) in
            try tree.openContainer(.object)
            try tree.addString("00".utf8, key: "raw")
            tree.closeContainer()
            guard tree.reopenRootObject() else { return }
            let key = tree.append("inner".utf8)
            try JSONTextDecoder.decode(bytes, key: key, into: &tree)
            tree.closeContainer()
        }
        #expect(text == #"{"raw":"00","inner":{"hr":72,"s":"a\x10b"}}"#)
    }

    @Test("random values survive encoding with random whitespace and escapes", arguments: 0..<8)
    func roundTrip(_ seed: UInt64) throws {
        var generator = PayloadGenerator(seed: seed)
        for _ in 0..<500 {
            let value = DecodedValue.random(depth: 5, using: &generator)
            let text = JSONEncoding.encode(value, using: &generator)
            #expect(try json(text) == value.description)
        }
    }
}

/// Writes JSON in all the ways that RFC 8259 allows.
private enum JSONEncoding {
    static func encode(_ value: DecodedValue, using generator: inout PayloadGenerator) -> String {
        let text =
            switch value {
            case .string(let text): self.string(text, using: &generator)
            case .array(let values):
                "[" + values.map { self.encode($0, using: &generator) }.joined(separator: ",") + "]"
            case .object(let members):
                "{"
                    + members.map { member in
                        self.blank(using: &generator) + self.string(member.name, using: &generator)
                            + self.blank(using: &generator) + ":" + self.encode(member.value, using: &generator)
                    }.joined(separator: ",") + self.blank(using: &generator) + "}"
            default: value.description
            }
        return self.blank(using: &generator) + text + self.blank(using: &generator)
    }

    private static func blank(using generator: inout PayloadGenerator) -> String {
        generator.chance(oneIn: 4) ? [" ", "\n", "\t", "\r\n  "][generator.below(4)] : ""
    }

    private static func string(_ text: String, using generator: inout PayloadGenerator) -> String {
        var encoded = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" {
                encoded += "\\\(scalar)"
            } else if scalar.value < 0x20 || generator.chance(oneIn: 5) {
                for unit in String(scalar).utf16 {
                    let hex = String(unit, radix: 16, uppercase: generator.chance(oneIn: 2))
                    encoded += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
                }
            } else {
                encoded.unicodeScalars.append(scalar)
            }
        }
        return encoded + "\""
    }
}
