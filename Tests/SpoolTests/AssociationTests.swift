import Testing

@testable import Spool

@Suite struct AssociationTests {
    private static let firstPatient = String(repeating: "a", count: 32)
    private static let secondPatient = String(repeating: "b", count: 32)
    private static let bed = Association.Subject.bed("ward3/12")

    @Test("a subject belongs to a patient from the begin, included, to the end, not included")
    func validity() throws {
        let spool = try TestStore().spool()
        try spool.associate(Self.bed, with: Self.firstPatient, from: 100, to: 200)
        try spool.associate(Self.bed, with: Self.secondPatient, from: 200)
        try spool.associate(.device("ward3/12"), with: Self.firstPatient, from: 0)
        let cases: [(Int64, String?)] = [
            (99, nil), (100, Self.firstPatient), (199, Self.firstPatient), (200, Self.secondPatient),
        ]
        for (time, patient) in cases {
            #expect(try spool.association(of: Self.bed, at: time)?.patient == patient, "\(time)")
        }
        #expect(try spool.association(of: .device("ward3/12"), at: 99)?.patient == Self.firstPatient)
        #expect(try spool.association(of: .bed("ward3/1"), at: 150) == nil)
    }

    @Test("after a discharge nobody inherits the readings")
    func discharge() throws {
        let store = try TestStore()
        let spool = try store.spool()
        try spool.associate(Self.bed, with: Self.firstPatient, from: 100)
        #expect(throws: StoreRefusal.self) { try spool.endAssociation(of: Self.bed, at: 99) }
        try spool.endAssociation(of: Self.bed, at: 150)
        #expect(throws: StoreRefusal.self) { try spool.endAssociation(of: Self.bed, at: 160) }
        let reopened = try store.spool()
        #expect(try reopened.association(of: Self.bed, at: 149)?.patient == Self.firstPatient)
        #expect(try reopened.association(of: Self.bed, at: 150) == nil)
    }

    @Test(
        "overlaps are refused",
        arguments: [(100, 200), (50, 101), (199, 300), (0, nil), (150, 160), (100, nil)] as [(Int64, Int64?)]
    )
    func overlap(from: Int64, to: Int64?) throws {
        let spool = try TestStore().spool()
        try spool.associate(Self.bed, with: Self.firstPatient, from: 100, to: 200)
        #expect(throws: StoreRefusal.self) {
            try spool.associate(Self.bed, with: Self.secondPatient, from: from, to: to)
        }
        #expect(throws: StoreRefusal.self) {
            try spool.associate(Self.bed, with: Self.secondPatient, from: from, to: to, replace: true)
        }
        #expect(try spool.associations().count == 1)
    }

    @Test("replacing ends the open association and keeps it as history")
    func replacement() throws {
        let spool = try TestStore().spool()
        try spool.associate(Self.bed, with: Self.firstPatient, from: 100)
        #expect { try spool.associate(Self.bed, with: Self.secondPatient, from: 200) } throws: {
            "\($0)".contains("bed ward3/12 already belongs to patient \(Self.firstPatient)")
        }
        try spool.associate(Self.bed, with: Self.secondPatient, from: 200, replace: true)
        #expect(try spool.associations().map(\.to) == [200, nil])
        #expect(throws: StoreRefusal.self) {
            try spool.associate(Self.bed, with: Self.firstPatient, from: 150, replace: true)
        }
    }

    @Test("pseudonyms and names that are none are refused", arguments: ["", "A", String(repeating: "g", count: 32)])
    func malformed(patient: String) throws {
        let spool = try TestStore().spool()
        #expect(throws: StoreRefusal.self) { try spool.associate(Self.bed, with: patient, from: 0) }
        #expect(throws: StoreRefusal.self) { try spool.associate(.bed(""), with: Self.firstPatient, from: 0) }
        #expect(throws: StoreRefusal.self) { try spool.associate(Self.bed, with: Self.firstPatient, from: 5, to: 5) }
    }

    @Test("another process's change shows in the data version, one's own does not")
    func dataVersion() throws {
        let store = try TestStore()
        let (agent, tool) = (try store.spool(), try store.spool())
        let before = try agent.dataVersion()
        _ = try agent.commit(batch(source: 1, [[1]]))
        #expect(try agent.dataVersion() == before)
        try tool.associate(Self.bed, with: Self.firstPatient, from: 0)
        #expect(try agent.dataVersion() != before)
        #expect(try agent.associations().map(\.patient) == [Self.firstPatient])
    }
}
