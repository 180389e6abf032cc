import Certificates
import Foundation
import Hummingbird
import Ledger
import SecureHTTP
import TestIdentities
import Testing

@testable import ChainInterface

@Suite struct InterfaceTests {
    private typealias Object = [String: Any]

    @Test("The document that is served is the one in docs/openapi")
    func served() async throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../docs/openapi/chain.json")
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(OpenAPIDocument.text == text)
        try await TestSite.with { site in
            let answer = try await site.client(site.gateway).get("/v1/openapi.json")
            #expect(answer.body == Array(text.utf8))
        }
    }

    @Test("Router and document have the same routes, parameters, answers and roles, in both directions")
    func document() async throws {
        try await TestSite.with { site in
            let interface = ChainAPI(site.backend)
            let document = try Self.operations()
            let router = Set(interface.router().routes.map { "\($0.method.rawValue) \($0.path)" })
            #expect(router == Set(document.keys))
            #expect(Set(interface.routes.map(Self.name)) == Set(document.keys))
            for route in interface.routes {
                let operation = try #require(document[Self.name(route)])
                let parameters = (operation["parameters"] as? [Object]) ?? []
                func names(in place: String) -> Set<String> {
                    Set(parameters.filter { $0["in"] as? String == place }.compactMap { $0["name"] as? String })
                }
                #expect(names(in: "path") == Self.placeholders(route.path), "\(route.path)")
                #expect(names(in: "query") == Set(route.query), "\(route.path)")
                let statuses = try #require(operation["responses"] as? Object).keys.compactMap { Int($0) }
                #expect(Set(statuses) == route.statuses, "\(Self.name(route))")
                let isOpen = (operation["security"] as? [Object])?.isEmpty == true
                #expect(isOpen == (route.access == .anybody), "\(Self.name(route))")
                let roles = operation["x-roles"] as? [String]
                #expect(roles.map(Set.init) == Self.roles(route), "\(Self.name(route))")
            }
        }
    }

    @Test("Every reference of the document leads somewhere, and every component is referred to")
    func references() throws {
        let document = try Self.document()
        let components = try #require(document["components"] as? [String: Object])
        let found = Self.references(in: document)
        for reference in found {
            let parts = reference.split(separator: "/").map(String.init)
            #expect(parts.count == 4 && components[parts[2]]?[parts[3]] != nil, "\(reference)")
        }
        for kind in ["schemas", "responses"] {
            for name in (components[kind] ?? [:]).keys { #expect(found.contains("#/components/\(kind)/\(name)")) }
        }
    }

    @Test("The status has exactly the members that the document promises")
    func status() async throws {
        try await TestSite.with { site in
            let answer = try await site.client(site.gateway).get("/v1/status")
            let status = try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? Object)
            let components = try #require(try Self.document()["components"] as? [String: Object])
            let schema = try #require(components["schemas"]?["Status"] as? Object)
            try Self.expect(status, schema)
            let properties = try #require(schema["properties"] as? [String: Object])
            for name in ["channels", "peers"] {
                let items = try #require(properties[name]?["items"] as? Object)
                for entry in try #require(status[name] as? [Object]) { try Self.expect(entry, items) }
            }
            #expect(try JSONDecoder().decode(ChainStatus.self, from: Data(answer.body)).chain == "test-chain")
        }
    }

    private static func expect(_ object: Object, _ schema: Object) throws {
        let required = try #require(schema["required"] as? [String])
        let known = try #require(schema["properties"] as? Object).keys
        #expect(Set(required).isSubset(of: object.keys))
        #expect(Set(object.keys).isSubset(of: known))
    }

    @Test("Metrics are for operators and validators; everybody with a certificate may read the rest")
    func roles() async throws {
        try await TestSite.with { site in
            let gateway = try site.client(site.gateway)
            #expect(try await gateway.get("/metrics").code == "role-not-allowed")
            #expect(try await gateway.get("/v1/genesis").body == site.genesis.bytes)
            #expect(try await gateway.get("/healthz").status == 200)
            let stranger = try TestAuthority(directory: site.directory).enroll("clinic:operator:other")
            let client = try TestClient(stranger, port: site.port)
            await #expect(throws: (any Error).self) { try await client.get("/healthz") }
            try await client.close()
        }
    }

    @Test("Metrics count commits and requests by route, and name no party")
    func metrics() async throws {
        try await TestSite.with { site in
            #expect(try await site.submit(site.proposal()).status == 200)
            #expect(try await site.submit(site.rejectedVote()).status == 200)
            let answer = try await site.client(site.operator_).get("/metrics")
            let text = String(decoding: answer.body, as: UTF8.self)
            #expect(text.contains("\nwardline_chain_height{channel=\"access\"} 2\n"))
            #expect(text.contains("\nwardline_chain_height{channel=\"index\"} 0\n"))
            #expect(text.contains("\nwardline_chain_quorum_margin{channel=\"access\"} 1\n"))
            #expect(text.contains("\nwardline_chain_peer_connected{validator=\"2\"} 1\n"))
            #expect(text.contains("\nwardline_chain_commit_seconds_count 2\n"))
            #expect(text.contains("\nwardline_chain_commit_seconds_bucket{le=\"+Inf\"} 2\n"))
            #expect(text.contains(#"route="/v1/transactions",method="POST",status="200"} 2"#))
            #expect(!text.contains("bed-1") && !text.contains(#/[0-9a-f]{64}/#))
        }
    }

    @Test("A histogram's steps hold everything at or below their bound")
    func histogram() {
        let histogram = LatencyHistogram()
        for milliseconds in [1, 5, 6, 40_000] { histogram.record(.milliseconds(milliseconds)) }
        let text = histogram.text("x", "help")
        #expect(text.contains("x_bucket{le=\"0.005\"} 2\n"))
        #expect(text.contains("x_bucket{le=\"0.01\"} 3\n"))
        #expect(text.contains("x_bucket{le=\"30.0\"} 3\n"))
        #expect(text.contains("x_bucket{le=\"+Inf\"} 4\n"))
        #expect(text.contains("x_count 4\n"))
    }

    @Test("What keeps a validator from serving stands in /readyz")
    func readiness() async throws {
        try await TestSite.with { site in
            let client = try site.client(site.gateway)
            #expect(try await client.get("/readyz").body == Array("ready\n".utf8))
            site.backend.stop("the disk broke")
            let answer = try await client.get("/readyz")
            #expect(answer.status == 503)
            #expect(String(decoding: answer.body, as: UTF8.self).contains("the disk broke"))
            let refused = try await site.submit(site.proposal())
            #expect(refused.status == 503 && refused.code == "not-ready" && refused.retryAfter == "1")
        }
    }

    @Test("Each obstacle is named")
    func obstacles() {
        var status = ChainStatus(chain: "c", genesis: "", number: 1, name: "n")
        var channel = ChainStatus.ChannelStatus(channel: "index")
        (channel.members, channel.quorum, channel.reachable, channel.margin) = (4, 3, 2, -1)
        channel.isSilent = true
        status.channels = [channel]
        status.isDiskFull = true
        #expect(status.obstacles.count == 4)
        #expect(status.obstacles.contains { $0.contains("2 of 4") && $0.contains("3 are needed") })
        channel.isMember = true
        channel.isSilent = false
        channel.margin = 0
        status.channels = [channel]
        status.isDiskFull = false
        #expect(status.obstacles.isEmpty)
    }

    @Test("Too many requests of one party are answered 429; another party is not held up")
    func rateLimit() async throws {
        try await TestSite.with(adjust: {
            $0.requestsPerSecond = 0.001
            $0.requestsBurst = 3
        }) { site in
            var statuses: [Int] = []
            for _ in 0..<4 { statuses.append(try await site.client(site.gateway).get("/healthz").status) }
            #expect(statuses == [200, 200, 200, 429])
            #expect(try await site.client(site.operator_).get("/healthz").status == 200)
        }
    }

    @Test("A share is given back when nobody holds it any more, and one party never has all")
    func allowance() throws {
        let allowance = Allowance(total: 4, perParty: 2)
        let (one, other) = (
            RequestOrigin.party(try #require(PartyName("a:gateway:x"))),
            RequestOrigin.party(try #require(PartyName("a:gateway:y")))
        )
        do {
            let share = try #require(allowance.share(of: one))
            #expect(share.grow(by: 1) && !share.grow(by: 1))
            #expect(allowance.share(of: one) == nil)
            let others = allowance.share(of: other, 2)
            #expect(others != nil && allowance.used == 4)
            withExtendedLifetime((share, others)) {}
        }
        #expect(allowance.used == 0 && allowance.share(of: one, 2) != nil)
    }

    /// What the document says of who may use a route.
    private static func roles(_ route: ChainRoute) -> Set<String>? {
        guard case .parties(let roles) = route.access else { return nil }
        return roles == Set(PartyRole.allCases) ? ["*"] : Set(roles.map(\.rawValue))
    }

    private static func name(_ route: ChainRoute) -> String { "\(route.method.rawValue) \(route.path)" }

    private static func placeholders(_ path: String) -> Set<String> {
        Set(path.matches(of: #/\{([a-z0-9]+)\}/#).map { String($0.1) })
    }

    private static func document() throws -> Object {
        let value = try JSONSerialization.jsonObject(with: Data(OpenAPIDocument.text.utf8))
        return try #require(value as? Object)
    }

    /// The document's operations by method and path.
    private static func operations() throws -> [String: Object] {
        let paths = try #require(try self.document()["paths"] as? [String: [String: Object]])
        var operations: [String: Object] = [:]
        for (path, methods) in paths {
            for (method, operation) in methods { operations["\(method.uppercased()) \(path)"] = operation }
        }
        return operations
    }

    private static func references(in value: Any) -> Set<String> {
        switch value {
        case let object as Object:
            object.reduce(into: []) { found, member in
                if member.key == "$ref", let text = member.value as? String { found.insert(text) }
                found.formUnion(self.references(in: member.value))
            }
        case let list as [Any]: list.reduce(into: []) { $0.formUnion(self.references(in: $1)) }
        default: []
        }
    }
}
