import Payloads
import Testing

@Suite("InfluxDB line protocol")
struct LineProtocolDecoderTests {
    private func points(_ text: String) throws(DecodeFailure) -> String {
        try rendered(Array(text.utf8)) { (bytes, tree) throws(DecodeFailure) in
            try LineProtocolDecoder.decode(bytes, into: &tree)
        }
    }

    private func reason(_ payload: [UInt8]) -> DecodeFailure.Reason? {
        failure(payload) { (bytes, tree) throws(DecodeFailure) in
            try LineProtocolDecoder.decode(bytes, into: &tree)
        }?.reason
    }

    @Test("a point has a measurement, tags, fields and a time stamp in nanoseconds")
    func point() throws {
        #expect(
            try self.points("vitals,bed=12,ward=icu hr=72i,temp=36.60,seq=3u,ok=t 1700000000000000001\n")
                == #"{"points":[{"measurement":"vitals","tags":{"bed":"12","ward":"icu"},"#
                + #""fields":{"hr":72,"temp":36.60,"seq":3,"ok":true},"timestamp":1700000000000000001}]}"#
        )
    }

    @Test(
        "lines end with LF or CR LF; comments and blank lines do not count",
        arguments: ["a v=1\nb v=2", "a v=1\r\nb v=2\r\n", "# x\n\n  a v=1  \n#\nb  v=2 \n\n", "a v=1\n#y,z\r\nb v=2"]
    )
    func lines(_ text: String) throws {
        #expect(
            try self.points(text)
                == #"{"points":[{"measurement":"a","tags":{},"fields":{"v":1}},"#
                + #"{"measurement":"b","tags":{},"fields":{"v":2}}]}"#
        )
    }

    @Test("special characters are escaped; other backslashes stand for themselves")
    func escapes() throws {
        #expect(
            try self.points(#"my\ m\,x=1,t\=k=a\ b\,c\=d\e f\ 1="q\"\\,= \n" -5"#)
                == #"{"points":[{"measurement":"my m,x=1","tags":{"t=k":"a b,c=d\\e"},"#
                + #""fields":{"f 1":"q\"\\,= \\n"},"timestamp":-5}]}"#
        )
        #expect(try self.points("m s=\"a\nb\"").contains(#""s":"a\x10b""#))
    }

    @Test(
        "field values",
        arguments: [
            ("1", "1"), ("1.50", "1.50"), ("-1.5e3", "-1500"), ("-9223372036854775808i", "-9223372036854775808"),
            ("18446744073709551615u", "18446744073709551615"), ("t", "true"), ("T", "true"), ("true", "true"),
            ("True", "true"), ("TRUE", "true"), ("f", "false"), ("F", "false"), ("false", "false"), ("False", "false"),
            ("FALSE", "false"), (#""""#, #""""#), (#""é""#, #""é""#),
        ]
    )
    func values(_ text: String, _ expected: String) throws {
        #expect(
            try self.points("m v=\(text)") == #"{"points":[{"measurement":"m","tags":{},"fields":{"v":\#(expected)}}]}"#
        )
    }

    @Test(
        "faulty lines are refused with the right reason",
        arguments: [
            ("", DecodeFailure.Reason.truncated), ("m", .malformed), ("m ", .truncated), ("m v", .truncated),
            ("m v=", .truncated), (#"m v="a"#, .truncated), ("m,", .truncated), ("m,t", .truncated),
            (",t=1 v=1", .malformed), ("m,t= v=1", .malformed), ("m,=1 v=1", .malformed), ("m,t=a=b v=1", .malformed),
            ("m,t v=1", .malformed), ("m =1", .malformed), ("m v=x", .malformed), ("m v=tr", .malformed),
            ("m v=1x", .malformed), ("m v=1.0i", .malformed), ("m v=1e0i", .malformed), ("m v=-1u", .malformed),
            ("m v=9223372036854775808i", .malformed), ("m v=18446744073709551616u", .malformed),
            ("m v=1,", .truncated), ("m v=1 x", .malformed), ("m v=1 1.5", .malformed), ("m v=1 1 1", .malformed),
            ("m v=1 9223372036854775808", .malformed), ("m v=1\rm v=2", .malformed),
            ("m v=99999999999999999999999999999999999", .unsupported),
        ]
    )
    func refuses(_ text: String, _ expected: DecodeFailure.Reason) {
        #expect(self.reason(Array(text.utf8)) == expected)
    }

    @Test("bytes that are not UTF-8 are refused")
    func encoding() {
        #expect(self.reason(Array("m v=\"".utf8) + [0xB0, 0x22]) == .badEncoding)
    }

    @Test("random points survive encoding", arguments: 0..<8)
    func roundTrip(_ seed: UInt64) throws {
        var generator = PayloadGenerator(seed: seed)
        let pieces = ["a", "é", ",", "=", " ", "Z", "9"]
        func word() -> String {
            "w" + (0..<generator.below(6)).map { _ in pieces[generator.below(pieces.count)] }.joined()
        }
        func escaped(_ word: String) -> String {
            word.map { $0 == "," || $0 == "=" || $0 == " " ? "\\\($0)" : "\($0)" }.joined()
        }
        for _ in 0..<300 {
            let tags = (0..<generator.below(4)).map { _ in (word(), word()) }
            let fields = (0...generator.below(4)).map { _ in (word(), Int(truncatingIfNeeded: generator.next())) }
            let text =
                "m" + tags.map { ",\(escaped($0.0))=\(escaped($0.1))" }.joined() + " "
                + fields.map { "\(escaped($0.0))=\($0.1)i" }.joined(separator: ",")
            let expected =
                #"{"points":[{"measurement":"m","tags":{"#
                + tags.map { #""\#($0.0)":"\#($0.1)""# }.joined(separator: ",") + #"},"fields":{"#
                + fields.map { #""\#($0.0)":\#($0.1)"# }.joined(separator: ",") + "}}]}"
            #expect(try self.points(text) == expected)
        }
    }
}
