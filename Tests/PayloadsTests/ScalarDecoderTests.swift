import Payloads
import Testing

@Suite("Bare scalars")
struct ScalarDecoderTests {
    private func scalar(_ text: String, decimalComma: Bool = false) throws(DecodeFailure) -> String {
        try rendered(Array(text.utf8)) { (bytes, tree) throws(DecodeFailure) in
            try ScalarDecoder.decode(bytes, into: &tree, decimalComma: decimalComma)
        }
    }

    @Test(
        "numbers, with or without a unit",
        arguments: [
            ("36.60", #"{"value":36.60,"text":"36.60"}"#), (" 72 \r\n", #"{"value":72,"text":"72"}"#),
            ("72\u{0}", #"{"value":72,"text":"72"}"#), ("\u{FEFF}-1.5e3", #"{"value":-1500,"text":"-1.5e3"}"#),
            ("98 %", #"{"value":98,"unit":"%","text":"98 %"}"#), ("98%", #"{"value":98,"unit":"%","text":"98%"}"#),
            ("36.6°C", #"{"value":36.6,"unit":"°C","text":"36.6°C"}"#),
            ("120 mm Hg", #"{"value":120,"unit":"mm Hg","text":"120 mm Hg"}"#),
            ("120mm[Hg]\n", #"{"value":120,"unit":"mm[Hg]","text":"120mm[Hg]"}"#),
            ("72 /min", #"{"value":72,"unit":"/min","text":"72 /min"}"#),
            ("1.7 m2", #"{"value":1.7,"unit":"m2","text":"1.7 m2"}"#),
            ("96.8[degF]", #"{"value":96.8,"unit":"[degF]","text":"96.8[degF]"}"#),
            ("12 {beats}/min", #"{"value":12,"unit":"{beats}/min","text":"12 {beats}/min"}"#),
        ]
    )
    func numbers(_ text: String, _ expected: String) throws {
        #expect(try self.scalar(text) == expected)
    }

    @Test("truth values", arguments: [("true", "true"), (" false\n", "false")])
    func truthValues(_ text: String, _ value: String) throws {
        #expect(try self.scalar(text) == #"{"value":\#(value),"text":"\#(value)"}"#)
    }

    @Test(
        "what only starts like a number is a text",
        arguments: [
            "ON", "TRUE", "120/80", "12:30:15", "2026-11-20", "1.5.3", "--", "007", "+5", ".5", "36,6", "98 % 72 bpm",
            "72 72", "1e", "5-6", "99999999999999999999999999999999999", "NaN",
        ]
    )
    func texts(_ text: String) throws {
        #expect(try self.scalar(text) == #"{"value":"\#(text)","text":"\#(text)"}"#)
    }

    @Test("a decimal comma is read where the dialect has one")
    func decimalComma() throws {
        #expect(try self.scalar("36,60 Cel", decimalComma: true) == #"{"value":36.60,"unit":"Cel","text":"36,60 Cel"}"#)
        #expect(try self.scalar("36.6", decimalComma: true) == #"{"value":"36.6","text":"36.6"}"#)
    }

    @Test(
        "blank, oversized and otherwise encoded payloads are refused",
        arguments: [
            ([], DecodeFailure.Reason.truncated), ([0x20, 0x0A], .truncated), ([0x37, 0xB0], .badEncoding),
            ([UInt8](repeating: 0x31, count: PayloadBounds.payloadBytesMax + 1), .tooLarge),
        ]
    )
    func refusals(_ payload: [UInt8], _ reason: DecodeFailure.Reason) {
        let failure = failure(payload) { (bytes, tree) throws(DecodeFailure) in
            try ScalarDecoder.decode(bytes, into: &tree)
        }
        #expect(failure?.reason == reason)
    }
}
