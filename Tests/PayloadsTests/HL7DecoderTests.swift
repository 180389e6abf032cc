internal import Foundation
internal import Testing

@testable internal import Payloads

@Suite("HL7 v2 messages")
struct HL7DecoderTests {
    static let files = [
        "pcd01_pressure.hl7", "bed_heart_rate.hl7", "alarm_r40.hl7", "numeric_no_zone.hl7",
    ]

    static func tree(_ bytes: [UInt8]) throws(DecodeFailure) -> PayloadTree {
        try decoded(bytes) { (bytes, tree) throws(DecodeFailure) in try HL7Decoder.decode(bytes, into: &tree) }
    }

    private func tree(file: String) throws -> PayloadTree {
        try Self.tree(try PayloadFixture.bytes("hl7v2/\(file)"))
    }

    /// A message of one observation, of which `fields` are OBX-2 and following.
    private func message(_ fields: String, header: String = "MSH|^~\\&|A||||20260310||ORU^R01|1|P|2.6") -> [UInt8] {
        Array("\(header)\rOBX|1|\(fields)\r".utf8)
    }

    private func observation(_ fields: String, _ path: String) throws(DecodeFailure) -> String? {
        TreeText.of(try Self.tree(self.message(fields)), "observations/0/" + path)
    }

    private func reason(_ bytes: [UInt8]) -> DecodeFailure.Reason? {
        refusal(bytes) { (bytes, tree) throws(DecodeFailure) in try HL7Decoder.decode(bytes, into: &tree) }
    }

    @Test("the whole tree of a bed's heart rate")
    func heartRate() throws {
        #expect(
            TreeText.of(try self.tree(file: "bed_heart_rate.hl7"))
                == "{message_type: \"ORU\", trigger: \"R01\", control_id: \"501\", message_time: "
                + "\"20260310081530+0800\", sending_application: \"BEDGATE\", sending_application_id: "
                + "\"02C0FFEE00000001\", sending_facility: \"WARD-7\", message_profile: \"IHE_PCD_001\", "
                + "visit: {class: \"I\", point_of_care: \"ICU\", bed: \"7\"}, "
                + "orders: [{set_id: 1, filler: \"501\", code: \"69952\", "
                + "code_text: \"MDC_DEV_MON_PT_PHYSIO_MULTI_PARAM\", code_system: \"MDC\", "
                + "time: \"20260310081529+0800\"}], observations: [{set_id: 1, type: \"NM\", code: \"147842\", "
                + "text: \"MDC_ECG_HEART_RATE\", system: \"MDC\", sub_id: \"1.7.4.147842\", "
                + "sub: [1, 7, 4, 147842], channel: 4, group: \"1.7.4\", value_text: \"88\", value: 88, "
                + "unit: \"264864\", unit_text: \"MDC_DIM_BEAT_PER_MIN\", unit_system: \"MDC\", status: \"R\", "
                + "time: \"20260310081528+0800\", device: \"M0001\", device_system: \"acme.example\", order: 0, "
                + "order_time: \"20260310081529+0800\", group_time: \"20260310081528+0800\", "
                + "group_device: \"M0001\"}]}"
        )
    }

    @Test("IHE PCD-01: time and device come from the containing observation, the clock from 67975")
    func containment() throws {
        let tree = try self.tree(file: "pcd01_pressure.hl7")
        for index in 3...4 {
            #expect(TreeText.of(tree, "observations/\(index)/group_time") == "\"20260310081430+0000\"")
            #expect(TreeText.of(tree, "observations/\(index)/group_device") == "\"02A1B2FFFE0000AA\"")
            #expect(TreeText.of(tree, "observations/\(index)/time") == nil)
        }
        #expect(TreeText.of(tree, "observations/1/device_system") == "\"EUI-64\"")
        #expect(TreeText.of(tree, "observations/5/value") == "37.60")
        #expect(TreeText.of(tree, "observations/5/group_time") == "\"20260310081400+0000\"")
        #expect(TreeText.of(tree, "observations/5/group_device") == nil)
        #expect(TreeText.of(tree, "observations/0/value_name") == "\"MDC_TIME_SYNC_NONE\"")
        #expect(
            TreeText.of(tree, "clock")
                == "{device_time: \"20260310031527\", reference_time: \"20260310081527+0000\", "
                + "sync: \"MDC_TIME_SYNC_NONE\"}"
        )
        #expect(TreeText.of(tree, "orders/0/end_time") == "\"20260310081500+0000\"")
    }

    @Test("a patient is identifiers only: no name, birth date, address or social security number")
    func patient() throws {
        let tree = try self.tree(file: "pcd01_pressure.hl7")
        #expect(
            TreeText.of(tree, "patient")
                == "{id: \"77\", assigner: \"North Clinic\", identifiers: [{id: \"77\", assigner: \"North Clinic\", "
                + "type: \"PI\"}]}"
        )
        let arena = String(decoding: tree.arena, as: UTF8.self)
        for secret in ["Muster", "Erika", "1970", "Main Street", "999-00"] { #expect(!arena.contains(secret)) }
    }

    @Test("an alarm: facets share the time and the group of their event")
    func alarm() throws {
        let tree = try self.tree(file: "alarm_r40.hl7")
        #expect(TreeText.of(tree, "trigger") == "\"R40\"")
        #expect(TreeText.of(tree, "sending_application_id") == "\"02C0FFEE00000002\"")
        #expect(TreeText.of(tree, "observations/0/value") == "\"196680\"")
        #expect(TreeText.of(tree, "observations/0/flags") == "[\"A\", \"PL\", \"ST\"]")
        for index in 0...3 {
            #expect(TreeText.of(tree, "observations/\(index)/group") == "\"1.7.0.196680\"")
            #expect(TreeText.of(tree, "observations/\(index)/group_time") == "\"20260310081530+0800\"")
            #expect(TreeText.of(tree, "observations/\(index)/order") == nil)
        }
        #expect(TreeText.of(tree, "message_time") == "\"20260310081530000+0800\"")
    }

    @Test("dialects pass through untouched: no zone, milliseconds without dot, times ten, sentinels, empty values")
    func dialects() throws {
        let tree = try self.tree(file: "numeric_no_zone.hl7")
        #expect(TreeText.of(tree, "patient/id") == "\"Q777\"")
        #expect(TreeText.of(tree, "visit/bed") == "\"Bed3\"")
        #expect(TreeText.of(tree, "visit/facility") == "\"WardB\"")
        #expect(TreeText.of(tree, "observations/0/time") == "\"20260310081530\"")
        #expect(TreeText.of(tree, "observations/1/time") == "\"20260310081530123\"")
        #expect(TreeText.of(tree, "observations/1/value") == "384.5")
        #expect(TreeText.of(tree, "observations/2/time") == "\"20260310081530.0000\"")
        #expect(TreeText.of(tree, "observations/2/value") == "-100")
        #expect(TreeText.of(tree, "observations/3/value") == nil)
        #expect(TreeText.of(tree, "observations/3/status") == "\"X\"")
        #expect(TreeText.of(tree, "observations/4/value") == "null")
        #expect(TreeText.of(tree, "observations/4/value_text") == nil)
        #expect(TreeText.of(tree, "observations/0/sub_id") == nil)
    }

    @Test(
        "NM keeps its precision and allows what JSON does not",
        arguments: [
            ("37.60", "37.60"), ("+5", "5"), (".5", "0.5"), ("5.", "5"), ("072", "72"), ("-1", "-1"), (" 98 ", "98"),
            ("-0.0", "0.0"), ("1e3", "1000"), ("1.5E-2", "0.015"), ("8388607", "8388607"),
            ("1234567890123456789012345678901234", "1234567890123456789012345678901234"),
            ("0000000000000000000000000000000000001", "1"),
            ("12345678901234567890123456789012345", "\"12345678901234567890123456789012345\""), ("--", "\"--\""),
            ("-", "\"-\""), (".", "\".\""), ("1.2.3", "\"1.2.3\""), ("1e", "\"1e\""), ("1e1234", "\"1e1234\""),
            (">300", "\">300\""), ("12 3", "\"12 3\""), ("NaN", "\"NaN\""),
        ]
    )
    func numbers(text: String, value: String) throws {
        #expect(try self.observation("NM|1||\(text)", "value") == value)
    }

    @Test(
        "values of other types",
        arguments: [
            ("ST|1||12", "value", "\"12\""), ("|1||12", "value", "\"12\""), ("ST|1||a&b", "value", "\"a&b\""),
            ("CWE|1||7^seven^L", "value", "\"7\""), ("CWE|1||7^seven^L", "value_name", "\"seven\""),
            ("CE|1||7^seven^L", "value_system", "\"L\""), ("SN|1||>^300", "value", "300"),
            ("SN|1||>^300", "comparator", "\">\""), ("SN|1||^1^:^128", "value", nil), ("NM|1||", "value_text", nil),
            ("NM|1||7~8.0~x~", "values", "[7, 8.0, \"x\", null]"), ("NM|1||7", "values", nil),
            ("NA|1||1^-2^^3.50~4", "values", "[1, -2, null, 3.50, 4]"), ("NA|1||1^2", "value", nil),
            ("NA|1||1^2", "value_text", "\"1\""), ("ST|1||a~b", "values", "[\"a\", \"b\"]"),
        ] as [(String, String, String?)]
    )
    func values(fields: String, member: String, value: String?) throws {
        #expect(try self.observation(fields, member) == value)
    }

    @Test(
        "escape sequences",
        arguments: [
            ("a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f", "a|b^c&d~e\\f"), ("\\XC2B5\\g", "µg"), ("x\\.br\\y", "x\ny"),
            ("x\\.sp2\\y", "x\ny"), ("\\.in+4\\y", "y"), ("\\H\\bold\\N\\", "bold"), ("C:\\dir", "C:\\dir"),
            ("a\\bc\\F\\d", "a\\bc|d"), ("\\Zabc\\", "\\Zabc\\"), ("\\X4\\", "\\X4\\"), ("\\\\", "\\\\"),
            ("end\\", "end\\"),
        ]
    )
    func escapes(text: String, value: String) throws {
        #expect(try self.observation("ST|1||\(text)", "value_text") == "\"\(value)\"")
    }

    @Test("a hexadecimal escape that gives no UTF-8 is refused")
    func badHexadecimal() {
        #expect(self.reason(self.message("ST|1||\\XB5\\g")) == .badEncoding)
    }

    @Test(
        "sub-ids as numbers and texts",
        arguments: [
            ("1.2.3.4", "sub", "[1, 2, 3, 4]"), ("1.2.3.4", "channel", "3"), ("1.2.3", "channel", nil),
            ("1.x.-3", "sub", "[1, \"x\", \"-3\"]"), ("1.x.-3", "group", "\"1.x\""), ("7", "group", nil),
            ("1..2", "sub", "[1, \"\", 2]"), ("\"\"", "sub_id", nil),
        ] as [(String, String, String?)]
    )
    func subIDs(subID: String, member: String, value: String?) throws {
        #expect(try self.observation("NM|1|\(subID)|1", member) == value)
    }

    @Test("containers with zeros below their level, facets, and orders that do not share")
    func inheritance() throws {
        let lines = [
            "MSH|^~\\&|A||||20260310||ORU^R01|1|P|2.6", "OBR|1||||||T0", "OBX|1|NM|a|1.2.3.4|1",
            "OBX|2||b|1.2.0.0||||||||||T1||||DEV", "OBX|3|NM|c|1.2.9.1.1|1|||||||||T2", "OBX|4|NM|d|1.2.9.1.2|1",
            "OBX|5|NM|e|2.1.1.1|1", "OBR|2", "OBX|1|NM|f|1.2.3.4|1",
        ]
        let tree = try Self.tree(Array(lines.joined(separator: "\r").utf8))
        let times = (0..<6).map { TreeText.of(tree, "observations/\($0)/group_time") }
        #expect(times == ["\"T1\"", "\"T1\"", "\"T2\"", "\"T2\"", "\"T0\"", nil])
        let devices = (0..<6).map { TreeText.of(tree, "observations/\($0)/group_device") }
        #expect(devices == ["\"DEV\"", "\"DEV\"", "\"DEV\"", "\"DEV\"", nil, nil])
        #expect((0..<6).map { TreeText.of(tree, "observations/\($0)/order") } == ["0", "0", "0", "0", "0", "1"])
    }

    @Test("segments end with CR, LF or CRLF, with or without MLLP framing")
    func lineEnds() throws {
        let message = try PayloadFixture.bytes("hl7v2/bed_heart_rate.hl7")
        let expected = TreeText.of(try Self.tree(message))
        let lineFeeds = message.map { $0 == 0x0D ? 0x0A : $0 }
        let both = message.flatMap { $0 == 0x0D ? [0x0D, 0x0A] : [$0] }
        for variant in [lineFeeds, both, [0x0B] + message + [0x1C, 0x0D], Array(message.dropLast())] {
            #expect(TreeText.of(try Self.tree(variant)) == expected)
        }
    }

    @Test("a LF inside a text of a message with CR stays a LF")
    func lineFeedInText() throws {
        #expect(try self.observation("ST|1||a\nb", "value") == "\"a\nb\"")
    }

    @Test("other delimiters than the usual ones")
    func delimiters() throws {
        let message =
            "MSH$*!#%$A$$$$20260310$$ORU*R01$1$P$2.6\rOBX$1$NM$147842*HR*MDC$1.2$7!8$u*v$$H!L\rOBX$2$ST$1$$x#F#y"
        let tree = try Self.tree(Array(message.utf8))
        #expect(TreeText.of(tree, "observations/0/system") == "\"MDC\"")
        #expect(TreeText.of(tree, "observations/0/values") == "[7, 8]")
        #expect(TreeText.of(tree, "observations/0/flags") == "[\"H\", \"L\"]")
        #expect(TreeText.of(tree, "observations/1/value") == "\"x$y\"")
    }

    @Test(
        "character sets of MSH-18",
        arguments: [
            ("", [0xC2, 0xB5], "µ"), ("", [0xB5], "µ"), ("UNICODE UTF-8", [0xC2, 0xB5], "µ"),
            ("UNICODE UTF-8~8859/1", [0xC2, 0xB5], "µ"), ("8859/1", [0xB5], "µ"), ("8859/1", [0xC2, 0xB5], "Âµ"),
            ("8859/1", Array("\\XB5\\".utf8), "µ"), ("ASCII", [0x75], "u"),
        ] as [(String, [UInt8], String)]
    )
    func characterSets(declared: String, text: [UInt8], value: String) throws {
        let header = "MSH|^~\\&|A||||20260310||ORU^R01|1|P|2.6||||||\(declared)"
        let tree = try Self.tree(self.message("ST|1||", header: header).dropLast() + text)
        #expect(TreeText.of(tree, "observations/0/value") == "\"\(value)\"")
    }

    @Test(
        "character sets that are refused",
        arguments: [
            ("UNICODE UTF-8", [0xB5], DecodeFailure.Reason.badEncoding), ("ASCII", [0xC2, 0xB5], .badEncoding),
            ("8859/5", [0x75], .unsupported), ("UNICODE UTF-16", [0x75], .unsupported),
        ] as [(String, [UInt8], DecodeFailure.Reason)]
    )
    func refusedCharacterSets(declared: String, text: [UInt8], reason: DecodeFailure.Reason) {
        let header = "MSH|^~\\&|A||||20260310||ORU^R01|1|P|2.6||||||\(declared)"
        #expect(self.reason(self.message("ST|1||", header: header).dropLast() + text) == reason)
    }

    @Test(
        "what is refused",
        arguments: [
            ("", DecodeFailure.Reason.truncated), ("{\"hr\":72}", .malformed), ("MSH|^~\\&", .truncated),
            ("MSH||A|B|C|D", .malformed), ("MSH|^^\\&|A|B", .malformed), ("MSH|^~\\&#$|A|B", .malformed),
            ("MSHA^~\\&A12", .malformed), ("MSH|^~\\&|A|B\robx|1", .malformed), ("MSH|^~\\&|A|B\rOBX^1", .malformed),
            ("MSH|^~\\&|A|B\rOB", .malformed), ("MSH|^~\\&|A|B\rMSH|^~\\&|A|B", .unsupported),
            ("MSH|^~\\&|A|B\rPID|1||A\rPID|2||B", .unsupported), ("FHS|^~\\&|A|B\rMSH|^~\\&|A|B", .malformed),
        ]
    )
    func refusals(message: String, reason: DecodeFailure.Reason) {
        #expect(self.reason(Array(message.utf8)) == reason)
    }

    @Test("every cut of every example is decoded or refused", arguments: files)
    func truncation(file: String) throws {
        let bytes = try PayloadFixture.bytes("hl7v2/\(file)")
        for length in bytes.indices {
            let reason = self.reason(Array(bytes.prefix(length)))
            // A cut inside MSH-18 leaves the name of another character set.
            #expect([nil, .truncated, .malformed, .unsupported].contains(reason))
        }
    }

    @Test("mutated messages are decoded or refused, never a trap")
    func mutation() throws {
        let seeds = try Self.files.map { try PayloadFixture.bytes("hl7v2/\($0)") }
        let counts = fuzz(seeds, seed: 5) { (bytes, tree) throws(DecodeFailure) in
            try HL7Decoder.decode(bytes, into: &tree)
        }
        #expect(counts.decoded > 0 && counts.refused > 0)
    }

    private static let sharedData = ProcessInfo.processInfo.environment["WARDLINE_SHARED_DATA"]

    @Test("messages that may not be distributed", .enabled(if: sharedData != nil))
    func outsideFiles() throws {
        let folder = URL(filePath: try #require(Self.sharedData)).appending(path: "hl7v2")
        func tree(_ name: String) throws -> PayloadTree {
            try Self.tree(Array(try Data(contentsOf: folder.appending(path: name))))
        }
        let pressure = try tree("ihe_pcd_bp_none_sync.hl7")
        #expect((3...5).map { TreeText.of(pressure, "observations/\($0)/value") } == ["120", "80", "100"])
        #expect(TreeText.of(pressure, "observations/3/group_time") == "\"20090813095715+0000\"")
        #expect(TreeText.of(pressure, "observations/3/group_device") == "\"0123456789ABCDEF\"")
        #expect(TreeText.of(pressure, "patient/id") == "\"1\"")
        #expect(TreeText.of(pressure, "clock/device_time") == "\"20091028123702\"")
        let bed = try tree("mindray_bed_hr.hl7")
        #expect(TreeText.of(bed, "observations/0/value") == "125")
        #expect(TreeText.of(bed, "visit") == "{class: \"I\", point_of_care: \"ICU\", bed: \"12\"}")
        let alarm = try tree("mindray_r40_alarm.hl7")
        #expect(TreeText.of(alarm, "observations/3/group_time") == "\"20260124124738+0800\"")
        #expect(TreeText.of(alarm, "sending_application_id") == "\"00A037000000\"")
        let numeric = try tree("tr8_numeric.hl7")
        #expect(TreeText.of(numeric, "observations/5/value") == "36.6")
        #expect(TreeText.of(numeric, "patient/id") == "\"P12345\"")
        let sentinel = try tree("tr8_sentinel_minus1.hl7")
        #expect((0...4).allSatisfy { TreeText.of(sentinel, "observations/\($0)/value") == "-1" })
    }
}
