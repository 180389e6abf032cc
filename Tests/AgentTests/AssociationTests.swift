import Normalization
import Records
import Spool
import Testing

@testable import Agent

@Suite("Patients of beds and devices")
struct AssociationTests {
    private static let start = TestSite.start / 1_000_000
    private static let patients = (0..<4).map { String(repeating: "\($0)", count: 32) }
    private static let bed = Association.Subject.bed("7/3")

    /// The patient of a temperature that arrives at each moment (ns since 1970), as stored in the spool.
    private static func patients(
        at times: [Int64],
        _ site: TestSite,
        _ store: AgentStore
    ) throws -> [String?] {
        var processor = try site.processor(store)
        processor.beds = BedMap()
        var watch = AssociationWatch()
        let beds = try watch.changed(in: store.spool)
        processor.beds = try #require(beds)
        var output = NormalizedBatch()
        processor.process(burst(times.map { Arrival(receivedAt: $0) }), batch: 1, into: &output)
        let lines = String(decoding: output.lines, as: UTF8.self).split(separator: "\n")
        return try lines.map { try SeenObservation(line: String($0)).patient }
    }

    @Test("a bed's readings are the patient's from exactly the begin to before the end")
    func exactBounds() throws {
        let site = try TestSite()
        let store = try site.openStore()
        try store.spool.associate(Self.bed, with: Self.patients[1], from: Self.start, to: Self.start + 1_000)
        try store.spool.associate(Self.bed, with: Self.patients[2], from: Self.start + 2_000)
        let moments: [(Int64, String?)] = [
            (-1, nil), (0, Self.patients[1]), (999_999_999, Self.patients[1]), (1_000_000_000, nil),
            (1_999_999_999, nil), (2_000_000_000, Self.patients[2]), (9_000_000_000, Self.patients[2]),
        ]
        let found = try Self.patients(at: moments.map { TestSite.start + $0.0 }, site, store)
        #expect(found == moments.map(\.1))
    }

    @Test("discharge leaves later readings unassociated, and a replacement hands over without a gap or an overlap")
    func dischargeAndReplacement() throws {
        let site = try TestSite()
        let store = try site.openStore()
        try store.spool.associate(Self.bed, with: Self.patients[1], from: Self.start)
        try store.spool.associate(Self.bed, with: Self.patients[2], from: Self.start + 10, replace: true)
        try store.spool.endAssociation(of: Self.bed, at: Self.start + 20)
        let found = try Self.patients(
            at: [0, 9, 10, 19, 20, 30].map { TestSite.start + $0 * 1_000_000 },
            site,
            store
        )
        let (one, two) = (Self.patients[1], Self.patients[2])
        #expect(found == [one, one, two, two, nil, nil])
    }

    @Test("the device's own patient beats the bed's")
    func deviceBeatsBed() throws {
        let site = try TestSite()
        let store = try site.openStore()
        try store.spool.associate(Self.bed, with: Self.patients[1], from: Self.start)
        try store.spool.associate(.device("T1"), with: Self.patients[2], from: Self.start + 10, to: Self.start + 20)
        let found = try Self.patients(at: [9, 10, 20].map { TestSite.start + $0 * 1_000_000 }, site, store)
        #expect(found == [Self.patients[1], Self.patients[2], Self.patients[1]])
    }

    @Test("whatever is associated, ended and replaced, a reading is its own patient's or nobody's", arguments: 0..<25)
    func randomAssociations(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let site = try TestSite()
        let store = try site.openStore()
        var model: [(patient: String, from: Int64, to: Int64?)] = []
        var time = Self.start
        for _ in 0..<8 {
            time += Int64.random(in: 0...40, using: &random)
            let patient = Self.patients.randomElement(using: &random) ?? ""
            if let last = model.last, last.to == nil {
                guard time > last.from else { continue }
                model[model.count - 1].to = time
                if Bool.random(using: &random) {
                    try store.spool.endAssociation(of: Self.bed, at: time)
                    continue
                }
            }
            let to = Int.random(in: 0..<3, using: &random) == 0 ? time + Int64.random(in: 1...40, using: &random) : nil
            try store.spool.associate(Self.bed, with: patient, from: time, to: to, replace: true)
            model.append((patient, time, to))
            time = to ?? time
        }
        let edges = model.flatMap { [$0.from, $0.to ?? $0.from] }.flatMap { [$0 * 1_000_000 - 1, $0 * 1_000_000] }
        let times = edges + (0..<50).map { _ in TestSite.start + Int64.random(in: 0...400_000_000, using: &random) }
        let expected = times.map { time in
            model.first { $0.from * 1_000_000 <= time && time < ($0.to ?? .max / 1_000_000) * 1_000_000 }?.patient
        }
        #expect(try Self.patients(at: times, site, store) == expected)
    }

    @Test("an association made through another connection is noticed, each change once")
    func otherConnection() throws {
        let site = try TestSite()
        let store = try site.openStore()
        var watch = AssociationWatch()
        #expect(try watch.changed(in: store.spool) != nil)
        #expect(try watch.changed(in: store.spool) == nil)
        let tool = try site.openStore()
        try tool.spool.associate(Self.bed, with: Self.patients[1], from: Self.start)
        let changed = try watch.changed(in: store.spool)
        let beds = try #require(changed)
        #expect(beds.patient(device: "T1", bed: "7/3", at: TestSite.start) == Self.patients[1])
        #expect(try watch.changed(in: store.spool) == nil)
        try tool.spool.endAssociation(of: Self.bed, at: Self.start + 1)
        let ended = try watch.changed(in: store.spool)
        #expect(try #require(ended).patient(device: "T1", bed: "7/3", at: TestSite.start + 1_000_000) == nil)
    }

    @Test("the agent's own commits do not make it read the associations again")
    func ownCommits() throws {
        let site = try TestSite()
        let store = try site.openStore()
        var watch = AssociationWatch()
        _ = try watch.changed(in: store.spool)
        try site.ingest([Arrival()], store)
        #expect(try watch.changed(in: store.spool) == nil)
    }

    @Test("a running normalizer gives readings to the patient whom another process has just associated")
    func runningNormalizer() async throws {
        let site = try TestSite()
        let store = try site.openStore()
        let loop = NormalizerLoop(inbox: store.inbox, spool: store.spool, logger: TestSite.logger)
        let processor = try site.processor(store)
        try await withThread({ loop.run(processor) }, stop: loop.requestStop) {
            _ = try store.inbox.append(burst([Arrival()]))
            #expect(try await eventually { try store.statistics().observationsStored == 1 })
            try site.openStore().spool.associate(Self.bed, with: Self.patients[3], from: Self.start)
            _ = try store.inbox.append(burst([Arrival()]))
            #expect(try await eventually { try store.statistics().observationsStored == 2 })
        }
        #expect(try store.spool.allObservations().map(\.patient) == [nil, Self.patients[3]])
    }
}
