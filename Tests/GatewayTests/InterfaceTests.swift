import Certificates
import Foundation
import Hummingbird
import TestIslands
import Testing

@testable import Gateway

@Suite("A gateway's interface", .serialized, .timeLimit(.minutes(15))) struct InterfaceTests {
    private typealias Object = [String: Any]

    private static let file = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../docs/openapi/gateway.json")

    @Test("router and document have the same routes, answers and roles, in both directions; the document is served")
    func document() async throws {
        let text = try String(contentsOf: Self.file, encoding: .utf8)
        #expect(OpenAPIDocument.text == text)
        let document = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? Object)
        let paths = try #require(document["paths"] as? [String: [String: Object]])
        try await Sea.with { sea in
            let gateway = try sea.start(sea.configuration(of: "alpha"))
            let routes = gateway.gateway.interface.routes
            #expect(Set(routes.map(\.path)) == Set(paths.keys))
            for route in routes {
                let operation = try #require(paths[route.path]?["get"])
                let statuses = try #require(operation["responses"] as? Object).keys.compactMap { Int($0) }
                #expect(Set(statuses) == GatewayRoute.commonStatuses.union([200]), "\(route.path)")
                let roles = try #require(operation["x-roles"] as? [String])
                #expect(Set(roles) == Set(route.roles.map(\.rawValue)), "\(route.path)")
            }
            let client = try RawClient(sea.hub.governor, port: try await gateway.gateway.port())
            #expect(try await client.send("GET", "/v1/openapi.json").text == text)
            try await sea.wait { try await client.send("GET", "/readyz").status == 200 }
            #expect(try await client.send("GET", "/metrics").text.contains("wardline_relay_height{chain=\"alpha\"}"))
            #expect(try await client.send("GET", "/v1/status?x=1").code == "malformed-parameter")
            let status = try await client.send("GET", "/v1/status")
            let decoded = try JSONDecoder().decode(GatewayStatus.self, from: Data(status.body))
            #expect(decoded.chains.map(\.name) == ["alpha", "hub"])
            let fields = try #require(try JSONSerialization.jsonObject(with: Data(status.body)) as? Object)
            let schema = try #require(
                ((document["components"] as? Object)?["schemas"] as? [String: Object])?["Status"]?["properties"]
                    as? Object
            )
            #expect(Set(fields.keys) == Set(schema.keys))
            let reader = try RawClient(sea.requester, port: try await gateway.gateway.port())
            #expect(try await reader.send("GET", "/v1/status").code == "role-not-allowed")
            await reader.close()
            await client.close()
            await gateway.stop()
        }
    }
}
