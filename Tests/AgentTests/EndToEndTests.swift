import DeviceProfiles
import Foundation
import MQTTIngest
import Spool
import Testing

@testable import Agent

@Suite("From a real broker to a file", .enabled(if: TestBroker.isAvailable), .timeLimit(.minutes(10)))
struct EndToEndTests {
    /// The agent's parts as it joins them, without its signals.
    private struct Parts {
        let store: AgentStore
        let connection: BrokerConnection
        let loop: NormalizerLoop
        let sink: NDJSONSink

        init(_ site: TestSite) throws {
            self.store = try site.openStore()
            _ = try self.store.recover()
            let ingest = IngestStore(
                inbox: self.store.inbox,
                receiveMaximum: 1_024,
                secret: try self.store.dedupSecret(),
                logger: TestSite.logger
            )
            let broker = try #require(site.configuration.brokers.first)
            self.connection = try BrokerConnection(
                settings: broker.settings(agentID: site.configuration.agentID, profiles: site.library),
                broker: 0,
                store: ingest,
                logger: TestSite.logger
            )
            self.loop = NormalizerLoop(inbox: self.store.inbox, spool: self.store.spool, logger: TestSite.logger)
            self.sink = NDJSONSink(
                name: "file",
                path: "\(site.folder)/out.ndjson",
                spool: self.store.spool,
                logger: TestSite.logger
            )
        }

        func run(_ site: TestSite, _ body: () async throws -> Void) async throws {
            let processor = try site.processor(self.store)
            let (connection, loop) = (self.connection, self.loop)
            async let connected: Void = connection.run()
            let result: Result<Void, any Error>
            do {
                try await withThread(self.sink.run, stop: self.sink.requestStop) {
                    try await withThread({ loop.run(processor) }, stop: loop.requestStop, body)
                }
                result = .success(())
            } catch {
                result = .failure(error)
            }
            connection.requestStop()
            await connected
            try result.get()
        }
    }

    @Test("2,000 messages, half of them while the agent is away, come out once each, in order")
    func twoThousand() async throws {
        let broker = try TestBroker()
        let site = try TestSite(brokerPort: broker.port)
        let payloads = (0..<2_000).map { "3\($0 / 100 % 10).\($0 % 100)" }
        let topic = "ward/7/bed/3/thermometer/T1"
        let first = try Parts(site)
        try await first.run(site) {
            #expect(await eventually { first.connection.state.grantedSubscriptions.count == 1 })
            try broker.publish(Array(payloads.prefix(1_000)), topic: topic)
            #expect(try await eventually { try first.store.statistics().observationsStored == 1_000 })
        }
        try broker.publish(Array(payloads.suffix(1_000)), topic: topic)
        let second = try Parts(site)
        try await second.run(site) {
            let isDone = try await eventually {
                let statistics = try second.store.statistics()
                return statistics.observationsStored == 2_000
                    && statistics.sinks.allSatisfy { $0.sequence == statistics.lastSequence }
            }
            #expect(isDone)
        }
        let statistics = try second.store.statistics()
        #expect(statistics.messages.received == 2_000)
        #expect(statistics.messages.normalized == 2_000)
        #expect(statistics.backlog.messages == 0)
        let lines = try String(contentsOfFile: "\(site.folder)/out.ndjson", encoding: .utf8).split(separator: "\n")
        let observations = try lines.map { try SeenObservation(line: String($0)) }
        #expect(observations.map(\.valueQuantity?.value) == payloads.map { Double($0) })
        #expect(Set(observations.map(\.id)).count == 2_000)
    }
}
