internal import AsyncHTTPClient
package import Credentials
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL

/// One party's connection to a server on loopback, for requests that no client of ours would make.
package final class RawClient: Sendable {
    package struct Answer: Sendable {
        package let status: Int
        package let body: [UInt8]
        /// Of a problem; empty when the answer is none.
        package let code: String

        package var text: String { String(decoding: self.body, as: UTF8.self) }
    }

    private struct ProblemCode: Decodable { let code: String }

    private let http: HTTPClient
    private let port: Int

    package init(_ identity: Identity, port: Int) throws {
        var configuration = HTTPClient.Configuration(tlsConfiguration: try identity.clientTLS())
        configuration.httpVersion = .http1Only
        self.http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        self.port = port
    }

    package func close() async { try? await self.http.shutdown() }

    package func send(
        _ method: String,
        _ path: String,
        _ body: [UInt8]? = nil,
        type: String? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: "https://localhost:\(self.port)\(path)")
        request.method = HTTPMethod(rawValue: method)
        if let body { request.body = .bytes(body) }
        if let type { request.headers.add(name: "Content-Type", value: type) }
        let response = try await self.http.execute(request, timeout: .seconds(60))
        let bytes = Array(try await response.body.collect(upTo: 16 << 20).readableBytesView)
        let problem = try? JSONDecoder().decode(ProblemCode.self, from: Data(bytes))
        return Answer(status: Int(response.status.code), body: bytes, code: problem?.code ?? "")
    }
}
