internal import AsyncHTTPClient
internal import Credentials
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL
internal import Synchronization
internal import TraceContexts

/// HTTPS to one FHIR server, one request after the other, for a thread of its own.
final class FHIRClient: Sendable {
    /// What came back.
    struct Response: Sendable {
        let status: Int
        let body: [UInt8]
        /// How long the server asks to wait, seconds; at most an hour.
        let retryAfterSeconds: Int?
    }

    /// Answers name each entry, and some servers repeat the resources.
    private static let answerBytesMax = 16 << 20
    private static let tokenBytesMax = 16 << 10

    private let server: AgentConfiguration.FHIRServer
    private let client: HTTPClient
    private let running = Mutex<HTTPClient.Task<HTTPClient.Response>?>(nil)

    /// Reads certificates and keys; nothing is sent.
    ///
    /// - Throws: ``SinkFailure`` when a file of the configuration cannot be used.
    init(_ server: AgentConfiguration.FHIRServer) throws(SinkFailure) {
        self.server = server
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: try Self.tls(server),
            redirectConfiguration: .disallow,
            timeout: HTTPClient.Configuration.Timeout(
                connect: .seconds(10),
                read: .seconds(Int64(server.requestSeconds))
            )
        )
        configuration.connectionPool = .init(
            idleTimeout: .seconds(60),
            concurrentHTTP1ConnectionsPerHostSoftLimit: 1
        )
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        self.client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    }

    private static func tls(_ server: AgentConfiguration.FHIRServer) throws(SinkFailure) -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if let file = server.caFile { tls.trustRoots = .file(file) }
        guard let certificate = server.certificateFile, let key = server.keyFile else { return tls }
        do {
            tls.certificateChain = try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) }
            tls.privateKey = .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
        } catch { throw SinkFailure("cannot use \(certificate) with \(key): \(error)") }
        return tls
    }

    /// What is wrong with the files of a configuration; nil when nothing is.
    static func problem(of server: AgentConfiguration.FHIRServer) -> String? {
        do throws(SinkFailure) {
            if let file = server.caFile {
                do { _ = try NIOSSLCertificate.fromPEMFile(file) } catch {
                    throw SinkFailure("cannot use \(file): \(error)")
                }
            }
            _ = try self.tls(server)
            _ = try self.token(server)
            return nil
        } catch { return error.description }
    }

    private static func token(_ server: AgentConfiguration.FHIRServer) throws(SinkFailure) -> String? {
        guard let file = server.tokenFile else { return nil }
        let bytes: [UInt8]
        do { bytes = try PrivateFile.read(file, upTo: self.tokenBytesMax) } catch { throw SinkFailure("\(error)") }
        let token = bytes.prefix { $0 != 10 && $0 != 13 }
        guard !token.isEmpty, token.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            throw SinkFailure("\(file) holds no token on its first line")
        }
        return String(decoding: token, as: UTF8.self)
    }

    /// Closes the connection; the thread that sends has ended.
    func close() { try? self.client.syncShutdown() }

    /// Ends a request under way: it fails.
    func cancel() { self.running.withLock { $0 }?.cancel() }

    /// Asks what the server is.
    func capabilities() throws(SinkFailure) -> Response { try self.send("/metadata", nil) }

    /// Hands in a Bundle.
    func submit(_ bundle: [UInt8]) throws(SinkFailure) -> Response { try self.send("", bundle) }

    private func send(_ path: String, _ body: [UInt8]?) throws(SinkFailure) -> Response {
        var headers = HTTPHeaders([("accept", "application/fhir+json")])
        if let trace = TraceContext.current { headers.add(name: "traceparent", value: trace.traceparent) }
        if let token = try Self.token(self.server) { headers.add(name: "authorization", value: "Bearer \(token)") }
        if body != nil {
            headers.add(name: "content-type", value: "application/fhir+json")
            // The Observations are here already.
            headers.add(name: "prefer", value: "return=minimal")
        }
        do {
            let request = try HTTPClient.Request(
                url: self.server.url + path,
                method: body == nil ? .GET : .POST,
                headers: headers,
                body: body.map { .byteBuffer(ByteBuffer(bytes: $0)) }
            )
            let task = self.client.execute(
                request: request,
                delegate: ResponseAccumulator(request: request, maxBodySize: Self.answerBytesMax),
                deadline: .now() + .seconds(Int64(self.server.requestSeconds))
            )
            self.running.withLock { $0 = task }
            defer { self.running.withLock { $0 = nil } }
            let response = try task.wait()
            let wait = response.headers.first(name: "retry-after").flatMap { Int($0) }.map { min(max($0, 0), 3_600) }
            let content = response.body.map { [UInt8]($0.readableBytesView) } ?? []
            return Response(status: Int(response.status.code), body: content, retryAfterSeconds: wait)
        } catch {
            let text =
                TLSTrouble.words(for: error) ?? (error as? HTTPClientError)?.shortDescription ?? "\(error)"
            throw SinkFailure("the server does not answer: \(text.prefix(300))")
        }
    }
}
