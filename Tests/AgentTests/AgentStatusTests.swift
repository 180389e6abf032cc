import Foundation
import FreePorts
import Logging
import MQTTIngest
import Normalization
import SecureHTTP
import ServiceLifecycle
import Testing

@testable import Agent
@testable import Spool

@Suite("What the agent says about itself", .timeLimit(.minutes(10)))
struct AgentStatusTests {
    private static let minute: UInt64 = 60_000_000_000

    private static func broker(
        _ phase: BrokerState.Phase,
        heartbeat: UInt64 = 10 * minute,
        lastError: String? = nil,
        refused: [String: String] = [:]
    ) -> AgentStatus.Broker {
        AgentStatus.Broker(
            name: "b:1",
            state: BrokerState(phase, heartbeat: heartbeat, lastError: lastError, refused: refused)
        )
    }

    private static func status(_ change: (inout AgentStatus) -> Void = { _ in }) -> AgentStatus {
        var status = AgentStatus(
            now: 10 * self.minute,
            brokers: [self.broker(.connected(since: 1))],
            spool: SpoolStatistics(),
            sinks: [AgentStatus.Sink(name: "s", written: 3, failure: nil, heartbeat: 10 * self.minute)],
            normalizerHeartbeat: 10 * self.minute,
            normalizerFailure: nil,
            isHoldingNormalization: false,
            profiles: 2,
            profileProblems: 0,
            clocks: []
        )
        change(&status)
        return status
    }

    /// A state of the agent and what follows from it.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let status: AgentStatus
        let hanging: [String]
        let obstacles: [String]

        init(
            _ name: String,
            hanging: [String] = [],
            obstacles: [String] = [],
            _ change: (inout AgentStatus) -> Void
        ) {
            self.testDescription = name
            self.status = AgentStatusTests.status(change)
            self.hanging = hanging
            self.obstacles = obstacles
        }
    }

    private static let cases: [Case] = [
        Case("all is well") { _ in },
        Case("just within the limit") { $0.normalizerHeartbeat = 9 * minute },
        Case("stuck normalizer", hanging: ["normalizer"], obstacles: ["normalizer: no sign of life"]) {
            $0.normalizerHeartbeat = 9 * minute - 1
        },
        Case("a held normalizer does not hang") {
            $0.normalizerHeartbeat = 1
            $0.isHoldingNormalization = true
        },
        Case("not begun is not hanging") { $0.normalizerHeartbeat = 0 },
        Case("a heartbeat after the reading of the clock") { $0.normalizerHeartbeat = 11 * minute },
        Case("stuck broker thread", hanging: ["mqtt b:1"], obstacles: ["mqtt b:1: no sign of life"]) {
            $0.brokers = [broker(.connected(since: 1), heartbeat: 1)]
        },
        Case("stuck sink", hanging: ["sink s"], obstacles: ["sink s: no sign of life"]) {
            $0.sinks = [AgentStatus.Sink(name: "s", written: 0, failure: nil, heartbeat: 1)]
        },
        Case("connecting", obstacles: ["mqtt b:1: not connected: connecting"]) { $0.brokers = [broker(.connecting)] },
        Case("refusing", obstacles: ["mqtt b:1: not acknowledging: the disk is full"]) {
            $0.brokers = [broker(.refusing(reason: "the disk is full"))]
        },
        Case("failed connection", obstacles: ["mqtt b:1: not connected: no route"]) {
            $0.brokers = [broker(.waiting, lastError: "no route")]
        },
        Case(
            "refused subscriptions",
            obstacles: [
                "mqtt b:1: subscription a/# refused: not authorized", "mqtt b:1: subscription b refused: quota",
            ]
        ) {
            $0.brokers = [broker(.connected(since: 1), refused: ["b": "quota", "a/#": "not authorized"])]
        },
        Case("full spool", obstacles: ["normalizer: the spool is full"]) { $0.normalizerFailure = "the spool is full" },
    ]

    @Test("what hangs and what keeps data from flowing", arguments: cases)
    func health(_ row: Case) {
        #expect(row.status.hanging == row.hanging)
        #expect(row.status.obstacles == row.obstacles)
        #expect(row.status.metrics.contains("wardline_ready \(row.obstacles.isEmpty ? 1 : 0)\n"))
    }

    @Test("what a FHIR server made of Observations is counted by outcome, and only for such sinks")
    func serverCounts() {
        let counts = FHIRDelivery.Counts(
            created: 5,
            present: 4,
            updated: 3,
            refused: 2,
            again: 1,
            answered: 7,
            failed: 6
        )
        let metrics = Self.status {
            $0.sinks.append(AgentStatus.Sink(name: "h", written: 12, failure: nil, heartbeat: 0, counts: counts))
        }.metrics
        for (outcome, count) in [("created", 5), ("present", 4), ("updated", 3), ("refused", 2), ("again", 1)] {
            #expect(
                metrics.contains("wardline_fhir_observations_total{sink=\"h\",outcome=\"\(outcome)\"} \(count)\n")
            )
        }
        #expect(metrics.contains("wardline_fhir_requests_total{sink=\"h\",outcome=\"failed\"} 6\n"))
        #expect(!metrics.contains("wardline_fhir_observations_total{sink=\"s\""))
        #expect(!Self.status().metrics.contains("wardline_fhir"))
    }

    @Test("label values are escaped, other text stays")
    func escaping() {
        var text = PrometheusText()
        text.write("m_total", .counter, "Help.", [([("a", "x\\y\"z\nü"), ("b", "")], 7)])
        text.write("g", .gauge, "Help too.", -0.5)
        text.write("none", .gauge, "Without series.", [([(String, String)], Int)]())
        #expect(
            text.text == """
                # HELP m_total Help.
                # TYPE m_total counter
                m_total{a="x\\\\y\\"z\\nü",b=""} 7
                # HELP g Help too.
                # TYPE g gauge
                g -0.5

                """
        )
    }

    @Test("metrics hold every disposition, and every line is a sample or a comment of a declared metric")
    func metrics() {
        let status = Self.status {
            $0.spool.messages.normalized = 5
            $0.spool.messages.deadLettered = 2
            $0.spool.lastSequence = 9
            $0.spool.sinks = [SinkPosition(name: "s", sequence: 4, fileOffset: 0)]
        }
        let lines = status.metrics.split(separator: "\n").map(String.init)
        for line in [
            "wardline_messages_total{disposition=\"normalized\"} 5",
            "wardline_messages_total{disposition=\"dead_letter\"} 2",
            "wardline_broker_connected{broker=\"b:1\"} 1", "wardline_sink_lag_observations{sink=\"s\"} 5",
            "wardline_sink_observations_total{sink=\"s\"} 3", "wardline_sink_failing{sink=\"s\"} 0",
        ] { #expect(lines.contains(line), "\(line)") }
        let declared = Set(lines.filter { $0.hasPrefix("# TYPE ") }.map { $0.split(separator: " ")[2] })
        for line in lines where !line.hasPrefix("#") {
            #expect(declared.contains(line.prefix { $0 != "{" && $0 != " " }))
        }
        #expect(lines.filter { $0.hasPrefix("# TYPE ") }.count == declared.count)
    }

    @Test("metrics tell the room of the disk and the end of the certificate, where there is one")
    func room() {
        let full = Self.status {
            $0.room = AgentRoom(
                disk: DiskRoom(freeBytes: 10, sizeBytes: 400),
                bytesMax: 1_000,
                certificateEnds: 1_800_000_000
            )
        }
        let bare = Self.status { $0.room = AgentRoom(disk: nil, bytesMax: 1_000, certificateEnds: nil) }
        for line in [
            "wardline_disk_free_bytes 10", "wardline_disk_size_bytes 400",
            "wardline_certificate_expires_seconds 1800000000",
        ] {
            #expect(full.metrics.contains("\n\(line)\n") && !bare.metrics.contains("\n\(line)\n"))
        }
        #expect(bare.metrics.contains("\nwardline_spool_bytes_max 1000\n"))
    }

    @Test("/metrics, /healthz and /readyz answer over HTTP")
    func http() async throws {
        let port = try FreePorts.one()
        let waiting = Self.status { $0.brokers = [Self.broker(.connecting)] }
        let server = StatusServer.service(host: "127.0.0.1", port: port, logger: TestSite.logger) { waiting }
        let group = ServiceGroup(configuration: .init(services: [.init(service: server)], logger: TestSite.logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            #expect(await eventually { LocalHTTP.get("/healthz", port: port) != nil })
            let health = try #require(LocalHTTP.get("/healthz", port: port))
            #expect(health.hasPrefix("HTTP/1.1 200 ") && health.hasSuffix("\r\n\r\nhealthy\n"))
            let ready = try #require(LocalHTTP.get("/readyz", port: port))
            #expect(ready.hasPrefix("HTTP/1.1 503 "))
            #expect(ready.hasSuffix("\r\n\r\nmqtt b:1: not connected: connecting\n"))
            let metrics = try #require(LocalHTTP.get("/metrics", port: port))
            #expect(metrics.hasSuffix(waiting.metrics))
            #expect(metrics.lowercased().contains("content-type: text/plain; version=0.0.4"))
            #expect(LocalHTTP.get("/other", port: port)?.hasPrefix("HTTP/1.1 404 ") == true)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}
