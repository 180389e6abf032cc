import DeviceProfiles
import Foundation
import MQTTIngest
import Records
import Spool
import StrictYAML
import Testing

@testable import Agent

@Suite("From the broker into the spool", .timeLimit(.minutes(10)))
struct IngestStoreTests {
    private static func ingest(_ store: AgentStore) throws -> IngestStore {
        IngestStore(inbox: store.inbox, receiveMaximum: 10, secret: try store.dedupSecret(), logger: TestSite.logger)
    }

    @Test("a message that the size limit cut is a dead letter, its neighbours are read")
    func oversized() throws {
        let site = try TestSite()
        let store = try site.openStore()
        let ingest = try Self.ingest(store)
        ingest.connected(broker: 0, sessionPresent: false)
        let messages = ["36.6", "3", "37.1"].enumerated().map { index, payload in
            Arrival(payload: payload, packetIdentifier: UInt16(index + 1))
        }
        try ingest.store(burst(messages), oversized: [OversizedMessage(index: 1, payloadBytes: 2_000_000)])
        try site.normalize(store)
        let letters = try store.spool.deadLetters().map(\.letter)
        #expect(letters.map(\.reasonCode) == ["oversized"])
        #expect(letters.map(\.payload) == [Array("3".utf8)])
        #expect(try store.spool.allObservations().map(\.valueQuantity?.value) == [36.6, 37.1])
    }

    @Test("a message that is both redelivered and cut counts as redelivered")
    func redeliveredAndCut() throws {
        let site = try TestSite()
        let store = try site.openStore()
        for sessionPresent in [false, true] {
            let ingest = try Self.ingest(store)
            ingest.connected(broker: 0, sessionPresent: sessionPresent)
            try ingest.store(burst([Arrival()]), oversized: [OversizedMessage(index: 0, payloadBytes: 2_000_000)])
        }
        try site.normalize(store)
        #expect(try store.spool.deadLetters().map(\.count) == [1])
        #expect(try store.statistics().messages.redelivered == 1)
    }

    @Test("a topic that no profile reads makes a dead letter with topic and payload")
    func noProfile() throws {
        let site = try TestSite()
        let store = try site.openStore()
        try site.ingest([Arrival(topic: "ward/7/elsewhere", payload: "36.6")], store)
        let letter = try #require(try store.spool.deadLetters().first).letter
        #expect(letter.reasonCode == "no-profile")
        #expect(letter.topic == "ward/7/elsewhere")
        #expect(letter.payload == Array("36.6".utf8))
        #expect(letter.profile == nil)
    }

    @Test("each broker's repetitions are its own")
    func twoBrokers() throws {
        let site = try TestSite()
        let store = try site.openStore()
        let before = try Self.ingest(store)
        before.connected(broker: 0, sessionPresent: false)
        try before.store(burst([Arrival(packetIdentifier: 5, broker: 0)]), oversized: [])
        let after = try Self.ingest(store)
        after.connected(broker: 0, sessionPresent: true)
        after.connected(broker: 1, sessionPresent: true)
        try after.store(burst([Arrival(packetIdentifier: 5, broker: 1)]), oversized: [])
        try after.store(burst([Arrival(packetIdentifier: 5, broker: 0)]), oversized: [])
        try site.normalize(store)
        let counts = try store.statistics().messages
        #expect((counts.received, counts.redelivered, counts.normalized) == (3, 1, 2))
    }

    @Test("new profiles take effect in the running normalizer")
    func useNewLibrary() async throws {
        let site = try TestSite(profiles: [:])
        let store = try site.openStore()
        let loop = NormalizerLoop(inbox: store.inbox, spool: store.spool, logger: TestSite.logger)
        let processor = try site.processor(store)
        try await withThread({ loop.run(processor) }, stop: loop.requestStop) {
            _ = try store.inbox.append(burst([Arrival()]))
            #expect(try await eventually { try store.statistics().deadLettersOpen == 1 })
            try site.write(profile: thermometer(version: "2.0.0"))
            loop.use(site.library)
            try await loop.hasTurned(store.inbox)
            _ = try store.inbox.append(burst([Arrival()]))
            #expect(try await eventually { try store.statistics().observationsStored == 1 })
        }
        #expect(try store.spool.allLines().first?.contains("2.0.0") == true)
    }

    @Test("a profile file that is broken now leaves its running version in force, and says where it is broken")
    func brokenFileKeepsRunningVersion() throws {
        let site = try TestSite(profiles: ["a.yaml": thermometer()])
        let running = site.library
        try site.write(profile: thermometer(version: "2.0.0") + "tipo: 1\n", name: "a.yaml")
        let (library, problems) = ProfileLibrary.load(
            directories: site.configuration.deviceDirectories,
            running: running
        )
        #expect(library.profiles.map(\.version) == ["1.0.0"])
        #expect(problems.map(\.field) == ["tipo"])
        #expect(problems.map(\.line) == [11])
        #expect(ProfileLibrary.load(directories: site.configuration.deviceDirectories).library.profiles.isEmpty)
    }

    @Test("the agent reloads profiles, refuses broken ones and counts them")
    func agentReload() throws {
        let site = try TestSite()
        let agent = try Agent(configuration: site.configuration, holdsNormalization: false, logger: TestSite.logger)
        #expect(try agent.status().profiles == 1)
        try site.write(profile: "wardline: device-profile/1\nid: [", name: "broken.yaml")
        try site.write(profile: thermometer(version: "1.1.0"))
        agent.reloadProfiles()
        #expect(try agent.status().profiles == 1)
        #expect(try agent.status().profileProblems == 1)
        try FileManager.default.removeItem(atPath: "\(site.folder)/devices/broken.yaml")
        agent.reloadProfiles()
        #expect(try agent.status().profileProblems == 0)
    }

    @Test("what was stored before a crash is normalized after it, once")
    func recovery() throws {
        let site = try TestSite()
        let store = try site.openStore()
        _ = try store.inbox.append(burst([Arrival(), Arrival(payload: "37.1")]))
        let restarted = try site.openStore()
        let report = try restarted.recover()
        #expect((report.messages, report.batchesToNormalize, report.inboxReplaced) == (2, 1, false))
        try site.normalize(restarted)
        #expect(try restarted.recover().messages == 0)
        #expect(try restarted.statistics().observationsStored == 2)
    }
}
