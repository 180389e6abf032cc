import CanonicalBytes
import Certificates
import ChainReading
import Contracts
import Credentials
import Foundation
import KeywordTags
import Logging
import SecureHTTP
import ServiceLifecycle
import Signcryption
import Synchronization
import Testing
import Transcripts
import Uplink

@testable import Custodian

/// A custodian's server over TLS, with desks over a chain of the test's making; its desk is not replaced meanwhile.
struct TestServer: @unchecked Sendable {
    let test: TestDesk
    let datasets: DatasetDesk
    let index: TestIndex
    let routes: CustodianRoutes
    let url: ServiceURL

    /// Serves while the body runs.
    static func run(_ rules: String = "", _ body: (TestServer) async throws -> Void) async throws {
        let test = try TestDesk(rules)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let index = TestIndex()
        let datasets = DatasetDesk(
            custodian: test.custodian,
            store: DatasetStore(queue: test.desk.store.queue),
            chain: index,
            post: index,
            attributeAuthority: nil,
            epochSeconds: 604_800,
            logger: logger,
            clock: test.desk.clock
        )
        let requests = RequestMetrics()
        let routes = CustodianRoutes(
            custodian: test.custodian,
            metrics: CustodianMetrics(requests: requests, desk: test.desk),
            shares: ShareRoutes(desk: test.desk),
            indexKeys: IndexKeyRoutes(
                desk: test.desk,
                shelf: IndexKeyShelf(post: index, logger: logger, clock: test.desk.clock)
            ),
            datasets: DatasetRoutes(desk: datasets)
        )
        let server = try SecureHTTPServer(
            name: "test",
            address: "localhost",
            port: 0,
            identity: test.institution.identity,
            clientCertificates: .optional,
            metrics: requests,
            router: routes.router(),
            logger: logger
        )
        let service = Task { try await server.run() }
        let outcome: Result<Void, any Error>
        do {
            let url = try #require(ServiceURL("https://localhost:\(try await server.port())"))
            outcome = .success(
                try await body(TestServer(test: test, datasets: datasets, index: index, routes: routes, url: url))
            )
        } catch { outcome = .failure(error) }
        service.cancel()
        _ = try? await service.value
        try outcome.get()
    }

    func asking<Value>(
        as name: String,
        presents: SecureClient.Presentation = .certificate,
        _ body: (CustodianClient) async throws -> Value
    ) async throws -> Value {
        let http = SecureClient(
            identity: IdentityWatch(try self.test.institution.person(name)),
            servers: [.custodian],
            presents: presents
        )
        let outcome: Result<Value, any Error>
        do { outcome = .success(try await body(CustodianClient(base: self.url, client: http))) } catch {
            outcome = .failure(error)
        }
        await http.close()
        return try outcome.get()
    }

    func refusal(
        as name: String,
        presents: SecureClient.Presentation = .certificate,
        _ body: (CustodianClient) async throws -> Void
    ) async throws -> String {
        do {
            try await self.asking(as: name, presents: presents, body)
            return ""
        } catch UplinkFailure.refused(let status, let code, _, _) { return "\(status) \(code)" }
    }
}

private struct Item: Decodable {
    let id: String
    let state: String
    let rule: String
    let approvals_needed: Int
}

private struct List: Decodable { let items: [Item] }

@Suite struct ShareRoutesTests {
    @Test func `a grant is for anybody, without a certificate, once it is recorded`() async throws {
        try await TestServer.run("  - {name: study, purposes: [study], action: grant}") { server in
            let scope = try server.test.scope().digest
            let permission = try server.test.permit(scope, purpose: "study")
            let ask = { (client: CustodianClient) in _ = try await client.grant(under: permission.id) }
            #expect(
                try await server.refusal(as: "south:researcher:ada", presents: .nothing, ask) == "404 grant-pending"
            )
            try await server.test.settle()
            let bytes = try await server.asking(as: "south:researcher:ada", presents: .nothing) {
                try await $0.grant(under: permission.id)
            }
            let kept = try #require(server.test.post.state.withLock { $0.kept[permission.id] })
            #expect(try GrantFile(bytes: bytes).grant == kept.digest)
        }
    }

    @Test func `who waits for a grant gets it as soon as it is recorded`() async throws {
        try await TestServer.run("  - {name: all, action: grant}") { server in
            let permission = try server.test.permit(try server.test.scope().digest)
            async let bytes = server.asking(as: "south:researcher:ada", presents: .nothing) {
                try await $0.grant(under: permission.id, waitMilliseconds: 10_000)
            }
            try await server.test.settle()
            #expect(try GrantFile(bytes: try await bytes).addresses == server.test.centers)
        }
    }

    @Test func `a refused grant is told with its code`() async throws {
        try await TestServer.run("  - {name: none, action: refuse}") { server in
            let permission = try server.test.permit(try server.test.scope().digest)
            try await server.test.settle()
            do {
                _ = try await server.asking(as: "south:researcher:ada", presents: .nothing) {
                    try await $0.grant(under: permission.id)
                }
                Issue.record("it was granted")
            } catch UplinkFailure.refused(let status, let code, let detail, _) {
                #expect(status == 404 && code == "grant-refused")
                #expect(detail.hasPrefix("refused-by-rule"))
            }
        }
    }

    @Test func `stewards see the queue and decide; two different ones where the rule says so`() async throws {
        try await TestServer.run("  - {name: two, action: queue, approvals: 2}") { server in
            let permission = try server.test.permit(try server.test.scope().digest)
            try await server.test.settle()
            let path = "/v1/share-requests/\(permission.id.hex)/approve"
            let approve = { (client: CustodianClient) in _ = try await client.write(path, Array("{}".utf8)) }
            let eve = try server.test.institution.person("north:steward:eve")
            let list = try await server.asking(as: "north:steward:eve") { try await $0.read("/v1/share-requests") }
            let items = try JSONDecoder().decode(List.self, from: Data(list)).items
            #expect(items.map(\.id) == [permission.id.hex])
            #expect(items.first?.rule == "two" && items.first?.approvals_needed == 2)
            #expect(eve.name.description == "north:steward:eve")
            #expect(try await server.refusal(as: "north:steward:eve", approve) == "")
            // Another certificate of the same person is the same steward.
            #expect(try await server.refusal(as: "north:steward:eve", approve) == "409 same-steward")
            #expect(try server.test.item(permission.id).state == .waiting)
            #expect(try await server.refusal(as: "north:steward:dan", approve) == "")
            try await server.test.settle()
            #expect(try server.test.item(permission.id).state == .recorded)
            #expect(try await server.refusal(as: "north:steward:dan", approve) == "409 not-now")
        }
    }

    @Test(
        arguments: [
            ("south:steward:sam", SecureClient.Presentation.certificate, "403 other-organization"),
            ("north:researcher:ada", .certificate, "403 role-not-allowed"),
            ("north:gateway:gw-9", .certificate, "403 role-not-allowed"),
            ("north:steward:eve", .nothing, "401 certificate-required"),
            ("north:custodian:records", .certificate, "403 role-not-allowed"),
        ] as [(String, SecureClient.Presentation, String)]
    )
    func `nobody but the organization's stewards decides`(
        name: String,
        presents: SecureClient.Presentation,
        expected: String
    ) async throws {
        try await TestServer.run { server in
            let permission = try server.test.permit(try server.test.scope().digest)
            try await server.test.settle()
            for verb in ["approve", "deny", "revoke"] {
                let path = "/v1/share-requests/\(permission.id.hex)/\(verb)"
                let refusal = try await server.refusal(as: name, presents: presents) { client in
                    _ = try await client.write(path, Array("{}".utf8))
                }
                #expect(refusal == expected)
            }
            #expect(try server.test.item(permission.id).state == .waiting)
        }
    }

    @Test func `researchers and clinicians of any organization get the discovery key of an epoch`() async throws {
        try await TestServer.run { server in
            for name in ["south:researcher:ada", "east:clinician:joe"] {
                let key = try await server.asking(as: name) { try await $0.discoveryKey(epoch: 2_970) }
                #expect(key == (try server.test.custodian.discoveryKey(epoch: 2_970)))
                #expect(key != (try server.test.custodian.discoveryKey(epoch: 2_971)))
            }
            let ask = { (client: CustodianClient) in _ = try await client.discoveryKey(epoch: 1) }
            #expect(try await server.refusal(as: "south:steward:sam", ask) == "403 role-not-allowed")
            let stranger = try await server.refusal(as: "south:researcher:ada", presents: .nothing, ask)
            #expect(stranger == "401 certificate-required")
        }
    }

    @Test func `the reason of an emergency is taken from the clinician who declared it`() async throws {
        try await TestServer.run { server in
            let joe = try TestRequester("south:clinician:joe", from: server.test.authority, at: TestDesk.start / 1_000)
            let permission = try server.test.permit(
                try server.test.scope().digest,
                kind: .emergency,
                purpose: EmergencyAccess.purpose,
                by: joe,
                basis: try EmergencyStatement.digest(of: "resuscitation, room 4"),
                decider: "south:clinician:joe"
            )
            try await server.test.settle()
            func say(_ text: String, _ id: [UInt8]) -> (CustodianClient) async throws -> Void {
                { try await $0.stateEmergency(permission: id, text: text) }
            }
            let right = say("resuscitation, room 4", permission.id)
            #expect(try await server.refusal(as: "south:clinician:ann", right) == "403 another-clinician")
            #expect(try await server.refusal(as: "south:researcher:joe", right) == "403 role-not-allowed")
            let wrong = say("curiosity", permission.id)
            #expect(try await server.refusal(as: "south:clinician:joe", wrong) == "422 another-statement")
            let unknown = say("resuscitation, room 4", SecureRandom.bytes(32))
            #expect(try await server.refusal(as: "south:clinician:joe", unknown) == "404 no-emergency")
            #expect(try server.test.item(permission.id).state == .statement)
            #expect(try await server.refusal(as: "south:clinician:joe", right) == "")
            try await server.test.settle()
            #expect(try server.test.item(permission.id).state == .recorded)
            let shown = try await server.asking(as: "north:steward:eve") {
                try await $0.read("/v1/share-requests/\(permission.id.hex)")
            }
            #expect(String(decoding: shown, as: UTF8.self).contains("resuscitation, room 4"))
        }
    }

    @Test func `a steward publishes, lists and withdraws, and names holders`() async throws {
        try await TestServer.run { server in
            _ = try server.test.scope()
            let order = DatasetOrder(dataset: SecureRandom.bytes(32).hex, labels: ["0a1b.*"], policy: "role:researcher")
            let body = [UInt8](try JSONEncoder().encode(order))
            try await server.asking(as: "north:steward:eve") { client in
                let answer = String(decoding: try await client.write("/v1/datasets", body), as: UTF8.self)
                #expect(answer.contains("publishing"))
                try await server.datasets.work()
                let list = String(decoding: try await client.read("/v1/datasets"), as: UTF8.self)
                #expect(list.contains("published") && list.contains("0a1b.vitals"))
                _ = try await client.remove("/v1/datasets/\(order.dataset)")
                _ = try await client.write(
                    "/v1/holders",
                    Array(#"{"patient":"north:patient:p1","label_prefix":"0a1b"}"#.utf8)
                )
                let holders = String(decoding: try await client.read("/v1/holders"), as: UTF8.self)
                #expect(holders.contains("north:patient:p1"))
            }
            let none = DatasetOrder(dataset: SecureRandom.bytes(32).hex, labels: ["x"], policy: "role:researcher")
            let refusal = try await server.refusal(as: "north:steward:eve") { client in
                _ = try await client.write("/v1/datasets", [UInt8](try JSONEncoder().encode(none)))
            }
            #expect(refusal == "422 bad-order")
            let foreign = try await server.refusal(as: "south:steward:sam") { _ = try await $0.read("/v1/datasets") }
            #expect(foreign == "403 other-organization")
        }
    }

    @Test func `the metrics of a custodian whom nobody asked yet have every state`() async throws {
        try await TestServer.run { server in
            let text = try await server.asking(as: "north:steward:eve") {
                String(decoding: try await $0.read("/metrics"), as: UTF8.self)
            }
            for state in ShareState.allCases {
                #expect(text.contains("wardline_custodian_shares{state=\"\(state.rawValue)\"} 0\n"))
            }
        }
    }

    @Test func `the metrics count shares by state and name nobody`() async throws {
        try await TestServer.run { server in
            try server.test.permit(try server.test.scope().digest)
            try await server.test.settle()
            let text = try await server.asking(as: "north:steward:eve") {
                String(decoding: try await $0.read("/metrics"), as: UTF8.self)
            }
            #expect(text.contains(#"wardline_custodian_shares{state="waiting"} 1"#))
            #expect(text.contains(#"wardline_custodian_shares{state="denied"} 0"#))
            #expect(text.contains("wardline_custodian_emergencies_total 0"))
            #expect(!text.contains("ada") && !text.contains("0a1b"))
        }
    }
}

@Suite struct EmergencyNoticeTests {
    @Test func `the program gets the permission's identifier and nothing else`() async throws {
        let folder = NSTemporaryDirectory() + "notice-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let logger = Logger(label: "test")
        let id = [UInt8](repeating: 7, count: 32)
        let notice = EmergencyNotice(command: ["/usr/bin/env", "-C", folder, "touch"], logger: logger)
        #expect(await notice.run(for: id) == 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [id.hex])
        let missing = EmergencyNotice(command: ["/nonexistent/program"], logger: logger)
        #expect(await missing.run(for: id) == nil)
    }
}
