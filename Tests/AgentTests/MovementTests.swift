import Foundation
import MLLPIngest
import Normalization
import PatientMovements
import Records
import Spool
import Testing

@testable import Agent

@Suite("Patients who come and go by ADT messages")
struct MovementTests {
    private typealias Site = MovementSite

    @Test("a discharge followed by a reading leaves it nobody's, even in one batch")
    func dischargeThenReading() throws {
        let site = try Site()
        let store = try site.openStore()
        let messages = [
            Site.reading(minute: 1), Site.adt("A01", "4711", minute: 2), Site.reading(minute: 3),
            Site.adt("A03", "4711", minute: 4), Site.reading(minute: 5), Site.adt("A01", "4712", minute: 6),
            Site.reading(minute: 7),
        ]
        try site.ingest([messages], store)
        let (one, two) = (try site.pseudonym("4711"), try site.pseudonym("4712"))
        #expect(try store.spool.allObservations().map(\.patient) == [nil, one, nil, two])
        let counts = try store.statistics().messages
        #expect(counts.received == 7 && counts.normalized == 7 && counts.deadLettered == 0)
    }

    @Test("whatever the batches are, readings find the same patients", arguments: 0..<20 as Range<UInt64>)
    func batches(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let site = try Site()
        let store = try site.openStore()
        let messages = [
            Site.adt("A01", "1", minute: 2), Site.reading(minute: 3), Site.adt("A03", "1", minute: 4),
            Site.reading(minute: 5), Site.adt("A13", "1", minute: 6), Site.reading(minute: 7),
            Site.adt("A03", "1", minute: 8), Site.adt("A01", "2", minute: 9), Site.reading(minute: 10),
            Site.adt("A11", "2", minute: 11), Site.reading(minute: 12),
        ]
        var bursts: [[Arrival]] = [[]]
        for message in messages {
            if Bool.random(using: &random), !(bursts.last ?? []).isEmpty { bursts.append([]) }
            bursts[bursts.count - 1].append(message)
        }
        // Between batches the agent may be stopped and started.
        for group in bursts { try site.ingest([group], store) }
        let (one, two) = (try site.pseudonym("1"), try site.pseudonym("2"))
        #expect(try store.spool.allObservations().map(\.patient) == [one, nil, one, two, nil])
    }

    @Test("a repeated message is a duplicate, an event that moves nobody is ignored, a faulty one a dead letter")
    func dispositions() throws {
        let site = try Site()
        let store = try site.openStore()
        let admission = Site.adt("A01", "4711", minute: 2)
        var faulty = Site.adt("A01", "4712", minute: 3)
        faulty.payload = faulty.payload.replacing("PID|||4712^^^HOSP^MR", with: "PID|||")
        var broken = Site.adt("A01", "4713", minute: 3)
        broken.payload = "not HL7"
        try site.ingest([[admission, admission, Site.adt("A04", "9", minute: 3), faulty, broken]], store)
        let counts = try store.statistics().messages
        #expect(counts.received == 5 && counts.normalized == 1 && counts.duplicate == 1 && counts.ignored == 1)
        #expect(counts.deadLettered == 2)
        let letters = try store.spool.deadLetters(DeadLetterFilter())
        #expect(letters.map(\.letter.reasonCode).sorted() == ["adt-no-patient", "malformed"])
        #expect(letters.allSatisfy { !$0.letter.reasonText.contains("4712") })
    }

    @Test("a dead letter that has become readable moves the patient when it is replayed")
    func replay() throws {
        let site = try Site()
        let store = try site.openStore()
        try site.ingest([[Site.adt("A01", "4711", minute: 2)]], store)
        // The identifier type that the institution uses was not configured yet.
        let strict = try Site.strict(site)
        var processor = try strict.processor(store)
        _ = try store.inbox.append(burst([Site.adt("A03", "4711", minute: 4)]))
        let batch = try #require(try store.inbox.nextBatch(after: store.spool.cursor))
        var output = NormalizedBatch()
        processor.process(batch.burst, batch: batch.id, into: &output)
        processor.writeMovements(to: &output)
        _ = try store.spool.commit(output)
        let letters = try store.spool.deadLetters(DeadLetterFilter())
        #expect(letters.map(\.letter.reasonCode) == ["adt-no-patient"])
        let summary = try DeadLetterReplay(configuration: site.configuration).run(letters)
        #expect(summary.resolved == 1)
        let book = try #require(try site.configuration.patientBook(store.spool))
        let end = (Site.start + 4) * 60_000
        #expect(book.associations.map(\.interval.to) == [end])
        var all = DeadLetterFilter()
        all.includesReplayed = true
        #expect(try store.spool.deadLetters(all).map(\.outcome) == ["movement of a patient"])
    }

    @Test("what people say goes before the messages, for its time")
    func byHand() throws {
        let site = try Site()
        let store = try site.openStore()
        let hand = String(repeating: "a", count: 32)
        let minute: (Int64) -> Int64 = { (Site.start + $0) * 60_000 }
        try store.spool.associate(.bed("7/3"), with: hand, from: minute(4), to: minute(6))
        try site.ingest(
            [[Site.adt("A01", "4711", minute: 2)] + [3, 4, 5, 6].map { Site.reading(minute: $0) }],
            store
        )
        let patient = try site.pseudonym("4711")
        #expect(try store.spool.allObservations().map(\.patient) == [patient, hand, hand, patient])
    }

    @Test("movements outlive a restart and the keys of old epochs, and are forgotten when they are old")
    func persistence() throws {
        let site = try Site(retentionDays: 1)
        let store = try site.openStore()
        try site.ingest(
            [
                [
                    Site.adt("A01", "4711", minute: 2), Site.adt("A03", "4711", minute: 4),
                    Site.adt("A01", "4712", minute: 5, bed: "4"),
                ]
            ],
            store
        )
        let again = try site.openStore()
        let book = try #require(try site.configuration.patientBook(again.spool))
        #expect(book.ledger.count == 3)
        #expect(try again.spool.movements().count == 3)
        var processor = try site.processor(again)
        processor.forgetMovements(now: (Site.start + 3 * 1_440) * 60_000)
        var output = NormalizedBatch()
        processor.writeMovements(to: &output)
        _ = try again.spool.commit(output)
        processor.movementsAreSaved()
        #expect(try again.spool.movements().count == 1)
        let reopened = try #require(try site.configuration.patientBook(site.openStore().spool))
        #expect(reopened.associations.map(\.bed) == ["7/4"])
        #expect(reopened.ledger.forgottenUntil == (Site.start + 4) * 60_000)
    }

    @Test("only the MLLP port may use the topics of its movements")
    func topics() throws {
        let site = try Site()
        let store = try site.openStore()
        let book = try #require(try site.configuration.patientBook(store.spool))
        let mllp = Array("wardline/adt/his".utf8)[...]
        #expect(book.takes(topic: mllp, broker: MLLPOrigin.broker))
        #expect(!book.takes(topic: mllp, broker: 0))
        #expect(book.takes(topic: Array("hl7/adt/his".utf8)[...], broker: 0))
        #expect(!book.takes(topic: Array("hl7/oru/his".utf8)[...], broker: 0))
    }

    @Test("a running normalizer follows them, and says what is contradictory")
    func running() async throws {
        let site = try Site()
        let store = try site.openStore()
        let beds = SharedBeds()
        let loop = NormalizerLoop(
            inbox: store.inbox,
            spool: store.spool,
            sharedBeds: beds,
            logger: TestSite.logger
        )
        let processor = try site.processor(store)
        try await withThread({ loop.run(processor) }, stop: loop.requestStop) {
            _ = try store.inbox.append(
                burst([Site.adt("A01", "1", minute: 1), Site.adt("A01", "2", minute: 2), Site.reading(minute: 3)])
            )
            #expect(try await eventually { try store.statistics().observationsStored == 1 })
            #expect(await eventually { loop.patients?.contradictionCount == 1 })
            #expect(loop.patients?.movements == 2)
            // The waveforms' thread sees the beds of this one.
            var version: UInt64 = 0
            let map = try #require(beds.newer(than: &version))
            let first = (Site.start + 1) * 60_000_000_000
            #expect(map.patient(device: "w", bed: "7/3", at: first) == (try site.pseudonym("1")))
            #expect(map.patient(device: "w", bed: "7/3", at: first + 120_000_000_000) == nil)
        }
        #expect(try store.spool.allObservations().map(\.patient) == [nil])
    }
}

extension MovementSite {
    /// The same folder, read with an identifier type that nobody has.
    fileprivate static func strict(_ site: MovementSite) throws -> StrictSite { try StrictSite(site) }

    fileprivate struct StrictSite {
        private let site: MovementSite
        private let configuration: AgentConfiguration

        init(_ site: MovementSite) throws {
            self.site = site
            self.configuration = try AgentConfiguration(
                parsing: """
                    version: 1
                    agent: {id: test}
                    state_directory: \(site.folder)/state
                    spool: {master_key_file: \(site.folder)/spool.key}
                    devices: \(site.folder)/devices
                    brokers: [{host: 127.0.0.1}]
                    patients: {pseudonym_key_file: \(site.folder)/pseudonym.key}
                    adt: {topics: ["hl7/adt/#"], time_zone: utc, identifier_type: XX}
                    """,
                file: "agent.yaml"
            )
        }

        func processor(_ store: AgentStore) throws -> MessageProcessor {
            var processor = try self.site.processor(store)
            processor = MessageProcessor(
                library: processor.library,
                state: try store.decoderState(),
                normalizer: processor.normalizer,
                patients: try self.configuration.patientBook(store.spool)
            )
            return processor
        }
    }
}
