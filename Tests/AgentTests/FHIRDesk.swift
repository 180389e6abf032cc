import Foundation
import Spool
import Testing

@testable import Agent

/// A spool with Observations, and a FHIR server for them.
struct FHIRDesk {
    let site: TestSite
    let store: AgentStore
    let server: FHIRTestServer

    init(profile: String = cuff()) throws {
        self.site = try TestSite(profiles: ["cuff.yaml": profile])
        self.store = try self.site.openStore()
        self.server = try FHIRTestServer()
    }

    /// - Parameters:
    ///   - more: further keys of the sink, with a comma before each.
    ///   - origin: scheme and host; without TLS on this machine by default.
    /// - Returns: the server of the sink `hospital`.
    /// - Throws: when the configuration is refused.
    func settings(
        _ more: String = "",
        at origin: String = "http://127.0.0.1"
    ) throws -> AgentConfiguration.FHIRServer {
        let configuration = try AgentConfiguration(
            parsing: """
                version: 1
                agent: {id: test}
                state_directory: /state
                spool: {master_key_file: /key}
                devices: /devices
                brokers: [{host: broker}]
                sinks: [{type: fhir, name: hospital, url: "\(origin):\(self.server.port)/r4/"\(more)}]
                """,
            file: "agent.yaml"
        )
        guard case .fhir(let server) = configuration.sinks[0].destination else { throw NoServer() }
        return server
    }

    struct NoServer: Error {}

    func sink(_ more: String = "", at origin: String = "http://127.0.0.1") throws -> FHIRSink {
        FHIRSink(
            name: "hospital",
            server: try self.settings(more, at: origin),
            spool: self.store.spool,
            logger: TestSite.logger,
            waitMillisecondsMin: 1
        )
    }

    func add(_ seconds: Range<Int>) throws {
        try self.site.ingest(seconds.map { cuffReading($0, 60 + $0) }, self.store)
    }

    /// Whether the server has been given everything, as far as the spool knows.
    func isDelivered() throws -> Bool {
        try self.store.spool.sinkPosition("hospital")?.sequence == self.store.statistics().lastSequence
    }

    /// Runs a new sink until it has delivered everything.
    @discardableResult
    func deliver(
        _ more: String = "",
        at origin: String = "http://127.0.0.1"
    ) async throws -> FHIRDelivery.Counts {
        let sink = try self.sink(more, at: origin)
        try await withThread(sink.run, stop: sink.requestStop) {
            let isDelivered = try await eventually(self.isDelivered)
            #expect(isDelivered, "\(sink.failure ?? "no failure")")
        }
        return try #require(sink.counts)
    }

    /// The server has each Observation of the spool once, in its latest version.
    func expectComplete() throws {
        let latest = try self.store.spool.latest()
        let stored = self.server.stored
        #expect(Set(stored.keys) == Set(latest.keys))
        for (id, line) in latest {
            let found = try #require(stored[id])
            #expect(found.count == 1)
            #expect(line.contains(#""status":"\#(found[0].status)""#))
        }
    }

    func correct() throws {
        try self.site.write(profile: cuff(version: "1.0.1", value: "$.pulse * 0.1"), name: "cuff.yaml")
        let request = ProfileReplay.Request(profile: "cuff")
        _ = try ProfileReplay(configuration: self.site.configuration, request: request).run()
    }
}
