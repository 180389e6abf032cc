import Foundation
import Payloads
import Testing

@Suite("SenML")
struct SenMLDecoderTests {
    private func senml(_ pack: String) throws(DecodeFailure) -> String {
        try rendered(Array(pack.utf8)) { (bytes, tree) throws(DecodeFailure) in
            try SenMLDecoder.decode(bytes, encoding: .json, into: &tree)
        }
    }

    private func senml(hex: String) throws(DecodeFailure) -> String {
        try rendered(bytes(hex: hex)) { (bytes, tree) throws(DecodeFailure) in
            try SenMLDecoder.decode(bytes, encoding: .cbor, into: &tree)
        }
    }

    private func reason(_ pack: String) -> DecodeFailure.Reason? {
        failure(Array(pack.utf8)) { (bytes, tree) throws(DecodeFailure) in
            try SenMLDecoder.decode(bytes, encoding: .json, into: &tree)
        }?.reason
    }

    private func fixture(_ name: String) throws -> String {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return try String(contentsOf: folder.appending(path: "Fixtures/senml/\(name).json"), encoding: .utf8)
    }

    @Test("RFC 8428 §5.1.1: a single datapoint")
    func singleDatapoint() throws {
        let name = "urn:dev:ow:10e2073a01080063"
        #expect(
            try self.senml(self.fixture("rfc8428_5_1_1"))
                == #"{"records":[{"n":"\#(name)","name":"\#(name)","u":"Cel","v":23.1,"relative_t":0}]}"#
        )
    }

    @Test("RFC 8428 §5.1.2: multiple datapoints share base name, unit and time")
    func multipleDatapoints() throws {
        let base = "urn:dev:ow:10e2073a0108006:"
        func record(_ name: String, _ unit: String, _ value: String, _ time: String) -> String {
            #"{"n":"\#(base)\#(name)","bn":"\#(base)","name":"\#(name)","u":"\#(unit)","v":\#(value),"t":\#(time)}"#
        }
        let expected = [
            record("voltage", "V", "120.1", "1276020076.001"), record("current", "A", "1.2", "1276020071.001"),
            record("current", "A", "1.3", "1276020072.001"), record("current", "A", "1.4", "1276020073.001"),
            record("current", "A", "1.5", "1276020074.001"), record("current", "A", "1.6", "1276020075.001"),
            record("current", "A", "1.7", "1276020076.001"),
        ]
        #expect(
            try self.senml(self.fixture("rfc8428_5_1_2")) == #"{"records":["# + expected.joined(separator: ",") + "]}"
        )
    }

    @Test("RFC 8428 §5.1.3, its first records: a base name alone is a full name, and units differ in one record set")
    func multipleMeasurements() throws {
        let pack = """
            [{"bn":"urn:dev:ow:10e2073a01080063","bt":1.320067464e+09,"bu":"%RH","v":20},
             {"u":"lon","v":24.30621},{"u":"lat","v":60.07965},{"t":60,"v":20.3}]
            """
        let name = #""n":"urn:dev:ow:10e2073a01080063","bn":"urn:dev:ow:10e2073a01080063""#
        #expect(
            try self.senml(pack) == #"{"records":[{\#(name),"u":"%RH","v":20,"t":1320067464},"#
                + #"{\#(name),"u":"lon","v":24.30621,"t":1320067464},"#
                + #"{\#(name),"u":"lat","v":60.07965,"t":1320067464},{\#(name),"u":"%RH","v":20.3,"t":1320067524}]}"#
        )
    }

    @Test("RFC 8428 §5.1.5: all types of values")
    func valueTypes() throws {
        let pack = """
            [{"bn":"urn:dev:ow:10e2073a01080063:","n":"temp","u":"Cel","v":23.1},{"n":"label","vs":"Machine Room"},
             {"n":"open","vb":false},{"n":"nfc-reader","vd":"aGkgCg"}]
            """
        let text = try self.senml(pack)
        #expect(text.contains(#""name":"label","vs":"Machine Room""#))
        #expect(text.contains(#""name":"open","vb":false"#))
        #expect(text.contains(#""name":"nfc-reader","vd":h'6869200a'"#))
    }

    @Test("RFC 8428 §6: the CBOR example resolves as its JSON does")
    func cborExample() throws {
        let hex = """
            87a721781b75726e3a6465763a6f773a3130653230373361303130383030363a22fb41d303a15b00106223614120050067766f6c7461
            6765016156 02fb405e066666666666a3006763757272656e7406240 2fb3ff3333333333333a3006763757272656e74062302fb3ff4cc
            cccccccccda3006763757272656e74062202fb3ff6666666666666a3006763757272656e74062102f93e00a3006763757272656e7406
            2002fb3ff999999999999aa3006763757272656e74060002fb3ffb333333333333
            """
        let digits = hex.filter { $0.isHexDigit }
        #expect(try self.senml(hex: digits) == self.senml(self.fixture("rfc8428_5_1_2")))
    }

    @Test("a monitor's pack: base time plus a negative offset")
    func monitorPack() throws {
        let text = try self.senml(self.fixture("monitor_pack"))
        #expect(text.contains(#""name":"hr","u":"beat/min","v":72,"t":1700000000}"#))
        #expect(text.contains(#""name":"temp","u":"Cel","v":36.9,"t":1699999970}"#))
    }

    @Test(
        "base values and sums are added exactly; a missing part is zero (RFC 8428 §4.5.4)",
        arguments: [
            (#"[{"n":"a","bv":0.1,"v":0.2}]"#, #""v":0.3,"#), (#"[{"n":"a","bv":37}]"#, #""v":37,"#),
            (#"[{"n":"a","bv":36.00,"v":0.60}]"#, #""v":36.60,"#), (#"[{"n":"a","bs":5,"s":-2}]"#, #""s":3,"#),
            (#"[{"n":"a","bs":5,"v":1}]"#, #""v":1,"s":5,"#), (#"[{"n":"a","s":1.5}]"#, #""a","s":1.5,"#),
            (#"[{"n":"a","bv":1,"vs":"x"}]"#, #""vs":"x","#), (#"[{"bv":1},{"n":"a","v":1}]"#, #""v":2,"#),
            (#"[{"n":"a","v":1,"t":268435456}]"#, #""t":268435456}"#),
            (#"[{"n":"a","v":1,"t":268435455}]"#, #""relative_t":268435455}"#),
            (#"[{"n":"a","v":1,"bt":268435450,"t":6}]"#, #""t":268435456}"#),
            (#"[{"n":"a","v":1,"t":-12.5,"ut":60}]"#, #""relative_t":-12.5,"ut":60}"#),
        ]
    )
    func arithmetic(_ pack: String, _ part: String) throws {
        let text = try self.senml(pack)
        #expect(text.contains(part), "\(text)")
    }

    @Test("records of base fields alone and unknown fields resolve to nothing")
    func ignored() throws {
        #expect(try self.senml("[]") == #"{"records":[]}"#)
        #expect(try self.senml(#"[{"bn":"a","bver":10}]"#) == #"{"records":[]}"#)
        #expect(
            try self.senml(#"[{"n":"a","vb":true,"foo":{"v":1},"":2}]"#)
                == #"{"records":[{"n":"a","name":"a","vb":true,"relative_t":0}]}"#
        )
    }

    @Test("CBOR labels are integers, data are bytes, and NaN is an absence")
    func cborLabels() throws {
        #expect(
            try self.senml(hex: "81a30061610842 0102 0707")
                == #"{"records":[{"n":"a","name":"a","vd":h'0102',"relative_t":0,"ut":7}]}"#
        )
        #expect(
            try self.senml(hex: "81a200616102f97e00")
                == #"{"records":[{"n":"a","name":"a","v":<not-a-number>,"relative_t":0}]}"#
        )
    }

    @Test(
        "what RFC 8428 forbids is refused with the right reason",
        arguments: [
            ("{}", DecodeFailure.Reason.malformed), ("[1]", .malformed), (#"[{"n":"a"}]"#, .malformed),
            (#"[{"v":1}]"#, .malformed), (#"[{"n":"","v":1}]"#, .malformed), (#"[{"n":"_a","v":1}]"#, .malformed),
            (#"[{"n":"a b","v":1}]"#, .malformed), (#"[{"n":"é","v":1}]"#, .malformed),
            (#"[{"bn":":","n":"a","v":1}]"#, .malformed), (#"[{"n":"a","v":"1"}]"#, .malformed),
            (#"[{"n":"a","v":1,"vs":"x"}]"#, .malformed), (#"[{"n":"a","vb":1}]"#, .malformed),
            (#"[{"n":"a","vd":"!"}]"#, .malformed), (#"[{"n":1,"v":1}]"#, .malformed),
            (#"[{"n":"a","v":1,"v":2}]"#, .malformed), (#"[{"n":"a","v":null}]"#, .malformed),
            (#"[{"n":"a","u":"x","t":1}]"#, .malformed), (#"[{"n":"a","v":1,"bver":0}]"#, .malformed),
            (#"[{"n":"a","v":1,"bver":5.5}]"#, .malformed),
            (#"[{"n":"a","v":1,"bver":5},{"n":"a","v":1,"bver":6}]"#, .malformed),
            (#"[{"n":"a","v":1,"bver":11}]"#, .unsupported), (#"[{"n":"a","v":1,"foo_":1}]"#, .unsupported),
            (#"[{"n":"a","v":1e40,"bv":1}]"#, .unsupported), (#"[{"n":"a","v":1}"#, .truncated),
            ("[[[", .truncated),
        ]
    )
    func refuses(_ pack: String, _ expected: DecodeFailure.Reason) {
        #expect(self.reason(pack) == expected)
    }
}
