import Certificates
import Foundation
import Hummingbird
import Testing
import Uplink

@testable import Custodian

@Suite struct InterfaceTests {
    private typealias Object = [String: Any]

    @Test func `the document that is served is the one in docs/openapi`() async throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../docs/openapi/custodian.json")
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(OpenAPIDocument.text == text)
        try await TestServer.run { server in
            let served = try await server.asking(as: "south:researcher:ada", presents: .nothing) {
                try await $0.read("/v1/openapi.json")
            }
            #expect(served == Array(text.utf8))
        }
    }

    @Test func `router and document have the same routes, parameters, answers and roles, in both directions`()
        async throws
    {
        try await TestServer.run { server in try Self.compare(server.routes) }
    }

    private static func compare(_ routes: CustodianRoutes) throws {
        let document = try Self.operations()
        let router = Set(routes.router().routes.map { "\($0.method.rawValue) \($0.path)" })
        #expect(router == Set(document.keys))
        let health = Set(["GET /healthz", "GET /readyz", "GET /metrics"])
        #expect(Set(routes.routes.map { "\($0.method.rawValue) \($0.path)" }) == router.subtracting(health))
        for route in routes.routes {
            let name = "\(route.method.rawValue) \(route.path)"
            let operation = try #require(document[name])
            let parameters = (operation["parameters"] as? [Object]) ?? []
            let inPath = route.path.split(separator: "/").filter { $0.hasPrefix("{") }.map { $0.dropFirst().dropLast() }
            #expect(parameters.compactMap { $0["name"] as? String } == inPath.map(String.init) + route.query, "\(name)")
            var statuses = route.statuses.union(CustodianRoute.commonStatuses)
            if !route.isOpen { statuses.insert(401) }
            let listed = try #require(operation["responses"] as? Object).keys.compactMap { Int($0) }
            #expect(Set(listed) == statuses, "\(name)")
            #expect(Set(try #require(operation["x-roles"] as? [String])) == route.roleNames, "\(name)")
            #expect((operation["security"] != nil) == route.isOpen, "\(name)")
            #expect((operation["x-organization"] as? String == "own") == route.isOwn, "\(name)")
            #expect((operation["requestBody"] != nil) == route.statuses.contains(413), "\(name)")
        }
    }

    @Test func `every reference of the document leads somewhere, and every component is referred to`() throws {
        let value = try JSONSerialization.jsonObject(with: Data(OpenAPIDocument.text.utf8))
        let document = try #require(value as? Object)
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

    @Test func `states, kinds and subjects stand in the document as the custodian has them`() throws {
        let value = try JSONSerialization.jsonObject(with: Data(OpenAPIDocument.text.utf8))
        let components = try #require((value as? Object)?["components"] as? [String: Object])
        func words(_ schema: String, _ property: String) throws -> [String] {
            let properties = try #require(
                (components["schemas"]?[schema] as? Object)?["properties"] as? [String: Object]
            )
            return try #require(properties[property]?["enum"] as? [String])
        }
        #expect(try words("Share", "state") == ShareState.allCases.map(\.rawValue))
        #expect(try words("Share", "kind") == ShareKind.allCases.map(\.rawValue))
        #expect(try words("Share", "subject") == [ShareItem.Subject.request, .permission].map(\.rawValue))
        let datasets = [DatasetState.publishing, .published, .withdrawing, .withdrawn]
        #expect(try words("Dataset", "state") == datasets.map(\.rawValue))
    }

    @Test func `every role gets past the door of its routes and 403 at all others, and strangers at open ones alone`()
        async throws
    {
        let operations = try Self.operations()
        try await TestServer.run { server in
            for role in PartyRole.allCases {
                // Of another organization: what is within the institution's own stops those whom the role let pass.
                try await server.asking(as: "south:\(role.rawValue):someone") { client in
                    for (name, operation) in operations {
                        let code = await Self.code(name, client)
                        let allowed = try #require(operation["x-roles"] as? [String])
                        let mayAsk = allowed == ["*"] || allowed.contains(role.rawValue)
                        #expect((code == "role-not-allowed") != mayAsk, "\(role.rawValue) \(name): \(code)")
                        let isStopped = mayAsk && operation["x-organization"] != nil
                        #expect((code == "other-organization") == isStopped, "\(role.rawValue) \(name): \(code)")
                    }
                }
            }
            try await server.asking(as: "south:researcher:ada", presents: .nothing) { client in
                for (name, operation) in operations where name != "GET /metrics" {
                    let code = await Self.code(name, client)
                    #expect((code == "certificate-required") == (operation["security"] == nil), "\(name): \(code)")
                }
            }
        }
    }

    /// What a route says to a question without sense; empty when it answers.
    private static func code(_ name: String, _ client: CustodianClient) async -> String {
        let parts = name.split(separator: " ").map(String.init)
        let id = String(repeating: "0", count: 64)
        let path = parts[1].replacing("{permission}", with: id).replacing("{id}", with: id)
        do throws(UplinkFailure) {
            switch parts[0] {
            case "POST": _ = try await client.write(path, Array("[]".utf8))
            case "DELETE": _ = try await client.remove(path)
            default: _ = try await client.read(path)
            }
            return ""
        } catch {
            guard case .refused(_, let code, _, _) = error else { return "\(error)" }
            return code
        }
    }

    /// The document's operations by method and path.
    private static func operations() throws -> [String: Object] {
        let value = try JSONSerialization.jsonObject(with: Data(OpenAPIDocument.text.utf8))
        let paths = try #require((value as? Object)?["paths"] as? [String: [String: Object]])
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

extension CustodianRoute {
    fileprivate var isOpen: Bool {
        if case .open = self.door { return true }
        return false
    }

    fileprivate var isOwn: Bool {
        if case .own = self.door { return true }
        return false
    }

    /// As the document writes them.
    fileprivate var roleNames: Set<String> {
        switch self.door {
        case .open: ["*"]
        case .roles(let roles), .own(let roles): Set(roles.map(\.rawValue))
        }
    }
}
