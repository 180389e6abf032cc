internal import AsyncHTTPClient
package import Certificates
package import Credentials
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL
internal import Synchronization
internal import TraceContexts

/// HTTPS to servers of some roles, with a client certificate or without: TLS 1.3, connections kept open, HTTP/1.1.
///
/// Follows rotations of the identity: a new generation gets new connections. Nothing is started before the first
/// request. A server that sees the certificate is told which operation a request belongs to; one that must not know who
/// asks is not, for that would tell it which requests come from the same client.
package final class SecureClient: Sendable {
    /// What a server gets to see of who asks.
    package enum Presentation: Sendable, Hashable {
        /// The identity's certificate.
        case certificate
        /// No certificate: only the network address tells one client from another.
        case nothing
    }

    enum Method: String, Sendable {
        case get = "GET"
        case put = "PUT"
        case post = "POST"
        case delete = "DELETE"
    }

    /// Field of an answer 404 that carries a privacy center's signed denial, in base64.
    private static let denialField = "wardline-denial"
    /// W3C Trace Context.
    private static let traceField = "traceparent"

    private struct State {
        var client: HTTPClient?
        var generation = 0
        var isClosed = false
    }

    private static let problemBytesMax = 16 << 10

    private let identity: IdentityWatch
    private let servers: [PartyRole]
    private let presentation: Presentation
    private let circle: TLSCircle
    private let requestSeconds: Int64
    private let connections: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - identity: its root verifies every server.
    ///   - servers: roles of which a server must have one; another one gets no request.
    ///   - presentation: whether servers see the identity's certificate.
    ///   - circle: whose servers are asked.
    ///   - requestSeconds: deadline of one request with its answer.
    ///   - connections: to one host at the same time; further requests wait for one, 10 s at most.
    package init(
        identity: IdentityWatch,
        servers: [PartyRole],
        presents presentation: Presentation = .certificate,
        of circle: TLSCircle = .consortium,
        requestSeconds: Int64 = 30,
        connections: Int = 16
    ) {
        self.identity = identity
        self.servers = servers
        self.presentation = presentation
        self.circle = circle
        self.requestSeconds = requestSeconds
        self.connections = connections
    }

    /// Closes all connections; requests under way fail.
    package func close() async {
        let client = self.state.withLock { state in
            state.isClosed = true
            return state.client.take()
        }
        try? await client?.shutdown()
    }

    /// Sends one request; `fields` are those of its header besides the body's.
    ///
    /// - Returns: the answer's body.
    /// - Throws: ``UplinkFailure`` for everything but an answer of the 2xx family of at most `bytesMax` bytes.
    func send(
        _ method: Method,
        _ url: String,
        body: [UInt8]? = nil,
        type: String = "application/octet-stream",
        fields: [String: String] = [:],
        bytesMax: Int = 1 << 20
    ) async throws(UplinkFailure) -> [UInt8] {
        var request = self.request(url)
        request.method = HTTPMethod(rawValue: method.rawValue)
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) { request.headers.add(name: name, value: value) }
        if let body {
            request.headers.add(name: "content-type", value: type)
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        let client = try self.client()
        let response: HTTPClientResponse
        let content: [UInt8]
        let deadline = NIODeadline.now() + .seconds(self.requestSeconds)
        do {
            response = try await client.execute(request, deadline: deadline)
            let isGood = (200..<300).contains(response.status.code)
            content = try await Self.collect(response, upTo: isGood ? bytesMax : Self.problemBytesMax, until: deadline)
        } catch {
            throw .unreachable(Self.explanation(of: error))
        }
        let status = Int(response.status.code)
        guard (200..<300).contains(status) else {
            let denial = response.headers.first(name: Self.denialField).flatMap { Data(base64Encoded: $0) }
            if status == 404, let denial { throw .denied([UInt8](denial)) }
            throw Self.refusal(status, content, retryAfter: response.headers.first(name: "retry-after"))
        }
        return content
    }

    /// Sends a GET and reads an answer that goes on, part by part as it comes.
    ///
    /// - Parameters:
    ///   - url: of the answer.
    ///   - each: takes a part; false when it has had enough.
    /// - Throws: ``UplinkFailure`` for another status than 200 and a connection that breaks; what `each` throws.
    func read(_ url: String, each: ([UInt8]) async throws -> Bool) async throws {
        let client = try self.client()
        let deadline = NIODeadline.now() + .seconds(self.requestSeconds)
        let response: HTTPClientResponse
        do { response = try await client.execute(self.request(url), deadline: deadline) } catch {
            throw UplinkFailure.unreachable(Self.explanation(of: error))
        }
        guard response.status == .ok else { throw try await Self.refusal(response, until: deadline) }
        var parts = response.body.makeAsyncIterator()
        while true {
            let part: ByteBuffer?
            do { part = try await parts.next() } catch { throw UplinkFailure.unreachable(Self.explanation(of: error)) }
            guard let part, try await each(Array(part.readableBytesView)) else { return }
        }
    }

    private func request(_ url: String) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url)
        if self.presentation == .certificate, let trace = TraceContext.current {
            request.headers.add(name: Self.traceField, value: trace.traceparent)
        }
        return request
    }

    private static func refusal(
        _ response: HTTPClientResponse,
        until deadline: NIODeadline
    ) async throws(UplinkFailure) -> UplinkFailure {
        let content: [UInt8]
        do { content = try await self.collect(response, upTo: self.problemBytesMax, until: deadline) } catch {
            throw .unreachable(self.explanation(of: error))
        }
        let wait = response.headers.first(name: "retry-after")
        return self.refusal(Int(response.status.code), content, retryAfter: wait)
    }

    /// The body, unless it is too large or trickles: the library's own deadline ends with the header.
    private static func collect(
        _ response: HTTPClientResponse,
        upTo bytesMax: Int,
        until deadline: NIODeadline
    ) async throws -> [UInt8] {
        var content: [UInt8] = []
        for try await part in response.body {
            content.append(contentsOf: part.readableBytesView)
            guard content.count <= bytesMax else {
                throw TooLarge(description: "an answer of more than \(bytesMax) bytes")
            }
            guard NIODeadline.now() < deadline else { throw HTTPClientError.deadlineExceeded }
        }
        return content
    }

    private struct TooLarge: Error, CustomStringConvertible { let description: String }

    private func client() throws(UplinkFailure) -> HTTPClient {
        let identity = self.identity.current
        let (client, old) = try self.state.withLock { (state) throws(UplinkFailure) -> (HTTPClient, HTTPClient?) in
            if state.isClosed { throw .unreachable("the agent is stopping") }
            if let client = state.client, state.generation == identity.generation { return (client, nil) }
            let fresh = try self.makeClient(identity)
            defer {
                state.client = fresh
                state.generation = identity.generation
            }
            return (fresh, state.client)
        }
        // Requests on the old generation's connections end by themselves first.
        if let old { Task { try? await old.shutdown() } }
        return client
    }

    private func makeClient(_ identity: Identity) throws(UplinkFailure) -> HTTPClient {
        do {
            var tls = try identity.clientTLS(of: self.circle)
            if self.presentation == .nothing { (tls.certificateChain, tls.privateKey) = ([], nil) }
            var configuration = HTTPClient.Configuration(
                tlsConfiguration: tls,
                redirectConfiguration: .disallow,
                timeout: HTTPClient.Configuration.Timeout(connect: .seconds(10), read: .seconds(30))
            )
            configuration.connectionPool = .init(
                idleTimeout: .seconds(60),
                concurrentHTTP1ConnectionsPerHostSoftLimit: self.connections
            )
            configuration.connectionPool.retryConnectionEstablishment = false
            configuration.httpVersion = .http1Only
            let allies = self.circle == .allies ? identity.allies : nil
            ServerRole.require(self.servers, of: allies, in: &configuration)
            return HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
        } catch {
            throw .unreachable("cannot use the TLS identity: \(error)")
        }
    }

    /// In words of ours where the library's name says too little.
    private static func explanation(of error: any Error) -> String {
        if let error = error as? HTTPClientError { return error.shortDescription }
        return String("\(error)".prefix(300))
    }

    private static func refusal(_ status: Int, _ body: [UInt8], retryAfter: String?) -> UplinkFailure {
        struct ProblemBody: Decodable {
            let code: String?
            let detail: String?
        }
        let problem = try? JSONDecoder().decode(ProblemBody.self, from: Data(body))
        return .refused(
            status: status,
            code: String((problem?.code ?? "").prefix(100)),
            detail: String((problem?.detail ?? "").prefix(500)),
            retryAfterSeconds: retryAfter.flatMap { Int($0) }.map { min(max($0, 0), 3_600) }
        )
    }
}
