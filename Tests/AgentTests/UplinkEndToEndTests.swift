import Certificates
import Credentials
import Custodian
import DeviceProfiles
import Foundation
import FreePorts
import Logging
import PrivacyCenter
import Receipts
import SecureHTTP
import ServiceLifecycle
import Spool
import Synchronization
import TestLogs
import Testing

@testable import Agent

@Suite("From the spool to a privacy center", .timeLimit(.minutes(10)))
struct UplinkEndToEndTests {
    @Test("an outage of everybody is waited out, and then every reading is at the center exactly once")
    func delivery() async throws {
        let site = try UplinkSite()
        let (custodianPort, centerPort) = (try FreePorts.one(), try FreePorts.one())
        let configuration = try site.configuration(custodianPort: custodianPort, centerPort: centerPort)
        let uplink = try #require(configuration.uplink)
        let store = try AgentStore(configuration: configuration)
        try store.spool.registerSealer()
        let now = Int64(Date().timeIntervalSince1970 * 1_000)
        try site.ingest(devices: ["A", "B"], values: 0..<12, receivedMs: now - 60_000, store)

        let (gatewayLog, centerLog) = (LogBook(), LogBook())
        let services = try UplinkServices(uplink, spool: store.spool, logger: gatewayLog.logger)
        try await Running.services(services.services) {
            #expect(try await eventually { try store.statistics().uplink.heldObservations == 24 })
            #expect(await eventually { services.status.delivery.custodianProblem != nil })

            let custodian = try CustodianService.services(
                CustodianConfiguration(
                    identityDirectory: site.custodianIdentity.directory,
                    directory: "\(site.site.folder)/custodian",
                    address: "127.0.0.1",
                    port: custodianPort
                ),
                logger: TestSite.logger
            )
            try await Running.services(custodian) {
                #expect(try await eventually { try store.statistics().uplink.sealedObservations == 24 })
                #expect(await eventually { services.status.delivery.centers[0].problem != nil })
                #expect(try store.statistics().uplink.deliveredEnvelopes == 0)

                let center = try PrivacyCenterService.services(
                    PrivacyCenterConfiguration(
                        identityDirectory: site.centerIdentity.directory,
                        address: "127.0.0.1",
                        port: centerPort,
                        store: .sqlite(directory: "\(site.site.folder)/center")
                    ),
                    logger: centerLog.logger
                )
                try await Running.services(center) {
                    #expect(try await eventually { try store.statistics().uplink.deliveredObservations == 24 })
                    let statistics = try store.statistics().uplink
                    #expect(statistics.outboxEnvelopes == 0 && statistics.refusedEnvelopes == 0)
                    #expect(statistics.receipts == 6)
                    #expect(statistics.faults == 0)
                    try await Self.compare(site, store, centerPort)
                    // The first audit comes with the first receipt, and finds the tree consistent.
                    #expect(
                        try await eventually { try store.spool.statement(ofCenter: UplinkSite.centerName) != nil }
                    )
                    #expect(services.status.delivery.centers[0].auditProblem == nil)
                    #expect(services.status.delivery.centers[0].problem == nil)
                }
            }
        }
        Self.compare(gatewayLog, centerLog)
    }

    /// What a gateway says of a delivery, and what the center says of the request, belong to one operation.
    private static func compare(_ gateway: LogBook, _ center: LogBook) {
        #expect(!gateway.lines(with: "privacy center away", "trace_id=").isEmpty)
        let again = gateway.lines(with: "privacy center answers again")
        #expect(!again.isEmpty)
        let trace = again.first?.split(separator: " ").first { $0.hasPrefix("trace_id=") }
        let requests = trace.map { center.lines(with: String($0), "peer=ward:gateway:g1", "status=20") } ?? []
        // The first delivery of all brings the gateway's certificate as well.
        #expect((1...3).contains(requests.count), "\(requests)")
    }

    @Test("under dual control capsules come before their envelopes, and the owner opens everything with its copies")
    func dualControl() async throws {
        let site = try UplinkSite()
        let (custodianPort, centerPort) = (try FreePorts.one(), try FreePorts.one())
        let now = Int64(Date().timeIntervalSince1970 * 1_000)
        let parameters = try IssuingParties(site).publish(from: UInt64(ScopeBook.epoch(at: now / 1_000)))
        let configuration = try site.configuration(
            custodianPort: custodianPort,
            centerPort: centerPort,
            identityParameters: [parameters.path]
        )
        let uplink = try #require(configuration.uplink)
        let store = try AgentStore(configuration: configuration)
        try store.spool.registerSealer()
        try site.ingest(devices: ["A", "B"], values: 0..<12, receivedMs: now - 60_000, store)
        let custodian = try CustodianService.services(
            CustodianConfiguration(
                identityDirectory: site.custodianIdentity.directory,
                directory: "\(site.site.folder)/custodian",
                address: "127.0.0.1",
                port: custodianPort
            ),
            logger: TestSite.logger
        )
        let center = try PrivacyCenterService.services(
            PrivacyCenterConfiguration(
                identityDirectory: site.centerIdentity.directory,
                address: "127.0.0.1",
                port: centerPort,
                store: .sqlite(directory: "\(site.site.folder)/center")
            ),
            logger: TestSite.logger
        )
        let services = try UplinkServices(uplink, spool: store.spool, logger: TestSite.logger)
        try await Running.services(custodian + center + services.services) {
            #expect(
                try await eventually {
                    let statistics = try store.statistics().uplink
                    return statistics.deliveredObservations == 24 && statistics.outboxEnvelopes == 0
                }
            )
            let statistics = try store.statistics().uplink
            #expect(statistics.refusedEnvelopes == 0 && statistics.faults == 0)
            #expect(statistics.deliveredEnvelopes == 8, "six with readings, and two copies of keys")
            let summary = try await Self.compare(site, store, centerPort)
            #expect(summary.epochKeys == 2 && summary.scopes == 2)
        }
    }

    /// What the owner opens at the center is what the spool holds.
    @discardableResult
    private static func compare(
        _ site: UplinkSite,
        _ store: AgentStore,
        _ centerPort: Int
    ) async throws -> OpeningSummary {
        let opener = try EnvelopeOpener(custodian: site.custodian, center: "https://127.0.0.1:\(centerPort)")
        let lines = Mutex<[String]>([])
        let summary = try await opener.open(try site.custodian.registry.scopes(), as: .observations) { json in
            lines.withLock { $0.append(String(decoding: json, as: UTF8.self) + "\n") }
        }
        try await Self.replay(site, store, opener)
        await opener.close()
        #expect(summary.envelopes == 6)
        #expect(try lines.withLock { $0.sorted() } == store.spool.allLines().sorted())
        return summary
    }

    /// With a mended profile the owner's envelopes give a correction of each Observation.
    private static func replay(_ site: UplinkSite, _ store: AgentStore, _ opener: EnvelopeOpener) async throws {
        let mended = try ProfileParser.parse(thermometer(version: "1.0.1", value: "$.value * 2"), file: "mended.yaml")
        let request = SealedReplay.Request(library: ProfileLibrary(profiles: [mended]), profile: mended.id)
        var replay = try SealedReplay(request)
        let scopes = try site.custodian.registry.scopes().filter(\.isForReadings)
        _ = try await opener.visit(scopes) { envelope in
            let place = SealedPlace(
                gateway: envelope.sender,
                scope: envelope.scope.digest,
                created: envelope.created,
                sequence: envelope.sequence
            )
            for (bundle, data) in zip(envelope.bundles, envelope.bundleData) {
                try replay.take(bundle, data: data, at: place)
            }
        }
        var ids: [String] = []
        let found = try replay.run { ids.append(try SeenObservation(line: String(decoding: $0, as: UTF8.self)).id) }
        let stored = try store.spool.allObservations().map(\.id)
        #expect(found.corrected == 24 && found.unchanged == 0)
        #expect(ids.sorted() == stored.sorted())
    }
}
