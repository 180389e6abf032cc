internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import Synchronization

/// Asks a node by JSON-RPC 2.0 over HTTP.
package final class JSONRPCClient: Sendable {
    /// Bytes of an answer: the receipt of a transaction with a block's worth of logs.
    private static let answerBytesMax = 32 << 20
    private static let connectionsMax = 4

    private let url: NodeURL
    private let requestSeconds: Int64
    private let client: HTTPClient
    private let lastID = Atomic<Int>(0)

    /// - Parameters:
    ///   - url: of the node.
    ///   - requestSeconds: deadline of one request with its answer.
    package init(url: NodeURL, requestSeconds: Int64 = 30) {
        self.url = url
        self.requestSeconds = requestSeconds
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: HTTPClient.Configuration.Timeout(connect: .seconds(10), read: .seconds(requestSeconds))
        )
        configuration.connectionPool = .init(
            idleTimeout: .seconds(60),
            concurrentHTTP1ConnectionsPerHostSoftLimit: Self.connectionsMax
        )
        configuration.httpVersion = .http1Only
        self.client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    }

    /// Closes all connections; must be called once.
    package func close() async { try? await self.client.shutdown() }

    /// Calls a method.
    ///
    /// - Returns: its result; `null` when there is none.
    func call(_ method: String, _ parameters: [JSONValue] = []) async throws(EVMFailure) -> JSONValue {
        let id = self.lastID.wrappingAdd(1, ordering: .relaxed).newValue
        let question = JSONValue.object([
            "jsonrpc": .text("2.0"), "id": .integer(id), "method": .text(method), "params": .array(parameters),
        ])
        let answer = try Self.decoded(try await self.exchange(Self.encoded(question)), method)
        guard answer["id"] == .integer(id) else { throw .malformed("an answer to another question than \(method)") }
        if let error = answer["error"], error != .null { throw Self.failure(error) }
        return answer["result"] ?? .null
    }

    private static func failure(_ error: JSONValue) -> EVMFailure {
        var (code, text) = (0, "")
        if case .integer(let number)? = error["code"] { code = number }
        if case .text(let message)? = error["message"] { text = String(message.prefix(300)) }
        return .node(code: code, message: text)
    }

    private static func encoded(_ value: JSONValue) throws(EVMFailure) -> [UInt8] {
        do { return [UInt8](try JSONEncoder().encode(value)) } catch { throw .misconfigured("\(error)") }
    }

    private static func decoded(_ bytes: [UInt8], _ method: String) throws(EVMFailure) -> JSONValue {
        do { return try JSONDecoder().decode(JSONValue.self, from: Data(bytes)) } catch {
            throw .malformed("the answer to \(method) is no JSON")
        }
    }

    private func exchange(_ body: [UInt8]) async throws(EVMFailure) -> [UInt8] {
        var request = HTTPClientRequest(url: self.url.description)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.body = .bytes(ByteBuffer(bytes: body))
        let deadline = NIODeadline.now() + .seconds(self.requestSeconds)
        let status: UInt
        var content: [UInt8] = []
        do {
            let response = try await self.client.execute(request, deadline: deadline)
            status = response.status.code
            for try await part in response.body {
                content.append(contentsOf: part.readableBytesView)
                guard content.count <= Self.answerBytesMax, NIODeadline.now() < deadline else { break }
            }
        } catch {
            let text = (error as? HTTPClientError)?.shortDescription ?? "\(error)"
            throw .unreachable(String(text.prefix(300)))
        }
        guard content.count <= Self.answerBytesMax else { throw .malformed("an answer beyond all bounds") }
        guard NIODeadline.now() < deadline else { throw .unreachable("the answer takes too long") }
        // Some nodes give errors of JSON-RPC under a status of HTTP that says no.
        guard (200..<300).contains(status) || content.first == UInt8(ascii: "{") else {
            throw .unreachable("HTTP \(status)")
        }
        return content
    }
}
