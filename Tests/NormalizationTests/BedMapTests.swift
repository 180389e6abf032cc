import Testing

@testable import Normalization

@Suite struct BedMapTests {
    private static func bed(_ patient: String, _ from: Int64, _ to: Int64?) -> PatientAssociation {
        PatientAssociation(subject: .bed("icu/1"), patient: patient, from: from, to: to)
    }

    private static func device(_ patient: String, _ from: Int64, _ to: Int64?) -> PatientAssociation {
        PatientAssociation(subject: .device("M-1"), patient: patient, from: from, to: to)
    }

    @Test(
        "a reading belongs to the patient of its moment, half-open, and to nobody in between",
        arguments: [
            (999, nil), (1000, "ann"), (1999, "ann"), (2000, nil), (2999, nil), (3000, "bea"), (1_000_000, "bea"),
        ] as [(Int64, String?)]
    )
    func intervals(milliseconds: Int64, patient: String?) throws {
        let map = try BedMap([Self.bed("bea", 3000, nil), Self.bed("ann", 1000, 2000)])
        #expect(map.patient(device: "M-9", bed: "icu/1", at: milliseconds * 1_000_000) == patient)
        // The last nanosecond of a millisecond belongs to it.
        #expect(map.patient(device: "M-9", bed: "icu/1", at: milliseconds * 1_000_000 + 999_999) == patient)
    }

    @Test(
        "the device's own association beats its bed's, but only while it lasts",
        arguments: [
            (500, "ann"), (1000, "bea"), (1999, "bea"), (2000, "ann"),
        ] as [(Int64, String?)]
    )
    func precedence(milliseconds: Int64, patient: String?) throws {
        let map = try BedMap([Self.bed("ann", 0, nil), Self.device("bea", 1000, 2000)])
        #expect(map.patient(device: "M-1", bed: "icu/1", at: milliseconds * 1_000_000) == patient)
    }

    @Test("another device in another bed, or without one, is nobody's")
    func strangers() throws {
        let map = try BedMap([Self.bed("ann", 0, nil), Self.device("bea", 0, nil)])
        #expect(map.patient(device: "M-2", bed: "icu/2", at: 5) == nil)
        #expect(map.patient(device: "M-2", bed: nil, at: 5) == nil)
        #expect(map.patient(device: "icu/1", bed: "M-1", at: 5) == nil)
        #expect(BedMap().patient(device: "M-1", bed: "icu/1", at: 5) == nil)
    }

    @Test("before 1970 milliseconds are rounded down, too")
    func beforeTheEpoch() throws {
        let map = try BedMap([Self.bed("ann", -5, -2)])
        #expect(map.patient(device: "", bed: "icu/1", at: -5_000_000) == "ann")
        #expect(map.patient(device: "", bed: "icu/1", at: -5_000_001) == nil)
        #expect(map.patient(device: "", bed: "icu/1", at: -2_000_001) == "ann")
        #expect(map.patient(device: "", bed: "icu/1", at: -2_000_000) == nil)
    }

    @Test(
        "associations of one subject must not overlap, whichever comes first",
        arguments: [
            (Self.bed("ann", 0, 1001), Self.bed("bea", 1000, 2000)),
            (Self.bed("ann", 0, nil), Self.bed("bea", 1000, 2000)),
            (Self.bed("ann", 0, 3000), Self.bed("ann", 1000, 2000)),
            (Self.device("ann", 0, nil), Self.device("bea", 0, nil)),
        ]
    )
    func overlap(first: PatientAssociation, second: PatientAssociation) {
        #expect(throws: BedMapError.self) { try BedMap([first, second]) }
        #expect(throws: BedMapError.self) { try BedMap([second, first]) }
    }

    @Test("adjacent associations and those of different subjects stand side by side")
    func adjacent() throws {
        let map = try BedMap([Self.bed("ann", 0, 1000), Self.bed("bea", 1000, nil), Self.device("cid", 0, nil)])
        #expect(map.patient(device: "M-2", bed: "icu/1", at: 999_999_999) == "ann")
        #expect(map.patient(device: "M-2", bed: "icu/1", at: 1_000_000_000) == "bea")
    }

    @Test("an association without duration is refused and named", arguments: [Int64(5), 4])
    func empty(end: Int64) {
        let association = Self.bed("ann", 5, end)
        #expect(throws: BedMapError.empty(association)) { try BedMap([association]) }
        #expect(BedMapError.empty(association).description == "the association of bed icu/1 from 5 to \(end) is empty")
    }

    @Test("agrees with a search through the whole list", arguments: 1...20)
    func model(seed: UInt64) throws {
        var generator = SplitMix(state: seed)
        var list: [PatientAssociation] = []
        for subject in ["icu/1", "icu/2"] {
            var time: Int64 = 0
            for patient in 0..<50 {
                time += Int64.random(in: 0...3, using: &generator)
                let end = time + Int64.random(in: 1...4, using: &generator)
                list.append(
                    PatientAssociation(subject: .bed(subject), patient: "\(patient)", from: time, to: end)
                )
                time = end
            }
        }
        let map = try BedMap(list.shuffled(using: &generator))
        for moment in Int64(-2)...220 {
            let expected = list.first {
                $0.subject == .bed("icu/1") && $0.from <= moment && moment < ($0.to ?? .max)
            }
            #expect(map.patient(device: "", bed: "icu/1", at: moment * 1_000_000) == expected?.patient)
        }
    }
}
