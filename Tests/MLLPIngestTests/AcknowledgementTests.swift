import Payloads
import Testing

@testable import MLLPIngest

@Suite("Answers to HL7 messages")
struct AcknowledgementTests {
    private static let stamp = Acknowledgement.Stamp(time: "20261121080000+0000", controlID: "W1")

    private static func header(_ text: String) throws -> HL7Header {
        try Array(text.utf8).withUnsafeBytes { try HL7Header($0) }
    }

    /// The answers as segments, without their frames.
    private static func answers(_ header: HL7Header?, _ refusal: HL7Refusal? = nil) -> [[String]] {
        Acknowledgement.answers(to: header, refusal: refusal, stamp: self.stamp).map { answer in
            #expect(answer.first == 0x0B && answer.suffix(2) == [0x1C, 0x0D])
            return String(decoding: answer.dropFirst().dropLast(2), as: UTF8.self)
                .split(separator: "\r").map(String.init)
        }
    }

    private static func msh(_ mode: String = "", type: String = "ADT^A01^ADT_A01", version: String = "2.5") -> String {
        "MSH|^~\\&|HIS|HOSP|WARD|ICU|20261121090000||\(type)|77|P|\(version)\(mode)\rPID|1"
    }

    @Test("a stored message is accepted, to whom it came from")
    func accepted() throws {
        let found = Self.answers(try Self.header(Self.msh()))
        #expect(
            found == [
                [
                    "MSH|^~\\&|WARD|ICU|HIS|HOSP|20261121080000+0000||ACK^A01^ACK|W1|P|2.5",
                    "MSA|AA|77",
                ]
            ]
        )
    }

    @Test(
        "MSH-15 and MSH-16 say which answers there are",
        arguments: [
            ("", ["AA"], ["AR"]), ("|||AL|NE", ["CA"], ["CR"]), ("|||NE|AL", ["AA"], ["AR"]),
            ("|||AL|AL", ["CA", "AA"], ["CR"]), ("|||NE|NE", [], []), ("|||ER|NE", [], ["CR"]),
            ("|||SU|NE", ["CA"], []), ("|||ER|SU", ["AA"], ["CR"]), ("|||AL", ["CA"], ["CR"]),
            ("||||AL", ["AA"], ["AR"]),
        ]
    )
    func modes(mode: String, stored: [String], refused: [String]) throws {
        let header = try Self.header(Self.msh(mode))
        #expect(Self.answers(header).map { $0[1] } == stored.map { "MSA|\($0)|77" })
        #expect(
            Self.answers(header, .unsupportedType).map { $0[1] }
                == refused.map { "MSA|\($0)|77|Unsupported message type" }
        )
    }

    @Test("a refusal says where and why, in the words of its version")
    func errors() throws {
        let new = Self.answers(try Self.header(Self.msh()), .unsupportedProcessing)[0]
        #expect(new[2] == "ERR||MSH^1^11|202^Unsupported processing id^HL70357|E||||Unsupported processing id")
        let old = Self.answers(try Self.header(Self.msh(version: "2.3.1")), .unsupportedProcessing)[0]
        #expect(old[2] == "ERR|MSH^1^11^202&Unsupported processing id&HL70357")
        let none = Self.answers(nil, .noHeader)[0]
        #expect(none[1] == "MSA|AR||Segment sequence error")
    }

    @Test("the sender's own marks are used")
    func marks() throws {
        let header = try Self.header("MSH#*~\\+#A#B#C#D###ORU*R01#9#P#2.5")
        let found = Self.answers(header, .unsupportedType)[0]
        #expect(found[0] == "MSH#*~\\+#C#D#A#B#20261121080000+0000##ACK*R01*ACK#W1#P#2.5")
        #expect(found[2] == "ERR##MSH*1*9#200*Unsupported message type*HL70357#E####Unsupported message type")
    }

    @Test(
        "headers that are taken and refused",
        arguments: [
            ("ADT^A01|1|P|2.5", nil), ("ORU^R01^ORU_R01|1|P|2.6", nil), ("ORU^R01|1|P|2.5.1", nil),
            ("ORU^R01|1|P|2", nil), ("ORM^O01|1|P|2.5", "message-type"), ("|1|P|2.5", "required-field"),
            ("ADT^A01||P|2.5", "required-field"), ("ADT^A01|1|T|2.5", "processing-id"),
            ("ADT^A01|1||2.5", "required-field"), ("ADT^A01|1|P|", "required-field"),
            ("ADT^A01|1|P|3.0", "version"), ("ADT^A01|1|P|2.5.1.1", "version"), ("ADT^A01|1|P^T|2.x", "version"),
        ] as [(String, String?)]
    )
    func admission(fields: String, word: String?) throws {
        let header = try Self.header("MSH|^~\\&|A|B|C|D|20261121090000||\(fields)")
        let admission = Admission(messageTypes: ["ORU", "ADT"])
        #expect(admission.refusal(of: header)?.word == word)
    }
}
