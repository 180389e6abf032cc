import AsyncHTTPClient
import Certificates
import Credentials
import Foundation
import Hummingbird
import NIOCore
import NIOHTTP1
import TestIdentities
import Testing

@testable import AttributeIssuing

@Suite struct InterfaceTests {
    private typealias Object = [String: Any]

    @Test("The document that is served is the one in docs/openapi")
    func served() async throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../docs/openapi/attribute-issuing.json")
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(OpenAPIDocument.text == text)
        try await TestSite.with { site in
            let answer = try await Self.send("GET", "/v1/openapi.json", site, as: site.researcher)
            #expect(answer.body == Array(text.utf8))
        }
    }

    @Test("Router and document have the same routes, answers and roles, in both directions")
    func document() async throws {
        try await TestSite.with { site in
            try await site.stop()
            try Self.compare(site.service().interface)
        }
    }

    private static func compare(_ interface: AttributeInterface) throws {
        let document = try Self.operations()
        let router = Set(interface.router().routes.map { "\($0.method.rawValue) \($0.path)" })
        #expect(router == Set(document.keys))
        for route in interface.routes {
            let name = "\(route.method.rawValue) \(route.path)"
            let operation = try #require(document[name])
            let statuses = try #require(operation["responses"] as? Object).keys.compactMap { Int($0) }
            #expect(Set(statuses) == route.statuses.union(AttributeRoute.commonStatuses), "\(name)")
            let roles = try #require(operation["x-roles"] as? [String])
            #expect(Set(roles) == Set(route.roles.map(\.rawValue)), "\(name)")
        }
    }

    @Test("Every reference of the document leads somewhere, and every component is referred to")
    func references() throws {
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

    @Test("Every code of a refusal stands in the document")
    func codes() {
        for reason in AttributeRefusal.Reason.allCases
        where ![.unsupportedMediaType, .storeFailed].contains(reason) {
            #expect(OpenAPIDocument.text.contains(reason.rawValue), "\(reason.rawValue)")
        }
    }

    @Test("Every role gets past the door of its routes and 403 at all others")
    func roles() async throws {
        try await TestSite.with { site in
            for role in PartyRole.allCases {
                let someone = try site.authority.enroll("ward:\(role.rawValue):someone")
                for (name, operation) in try Self.operations() {
                    let parts = name.split(separator: " ").map(String.init)
                    let answer = try await Self.send(parts[0], parts[1], site, as: someone)
                    let allowed = try #require(operation["x-roles"] as? [String])
                    let isRefused = answer.status == 403 && answer.text.contains("role-not-allowed")
                    #expect(isRefused != allowed.contains(role.rawValue), "\(role.rawValue) \(name)")
                }
            }
        }
    }

    @Test("A key must not be stored on its way; what is not taken is refused with its code")
    func answers() async throws {
        try await TestSite.with { site in
            let good = try site.request().bytes
            let issued = try await Self.send("POST", "/v1/attribute-keys", site, as: site.researcher, good)
            #expect(issued.status == 200 && issued.cacheControl == "no-store")
            let query = try await Self.send("GET", "/v1/public-key?a=1", site, as: site.researcher)
            #expect(query.status == 400 && query.text.contains("malformed-parameter"))
            let long = [UInt8](repeating: 0, count: AttributeKeyRequest.bytesMax + 1)
            #expect(try await Self.send("POST", "/v1/attribute-keys", site, as: site.researcher, long).status == 413)
            let json = try await Self.send(
                "POST",
                "/v1/attribute-keys",
                site,
                as: site.researcher,
                good,
                type: "application/json"
            )
            #expect(json.status == 415)
            #expect(try await Self.send("GET", "/readyz", site, as: site.researcher).status == 200)
            let watcher = try site.authority.enroll("cloud:operator:o")
            let metrics = try await Self.send("GET", "/metrics", site, as: watcher).text
            #expect(metrics.contains("\nwardline_abe_keys_issued_total 1\n"))
            #expect(!metrics.contains("researcher"))
        }
    }

    private struct Answer {
        let status: Int
        let body: [UInt8]
        let cacheControl: String?
        var text: String { String(decoding: self.body, as: UTF8.self) }
    }

    private static func send(
        _ method: String,
        _ path: String,
        _ site: TestSite,
        as identity: Identity,
        _ body: [UInt8] = [],
        type: String = "application/octet-stream"
    ) async throws -> Answer {
        var configuration = HTTPClient.Configuration(tlsConfiguration: try identity.clientTLS())
        configuration.httpVersion = .http1Only
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        var request = HTTPClientRequest(url: "https://localhost:\(site.port)\(path)")
        request.method = HTTPMethod(rawValue: method)
        if method != "GET" {
            request.headers.add(name: "content-type", value: type)
            request.body = .bytes(body)
        }
        let outcome: Result<Answer, any Error>
        do {
            let response = try await http.execute(request, timeout: .seconds(60))
            let content = try await response.body.collect(upTo: 1 << 20)
            outcome = .success(
                Answer(
                    status: Int(response.status.code),
                    body: Array(content.readableBytesView),
                    cacheControl: response.headers.first(name: "cache-control")
                )
            )
        } catch { outcome = .failure(error) }
        try await http.shutdown()
        return try outcome.get()
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
