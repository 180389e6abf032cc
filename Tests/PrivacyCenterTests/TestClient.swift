import AsyncHTTPClient
import CanonicalBytes
import Credentials
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL

/// One party's connection to a center.
final class TestClient: Sendable {
    struct Answer {
        let status: Int
        let body: [UInt8]

        /// The stable code of a problem; empty when the answer is none.
        var code: String { (self.object["code"] as? String) ?? "" }

        var object: [String: Any] {
            let value = try? JSONSerialization.jsonObject(with: Data(self.body))
            return (value as? [String: Any]) ?? [:]
        }
    }

    private let http: HTTPClient
    private let port: Int

    /// A stranger shows no certificate.
    init(_ identity: Identity, port: Int, isStranger: Bool = false) throws {
        var tls = try identity.clientTLS()
        if isStranger { (tls.certificateChain, tls.privateKey) = ([], nil) }
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls)
        configuration.httpVersion = .http1Only
        // Hundreds of other tests may keep the processors busy.
        configuration.timeout = HTTPClient.Configuration.Timeout(connect: .seconds(300), read: .seconds(300))
        self.http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        self.port = port
    }

    func close() async throws { try await self.http.shutdown() }

    func get(_ path: String, proof: String? = nil) async throws -> Answer {
        try await self.send("GET", path, fields: proof.map { ["wardline-receiver": $0] } ?? [:])
    }

    func put(_ path: String, _ bytes: [UInt8], type: String = "application/octet-stream") async throws -> Answer {
        try await self.send("PUT", path, bytes, type: type)
    }

    func post(_ path: String, _ members: [String: Any]) async throws -> Answer {
        let body = Array(try JSONSerialization.data(withJSONObject: members))
        return try await self.send("POST", path, body, type: "application/json")
    }

    func send(
        _ method: String,
        _ path: String,
        _ body: [UInt8]? = nil,
        type: String? = nil,
        fields: [String: String] = [:]
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: "https://localhost:\(self.port)\(path)")
        request.method = HTTPMethod(rawValue: method)
        if let body { request.body = .bytes(body) }
        for (name, value) in fields { request.headers.add(name: name, value: value) }
        if let type { request.headers.add(name: "Content-Type", value: type) }
        let response = try await self.http.execute(request, timeout: .seconds(60))
        let buffer = try await response.body.collect(upTo: 64 << 20)
        return Answer(status: Int(response.status.code), body: Array(buffer.readableBytesView))
    }
}

extension [UInt8] {
    var base64: String { Data(self).base64EncodedString() }
}
