import AsyncHTTPClient
import Certificates
import Credentials
import Foundation
import Hummingbird
import NIOCore
import NIOHTTP1
import P256Group
import Signcryption
import TestIdentities
import Testing
import Uplink

@testable import KeyIssuing

@Suite struct InterfaceTests {
    private typealias Object = [String: Any]

    @Test("The document that is served is the one in docs/openapi")
    func served() async throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../docs/openapi/key-issuing.json")
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(OpenAPIDocument.text == text)
        try await TestSite.with { site in
            let answer = try await Self.send("GET", "/v1/openapi.json", site, as: site.driver)
            #expect(answer.body == Array(text.utf8))
        }
    }

    @Test("Router and document have the same routes, parameters, answers and roles, in both directions")
    func document() async throws {
        try await TestSite.with { site in try Self.compare(site.service(site.other).interface) }
    }

    private static func compare(_ interface: IssuingInterface) throws {
        let document = try Self.operations()
        let router = Set(interface.router().routes.map { "\($0.method.rawValue) \($0.path)" })
        #expect(router == Set(document.keys))
        for route in interface.routes {
            let name = "\(route.method.rawValue) \(route.path)"
            let operation = try #require(document[name])
            let parameters = (operation["parameters"] as? [Object]) ?? []
            #expect(parameters.compactMap { $0["name"] as? String } == (route.path.contains("{") ? ["epoch"] : []))
            let statuses = try #require(operation["responses"] as? Object).keys.compactMap { Int($0) }
            #expect(Set(statuses) == route.statuses.union(IssuingRoute.commonStatuses), "\(name)")
            let roles = try #require(operation["x-roles"] as? [String])
            let expected = roles == ["*"] ? Set(PartyRole.allCases.map(\.rawValue)) : Set(roles)
            #expect(expected == Set(route.roles.map(\.rawValue)), "\(name)")
            #expect((operation["security"] != nil) == route.isOpen, "\(name)")
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

    @Test("Every role gets past the door of its routes and 403 at all others", arguments: PartyRole.allCases)
    func roles(_ role: PartyRole) async throws {
        try await TestSite.with { site in
            let someone = try site.authority.enroll("ward:\(role.rawValue):someone")
            for (name, operation) in try Self.operations() {
                let parts = name.split(separator: " ").map(String.init)
                let path = parts[1].replacing("{epoch}", with: "5")
                let answer = try await Self.send(parts[0], path, site, as: someone)
                let allowed = try #require(operation["x-roles"] as? [String])
                let isRefused = answer.status == 403 && answer.text.contains("role-not-allowed")
                let mayAsk = allowed == ["*"] || allowed.contains(role.rawValue)
                #expect(isRefused != mayAsk, "\(role.rawValue) \(name)")
            }
        }
    }

    @Test("What is no epoch, of another set, or no JSON is refused with its code")
    func malformed() async throws {
        try await TestSite.with { site in
            for (path, code) in [
                ("/v1/parameters/05/status", "malformed-parameter"), ("/v1/parameters/x/status", "malformed-parameter"),
                ("/v1/parameters/6/status", "unknown-parameters"),
                ("/v1/parameters/5/status?a=1", "malformed-parameter"),
                ("/v1/parameters/5", "not-set-up"),
            ] { #expect(try await Self.send("GET", path, site, as: site.driver).text.contains(code), "\(path)") }
            let answer = try await Self.send("POST", "/v1/parameters/5/commitment", site, as: site.driver)
            #expect(answer.status == 400 && answer.text.contains("malformed-body"))
            #expect(try await Self.send("GET", "/readyz", site, as: site.driver).status == 503)
            _ = try await site.setUp()
            #expect(try await Self.send("GET", "/readyz", site, as: site.driver).status == 200)
            let metrics = try await Self.send("GET", "/metrics", site, as: site.driver).text
            #expect(metrics.contains("\nwardline_ibe_steps_issued_total 0\n"))
        }
    }

    private struct Answer {
        let status: Int
        let body: [UInt8]
        var text: String { String(decoding: self.body, as: UTF8.self) }
    }

    private static func send(
        _ method: String,
        _ path: String,
        _ site: TestSite,
        as identity: Identity
    ) async throws -> Answer {
        var configuration = HTTPClient.Configuration(tlsConfiguration: try identity.clientTLS())
        configuration.httpVersion = .http1Only
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        var request = HTTPClientRequest(url: "https://localhost:\(site.ports[0])\(path)")
        request.method = HTTPMethod(rawValue: method)
        if method != "GET" { request.body = .bytes([UInt8]()) }
        let outcome: Result<Answer, any Error>
        do {
            let response = try await http.execute(request, timeout: .seconds(60))
            let body = try await response.body.collect(upTo: 1 << 20)
            outcome = .success(Answer(status: Int(response.status.code), body: Array(body.readableBytesView)))
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
