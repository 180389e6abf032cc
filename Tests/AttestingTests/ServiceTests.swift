import Certificates
import Contracts
import Credentials
import Foundation
import Hummingbird
import Logging
import PathProofs
import SecureHTTP
import TestIdentities
import TestIslands
import Testing
import ThresholdSignatures
import Uplink

@testable import Attesting

@Suite("The service of a verification node", .serialized, .timeLimit(.minutes(15))) struct ServiceTests {
    private typealias Object = [String: Any]

    /// A relay chain whose registry holds the list of its own nodes, and the first of these.
    private struct Scene {
        let folder: TestFolder
        let authority: TestAuthority
        let hub: Island
        let nodes: VerificationNodes
        let identity: Identity

        init() async throws {
            self.folder = try TestFolder("attester")
            self.authority = try TestAuthority(directory: self.folder.path)
            self.hub = try await Island.found(
                "hub",
                validators: 4,
                authority: self.authority,
                directory: self.folder.path,
                seed: 10
            )
            self.nodes = try VerificationNodes(of: "hub", directory: self.folder.path)
            self.identity = try self.authority.enroll("north:relay:a1")
        }

        func register() async throws {
            let change = RegisterChain(
                name: "hub",
                basis: .hub,
                operatorName: try #require(PartyName("north:operator:hub")),
                list: ListAnchor(list: try self.nodes.list().bytes, firstHeight: 1)
            )
            try await self.hub.decide(.registerChain(change))
        }

        func service(_ directory: String? = nil) throws -> AttesterService {
            var configuration = AttesterConfiguration(
                identityDirectory: self.identity.directory,
                directory: directory ?? self.folder.fresh("node"),
                keyFile: self.nodes.nodes[0].keyFile,
                address: "127.0.0.1",
                port: 0,
                node: self.nodes.nodes[0].name,
                name: "hub",
                chain: self.hub.endpoints,
                relay: nil
            )
            configuration.requestsPerSecond = 1_000
            return try AttesterService(
                configuration: configuration,
                logger: Logger(label: "attester") { _ in SwiftLogNoOpLogHandler() }
            )
        }
    }

    private static let document = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../docs/openapi/attester.json")

    @Test("it is ready once the registry has a seat for its key, and serves the document in docs/openapi")
    func ready() async throws {
        let scene = try await Scene()
        let service = try scene.service()
        let running = RunningService(service)
        let client = try RawClient(scene.identity, port: try await service.port())
        let early = try await client.send("GET", "/readyz")
        #expect(early.status == 503 && early.text.contains("no list"))
        try await scene.register()
        #expect(try await client.send("GET", "/readyz").status == 200)
        let card = try NodeCard(bytes: try await client.send("GET", "/v1/node").body)
        #expect(card.chain == "hub" && card.node == "hub.v0")
        #expect(card.key == scene.nodes.nodes[0].signer.publicKey.encoded)
        let text = try String(contentsOf: Self.document, encoding: .utf8)
        #expect(OpenAPIDocument.text == text)
        #expect(try await client.send("GET", "/v1/openapi.json").text == text)
        await client.close()
        await running.stop()
        await scene.hub.stop()
    }

    @Test("who may ask for what, and what a request must be")
    func requests() async throws {
        let scene = try await Scene()
        let service = try scene.service()
        let running = RunningService(service)
        let port = try await service.port()
        let (carrier, reader, operator_) = (
            try RawClient(scene.identity, port: port),
            try RawClient(try scene.authority.enroll("north:researcher:r1"), port: port),
            try RawClient(try scene.authority.enroll("north:operator:o9"), port: port)
        )
        let type = "application/octet-stream"
        #expect(try await reader.send("POST", "/v1/hops", [1], type: type).code == "role-not-allowed")
        #expect(try await reader.send("GET", "/metrics").code == "role-not-allowed")
        #expect(try await reader.send("GET", "/v1/node").status == 200)
        #expect(try await carrier.send("GET", "/v1/node?x=1").code == "malformed-parameter")
        #expect(try await carrier.send("POST", "/v1/hops", [1], type: "text/plain").code == "unsupported-media-type")
        let bad = try await carrier.send("POST", "/v1/hops", [1], type: type)
        #expect(bad.status == 400 || bad.status == 422)
        let metrics = try await operator_.send("GET", "/metrics").text
        #expect(metrics.contains("wardline_attester_hops_signed_total 0"))
        #expect(metrics.contains("wardline_attester_refusals_total{code=\"malformed\"} 1"))
        for client in [carrier, reader, operator_] { await client.close() }
        await running.stop()
        await scene.hub.stop()
    }

    @Test("two nodes do not share a directory, and an identity of another role does not start one")
    func opening() async throws {
        let scene = try await Scene()
        let folder = scene.folder.fresh("node")
        let running = RunningService(try scene.service(folder))
        #expect(throws: (any Error).self) { try scene.service(folder) }
        await running.stop()
        let again = RunningService(try scene.service(folder))
        await again.stop()
        await scene.hub.stop()
    }

    @Test("router and document have the same routes, answers and roles, in both directions")
    func document() async throws {
        let scene = try await Scene()
        let service = try scene.service()
        let routes = service.interface.routes
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(OpenAPIDocument.text.utf8)) as? Object
        )
        let paths = try #require(document["paths"] as? [String: [String: Object]])
        var operations: [String: Object] = [:]
        for (path, methods) in paths {
            for (method, operation) in methods { operations["\(method.uppercased()) \(path)"] = operation }
        }
        #expect(Set(routes.map { "\($0.method.rawValue) \($0.path)" }) == Set(operations.keys))
        for route in routes {
            let operation = try #require(operations["\(route.method.rawValue) \(route.path)"])
            let statuses = try #require(operation["responses"] as? Object).keys.compactMap { Int($0) }
            #expect(Set(statuses) == route.statuses.union(AttestRoute.commonStatuses), "\(route.path)")
            let roles = try #require(operation["x-roles"] as? [String])
            #expect(Set(roles) == Set(route.roles.map(\.rawValue)), "\(route.path)")
        }
        let running = RunningService(service)
        await running.stop()
        await scene.hub.stop()
    }
}
