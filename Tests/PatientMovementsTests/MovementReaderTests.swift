import Payloads
import Records
import Testing

@testable import PatientMovements

@Suite("An ADT message as a movement")
struct MovementReaderTests {
    /// 2026-11-21T08:00:00Z, ms since 1970.
    private static let eight: Int64 = 1_795_248_000_000

    private static func read(
        _ text: String,
        zone: String = "Europe/Berlin",
        bed: String = "{point_of_care}/{bed}",
        type: String? = nil,
        assigner: String? = nil,
        receivedAt: Int64 = eight
    ) throws -> MovementReader.Outcome {
        let rules = MovementRules(
            bed: try #require(BedTemplate(bed)),
            zone: try TimeZoneRules(zone),
            identifierType: type,
            identifierAssigner: assigner,
            assignerDefault: "default"
        )
        let reader = MovementReader(rules) { "<\($0.assigner):\($0.recordNumber)>" }
        var tree = PayloadTree()
        let bytes = Array(text.replacing("\n", with: "\r").utf8)
        try bytes.withUnsafeBytes { try HL7Decoder.decode($0, into: &tree) }
        return try reader.read(tree, receivedAt: receivedAt)
    }

    private static func message(
        _ trigger: String = "A01",
        evn: String = "EVN||20261121090000|||X|20261121085500",
        pid: String = "PID|||4711^^^HOSP^MR",
        pv1: String = "PV1||I|ICU^3^12|||ICU^3^11|||||||||||||V1",
        time: String = "20261121090001"
    ) -> String {
        "MSH|^~\\&|HIS|HOSP|||\(time)||ADT^\(trigger)|77|P|2.5\n\(evn)\n\(pid)\n\(pv1)\n"
    }

    private static func movement(_ outcome: MovementReader.Outcome) throws -> Movement {
        guard case .movement(let movement) = outcome else {
            Issue.record("no movement")
            throw MovementFailure("none", "none")
        }
        return movement
    }

    @Test("names patient and visit by pseudonyms, and the bed as the profiles do")
    func fields() throws {
        let movement = try Self.movement(Self.read(Self.message("A02")))
        #expect(movement.event == .transfer)
        #expect(movement.sender == "HIS|HOSP" && movement.controlID == "77")
        #expect(movement.patient == "<HOSP:4711>" && movement.visit == "<\u{0}visit/HOSP:V1>")
        #expect(movement.place == .bed("ICU/12") && movement.prior == .bed("ICU/11"))
        // EVN-6, in the institution's zone; EVN-2 is when it was entered.
        #expect(movement.time == Self.eight - 300_000 && movement.recordedAt == Self.eight)
    }

    @Test(
        "takes the best time that there is",
        arguments: [
            ("EVN||20261121090000|||X|20261121085500", "20261121090001", -300_000),
            ("EVN||20261121090000", "20261121090001", 0),
            ("EVN||20261121090000|||X|20261121", "20261121090001", 0),
            ("EVN||", "20261121090001", 1_000),
            ("EVN||20261121090000+0000|||X|", "20261121090001", 3_600_000),
        ] as [(String, String, Int64)]
    )
    func times(evn: String, time: String, offset: Int64) throws {
        let movement = try Self.movement(Self.read(Self.message(evn: evn, time: time)))
        #expect(movement.time == Self.eight + offset)
    }

    @Test("in the hour that the end of daylight saving repeats has two times: the cautious one counts")
    func ambiguous() throws {
        let outcome = try Self.read(
            Self.message(evn: "EVN||20261025023000", time: ""),
            receivedAt: Self.eight
        )
        let movement = try Self.movement(outcome)
        #expect(movement.timeLatest - movement.time == 3_600_000)
        #expect(movement.beginsAt == movement.timeLatest && movement.endsAt == movement.time)
    }

    @Test(
        "takes the configured identifier",
        arguments: [
            (nil, nil, "<A:1>"), ("MR", nil, "<B:2>"), (nil, "C", "<C:3>"), ("XX", nil, nil),
            ("AN", nil, "<default:4>"),
        ] as [(String?, String?, String?)]
    )
    func identifiers(type: String?, assigner: String?, expected: String?) throws {
        let pid = "PID|||1^^^A^PI~2^^^B^MR~3^^^C^PI~4^^^^AN"
        let message = Self.message(pid: pid)
        if let expected {
            #expect(try Self.movement(Self.read(message, type: type, assigner: assigner)).patient == expected)
        } else {
            let failure = #expect(throws: MovementFailure.self) { try Self.read(message, type: type) }
            #expect(failure?.code == "adt-no-patient")
        }
    }

    @Test(
        "knows a bed, a place without one, and no place",
        arguments: [
            ("PV1||I|ICU^3^12", "{point_of_care}/{bed}", Movement.Place.bed("ICU/12")),
            ("PV1||I|ICU^3^12^H", "{point_of_care}/{room}-{bed}", .bed("ICU/3-12")),
            ("PV1||I|ICU^3", "{point_of_care}/{bed}", .elsewhere),
            ("PV1||I|", "{point_of_care}/{bed}", .unstated),
            ("PV1||I|\"\"", "{point_of_care}/{bed}", .unstated),
        ]
    )
    func places(pv1: String, bed: String, expected: Movement.Place) throws {
        #expect(try Self.movement(Self.read(Self.message(pv1: pv1), bed: bed)).place == expected)
    }

    @Test(
        "says why it is none",
        arguments: [
            (message(evn: "EVN||", time: ""), "adt-no-time"),
            (message(pid: "PID|1"), "adt-no-patient"),
            (message(evn: "EVN||20261221090000"), "adt-time-ahead"),
            ("MSH|^~\\&|HIS|HOSP|||20261121090001||ORU^R01|77|P|2.5\n", "adt-not-adt"),
            ("MSH|^~\\&|HIS|HOSP|||20261121090001||ADT|77|P|2.5\n", "adt-no-event"),
            ("MSH|^~\\&|HIS|HOSP|||20261121090001||ADT^A01||P|2.5\n", "adt-no-control-id"),
        ]
    )
    func failures(text: String, code: String) {
        let failure = #expect(throws: MovementFailure.self) { try Self.read(text) }
        #expect(failure?.code == code)
    }

    @Test("of two numbers names both, and is no movement when they are one")
    func merge() throws {
        let text = Self.message("A40", pid: "PID|||4711^^^HOSP^MR\nMRG|4710^^^HOSP^MR~9^^^OTHER^PI")
        let movement = try Self.movement(Self.read(text, type: "MR"))
        #expect(movement.event == .merge)
        #expect(movement.patient == "<HOSP:4711>" && movement.merged == "<HOSP:4710>")
        let same = Self.message("A40", pid: "PID|||4711^^^HOSP^MR\nMRG|4711^^^HOSP^MR")
        #expect(try Self.read(same) == .unrelated("A40"))
        let nobody = Self.message("A40", pid: "PID|||4711^^^HOSP^MR\nMRG|")
        #expect(throws: MovementFailure.self) { try Self.read(nobody) }
    }

    @Test("of another event moves nobody", arguments: ["A04", "A05", "A31", "A60"])
    func unrelated(trigger: String) throws {
        #expect(try Self.read(Self.message(trigger)) == .unrelated(trigger))
    }

    @Test("A discharge with a time ahead of its arrival is a discharge all the same")
    func dischargeAhead() throws {
        let movement = try Self.movement(Self.read(Self.message("A03", evn: "EVN||20271121090000")))
        #expect(movement.endsAt == Self.eight)
    }

    @Test("Templates name at least a bed or a room", arguments: ["", "{ward}", "{bed", "bed}", "{point_of_care}", "x"])
    func templates(text: String) { #expect(BedTemplate(text) == nil) }
}
