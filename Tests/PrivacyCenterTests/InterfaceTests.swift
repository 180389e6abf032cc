import Certificates
import Credentials
import Foundation
import Hummingbird
import PrivacyCenterStore
import TestIdentities
import Testing

@testable import PrivacyCenter

@Suite struct InterfaceTests {
    private typealias Object = [String: Any]

    @Test("The document that is served is the one in docs/openapi")
    func served() async throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../docs/openapi/privacy-center.json")
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(OpenAPIDocument.text == text)
        try await TestSite.with { site in
            let answer = try await site.client(site.gateway).get("/v1/openapi.json")
            #expect(answer.body == Array(text.utf8))
        }
    }

    @Test("Router and document have the same routes, parameters, answers and roles, in both directions")
    func document() async throws {
        try await Self.withInterface { interface in
            let document = try Self.operations()
            let routes = interface.routes
            let router = Set(interface.router().routes.map { "\($0.method.rawValue) \($0.path)" })
            #expect(router == Set(document.keys))
            #expect(Set(routes.map(Self.name)) == Set(document.keys))
            for route in routes {
                let operation = try #require(document[Self.name(route)])
                let parameters = (operation["parameters"] as? [Object]) ?? []
                let inPath = Set(
                    parameters.filter { $0["in"] as? String == "path" }.compactMap { $0["name"] as? String }
                )
                let inQuery = Set(
                    parameters.filter { $0["in"] as? String == "query" }.compactMap { $0["name"] as? String }
                )
                #expect(inPath == Self.placeholders(route.path), "\(route.path)")
                #expect(inQuery == Set(route.query), "\(route.path)")
                let statuses = try #require(operation["responses"] as? Object).keys.compactMap { Int($0) }
                #expect(Set(statuses) == route.statuses.union(CenterRoute.commonStatuses), "\(Self.name(route))")
                #expect(try Self.roles(of: operation) == Set(route.roles.map(\.rawValue)), "\(Self.name(route))")
                #expect((operation["security"] != nil) == route.isOpen, "\(Self.name(route))")
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
        for kind in ["schemas", "responses", "parameters"] {
            for name in (components[kind] ?? [:]).keys { #expect(found.contains("#/components/\(kind)/\(name)")) }
        }
    }

    @Test("Every role gets past the door of its routes and 403 at all others", arguments: PartyRole.allCases)
    func roles(_ role: PartyRole) async throws {
        try await TestSite.with { site in
            let client = try site.client(site.authority.enroll("ward:\(role.rawValue):someone"))
            for (name, operation) in try Self.operations() {
                let parts = name.split(separator: " ").map(String.init)
                let zeros = String(repeating: "0", count: 64)
                let path = parts[1].replacing(#/\{[a-z0-9]+\}/#, with: zeros)
                let answer = try await client.send(parts[0], path, parts[0] == "GET" ? nil : [])
                let allowed = try Self.roles(of: operation)
                if allowed.contains(role.rawValue) {
                    #expect(answer.code != "role-not-allowed", "\(role.rawValue) \(name)")
                } else {
                    #expect(answer.status == 403 && answer.code == "role-not-allowed", "\(role.rawValue) \(name)")
                }
            }
        }
    }

    @Test("Without a certificate nothing is open but what the document says; another authority's gets no connection")
    func strangers() async throws {
        try await TestSite.with { site in
            let stranger = try site.stranger()
            for (name, operation) in try Self.operations() {
                let parts = name.split(separator: " ").map(String.init)
                let path = parts[1].replacing(#/\{[a-z0-9]+\}/#, with: String(repeating: "0", count: 64))
                let answer = try await stranger.send(parts[0], path, parts[0] == "GET" ? nil : [])
                #expect((answer.code == "certificate-required") == (operation["security"] == nil), "\(name)")
            }
            let elsewhere = try TestAuthority(directory: site.directory).enroll("ward:gateway:bed-1")
            let client = try TestClient(elsewhere, port: site.port)
            await #expect(throws: (any Error).self) { try await client.get("/healthz") }
            try await client.close()
        }
    }

    @Test("Too many requests of one party are answered 429; another party is not held up")
    func rateLimit() async throws {
        try await TestSite.with(adjust: {
            $0.requestsPerSecond = 0.001; $0.requestsBurst = 3
        }) { site in
            let client = try site.client(site.gateway)
            var statuses: [Int] = []
            for _ in 0..<4 { statuses.append(try await client.get("/healthz").status) }
            #expect(statuses == [200, 200, 200, 429])
            #expect(try await site.client(site.owner).get("/healthz").status == 200)
        }
    }

    @Test("Metrics name what was stored, and no digest or party")
    func metrics() async throws {
        try await TestSite.with { site in
            _ = try await site.putCertificate(site.gateway)
            let envelope = try site.envelope(1)
            _ = try await site.put(envelope)
            _ = try await site.put(envelope)
            let client = try site.client(site.authority.enroll("cloud:operator:o"))
            let text = String(decoding: try await client.get("/metrics").body, as: UTF8.self)
            #expect(text.contains("\nwardline_cpc_envelopes_stored_total 1\n"))
            #expect(text.contains("\nwardline_cpc_envelopes_repeated_total 1\n"))
            #expect(text.contains("\nwardline_cpc_envelopes 1\n"))
            #expect(text.contains(#"route="/v1/envelopes/{h1}",method="PUT",status="201"} 1"#))
            #expect(!text.contains("bed-1") && !text.contains(#/[0-9a-f]{64}/#))
            #expect(try await client.get("/readyz").body == Array("ready\n".utf8))
        }
    }

    private static func roles(of operation: Object) throws -> Set<String> {
        let roles = try #require(operation["x-roles"] as? [String])
        return roles == ["*"] ? Set(PartyRole.allCases.map(\.rawValue)) : Set(roles)
    }

    private static func name(_ route: CenterRoute) -> String { "\(route.method.rawValue) \(route.path)" }

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

    private static func withInterface(_ body: (CenterInterface) async throws -> Void) async throws {
        try await TestSite.with { site in
            let store = try site.configuration.store.openBeside()
            let identity = site.centerIdentity
            let keys = try CenterKeys(certificate: identity.certificate, key: identity.key)
            let center = try PrivacyCenter(
                store: store,
                issuer: identity.issuer,
                revocations: RevocationStore(identity),
                keyDirectory: identity.directory,
                keys: { keys },
                clock: PrivacyCenterService.systemClock
            )
            try await body(
                CenterInterface(
                    center: center,
                    metrics: CenterMetrics(),
                    budget: BodyBudget(totalMax: 1, perPeerMax: 1),
                    obstacles: { [] }
                )
            )
            await center.stop()
            try await store.close()
        }
    }
}
