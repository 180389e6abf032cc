import Payloads
import Testing

@Suite("Delimited text")
struct DelimitedDecoderTests {
    private typealias Dialect = DelimitedDecoder.Dialect

    private func rows(_ text: String, _ dialect: Dialect = Dialect()) throws(DecodeFailure) -> String {
        try rendered(Array(text.utf8)) { (bytes, tree) throws(DecodeFailure) in
            try DelimitedDecoder.decode(bytes, into: &tree, dialect: dialect)
        }
    }

    private func refused(_ payload: [UInt8], _ dialect: Dialect = Dialect()) -> DecodeFailure? {
        failure(payload) { (bytes, tree) throws(DecodeFailure) in
            try DelimitedDecoder.decode(bytes, into: &tree, dialect: dialect)
        }
    }

    @Test("a header line names the columns; fields are numbers, nulls or texts")
    func header() throws {
        #expect(
            try self.rows("time,HR,SpO2,note\n2026-11-20T08:00:00Z,62.80,,ok\n2026-11-20T08:01:00Z,-1e2,98,007\n")
                == #"{"rows":[{"time":"2026-11-20T08:00:00Z","HR":62.80,"SpO2":null,"note":"ok"},"#
                + #"{"time":"2026-11-20T08:01:00Z","HR":-100,"SpO2":98,"note":"007"}]}"#
        )
    }

    @Test(
        "where identifiers stand, they stay as they are written",
        arguments: ["5E1", "1e0", "-0", "12.50", "007", "4711", "1E400", "0.0"]
    )
    func identifiers(_ text: String) throws {
        let dialect = Dialect(readsNumbers: false)
        #expect(try self.rows("bed,to\n\(text),\n", dialect) == #"{"rows":[{"bed":"\#(text)","to":null}]}"#)
        #expect(try self.rows("bed,to\n\"\(text)\", 7 \n", dialect) == #"{"rows":[{"bed":"\#(text)","to":"7"}]}"#)
    }

    @Test(
        "rows end with LF, CR LF or CR, and blank lines do not count",
        arguments: [
            "a,b\n1,2\n3,4", "a,b\r\n1,2\r\n3,4\r\n", "a,b\r1,2\r3,4\r", "\u{FEFF}\n\na,b\n\n1,2\r\n\r\n3,4\n\n",
        ]
    )
    func lineEnds(_ text: String) throws {
        #expect(try self.rows(text) == #"{"rows":[{"a":1,"b":2},{"a":3,"b":4}]}"#)
    }

    @Test(
        "fields are quoted as in RFC 4180",
        arguments: [
            (#""x,y",2"#, #""x,y""#), (#""x""y",2"#, #""x\"y""#), (#""""x""",2"#, #""\"x\"""#), (#""""",2"#, #""\"""#),
            ("\"x\r\ny\",2", #""x\x13\x10y""#), (#""",2"#, "null"), (#""36.6",2"#, "36.6"), (#" "x" ,2"#, #""x""#),
            (#""""""",2"#, #""\"\"""#), (#"" x ",2"#, #"" x ""#),
        ]
    )
    func quoting(_ text: String, _ first: String) throws {
        #expect(try self.rows(text, Dialect(header: .none)) == #"{"rows":[{"0":\#(first),"1":2}]}"#)
    }

    @Test("columns can be unnamed or named by the profile")
    func names() throws {
        #expect(try self.rows("1,x\n2,y", Dialect(header: .none)) == #"{"rows":[{"0":1,"1":"x"},{"0":2,"1":"y"}]}"#)
        #expect(try self.rows("1,x", Dialect(header: .names(["hr", "é"]))) == #"{"rows":[{"hr":1,"é":"x"}]}"#)
        #expect(try self.rows("a,,a\n1,2,3") == #"{"rows":[{"a":1,"1":2,"a":3}]}"#)
        #expect(try self.rows("a,b\n") == #"{"rows":[]}"#)
    }

    @Test("separator, decimal comma, quote and trimming follow the dialect")
    func dialects() throws {
        let german = Dialect(separator: UInt8(ascii: ";"), decimalComma: true)
        #expect(try self.rows("T;n\n36,60;36.6", german) == #"{"rows":[{"T":36.60,"n":"36.6"}]}"#)
        #expect(try self.rows("a\tb\tc\n\t 2\t", Dialect(separator: 9)) == #"{"rows":[{"a":null,"b":2,"c":null}]}"#)
        #expect(try self.rows("a\n5\"", Dialect(quote: nil)) == #"{"rows":[{"a":"5\""}]}"#)
        #expect(try self.rows("a , b\n 1 , 2 ") == #"{"rows":[{"a":1,"b":2}]}"#)
        #expect(try self.rows("a, b\n1, 2", Dialect(trimsBlanks: false)) == #"{"rows":[{"a":1," b":" 2"}]}"#)
    }

    @Test("a number that cannot be held exactly stays a text")
    func longNumbers() throws {
        let digits = String(repeating: "9", count: 35)
        #expect(try self.rows("a\n\(digits)") == #"{"rows":[{"a":"\#(digits)"}]}"#)
    }

    @Test(
        "a ragged row is refused with its number",
        arguments: [
            ("a,b\n1,2\n3", "row 3 has fewer"), ("a,b\n1,2,3", "row 2 has more"), ("a,b\n\n1,2\n3,4,", "row 3"),
        ]
    )
    func ragged(_ text: String, _ detail: String) {
        let failure = self.refused(Array(text.utf8))
        #expect(failure?.reason == .malformed)
        #expect(failure?.detail.contains(detail) == true)
    }

    @Test("damaged quotes, other encodings and excess are refused")
    func refusals() {
        #expect(self.refused([])?.reason == .truncated)
        #expect(self.refused(Array("\n\n".utf8))?.reason == .truncated)
        #expect(self.refused(Array("a\n\"x".utf8))?.reason == .truncated)
        #expect(self.refused(Array("a\n\"x\"\"".utf8))?.reason == .truncated)
        #expect(self.refused(Array("a\n\"x\"y".utf8))?.reason == .malformed)
        #expect(self.refused(Array("a\nx\"y\"".utf8))?.reason == .malformed)
        #expect(self.refused([0x61, 0x0A, 0xB0])?.reason == .badEncoding)
        #expect(self.refused(Array("1".utf8), Dialect(header: .names([])))?.reason == .malformed)
        let wide = String(repeating: ",", count: PayloadBounds.columnsMax)
        #expect(self.refused(Array(wide.utf8))?.reason == .tooLarge)
        #expect(self.refused(Array(wide.utf8), Dialect(header: .none))?.reason == .tooLarge)
        let long = String(repeating: "1\n", count: PayloadBounds.rowsMax + 1)
        #expect(self.refused(Array(long.utf8), Dialect(header: .none))?.reason == .tooLarge)
    }

    @Test("random tables survive encoding", arguments: 0..<8)
    func roundTrip(_ seed: UInt64) throws {
        var generator = PayloadGenerator(seed: seed)
        let pieces = ["a", "é", ",", "\"", "\n", "\r", " ", "x"]
        for _ in 0..<200 {
            let columns = 1 + generator.below(5)
            var text = ""
            var expected: [String] = []
            for _ in 0..<generator.below(6) {
                let fields = (0..<columns).map { _ in
                    "x" + (0..<generator.below(5)).map { _ in pieces[generator.below(pieces.count)] }.joined()
                }
                let quoted = fields.map {
                    "\"" + $0.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
                }
                text += quoted.joined(separator: ",") + (generator.chance(oneIn: 2) ? "\n" : "\r\n")
                expected.append(
                    DecodedValue.object(fields.enumerated().map { ("\($0.offset)", .string($0.element)) }).description
                )
            }
            guard !text.isEmpty else { continue }
            #expect(
                try self.rows(text, Dialect(header: .none)) == #"{"rows":["# + expected.joined(separator: ",") + "]}"
            )
        }
    }
}
