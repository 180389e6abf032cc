internal import Testing

@testable internal import Payloads

@Suite("HL7 v2 messages about patients")
struct HL7MovementTests {
    private static let transfer = """
        MSH|^~\\&|HIS|HOSP|||20261121080500+0100||ADT^A02^ADT_A02|77|P|2.5
        EVN|A02|20261121080400|||NURSE|20261121080000
        PID|||4711^^^HOSP^MR~900^^^SSA^SS||Doe^Jane
        PV1||I|ICU^3^12^HOSP|||ICU^2^11|||||||||||||V88
        """.replacing("\n", with: "\r")

    @Test("say what happened and when, where the patient is and was, and in which visit")
    func transfer() throws {
        let tree = try HL7DecoderTests.tree(Array(Self.transfer.utf8))
        #expect(
            TreeText.of(tree, "event")
                == "{code: \"A02\", recorded: \"20261121080400\", occurred: \"20261121080000\"}"
        )
        #expect(
            TreeText.of(tree, "visit")
                == "{class: \"I\", point_of_care: \"ICU\", room: \"3\", bed: \"12\", facility: \"HOSP\", "
                + "number: \"V88\", prior: {point_of_care: \"ICU\", room: \"2\", bed: \"11\"}}"
        )
        #expect(TreeText.of(tree, "patient/identifiers") == "[{id: \"4711\", assigner: \"HOSP\", type: \"MR\"}]")
    }

    @Test("with two events are refused")
    func twice() {
        let text = "MSH|^~\\&|A||||||ADT^A01|1|P|2.5\rEVN|A01\rEVN|A02\r"
        #expect(throws: DecodeFailure.self) { try HL7DecoderTests.tree(Array(text.utf8)) }
    }
}
