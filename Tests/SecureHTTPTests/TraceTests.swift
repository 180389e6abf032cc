import Certificates
import Credentials
import Hummingbird
import Logging
import Synchronization
import Testing
import TraceContexts

@testable import SecureHTTP
@testable import Uplink

/// Which operation requests belong to.
@Suite(.timeLimit(.minutes(10))) struct TraceTests {
    let site: TestSite

    init() throws { self.site = try TestSite() }

    /// Answers with the operation that the handler works for.
    private static func routes(_ router: Router<SecureRequestContext>) {
        router.get("/scopes/:scope") { _, _ in TraceContext.current?.traceparent ?? "none" }
        router.get("/broken") { _, context -> String in
            context.logger.error("the store failed")
            throw CancellationError()
        }
    }

    private func ask(
        _ port: Int,
        presents presentation: SecureClient.Presentation = .certificate,
        _ path: String = "/scopes/7"
    ) async throws -> String {
        let client = SecureClient(
            identity: IdentityWatch(try self.site.identity(.gateway)),
            servers: [.privacyCenter],
            presents: presentation
        )
        let answer: Result<[UInt8], UplinkFailure>
        do throws(UplinkFailure) {
            answer = .success(try await client.send(.get, "https://localhost:\(port)\(path)"))
        } catch { answer = .failure(error) }
        await client.close()
        return String(decoding: try answer.get(), as: UTF8.self)
    }

    @Test func `a server goes on with the operation of a party that it knows, in a span of its own`() async throws {
        try await self.site.serve(routes: Self.routes) { port in
            let trace = TraceContext()
            let told = TraceContext(traceparent: try await trace.perform { try await self.ask(port) })
            #expect(told?.traceID == trace.traceID)
            #expect(told?.spanID != trace.spanID)
        }
    }

    @Test func `requests outside of an operation begin one each`() async throws {
        try await self.site.serve(routes: Self.routes) { port in
            let first = try #require(TraceContext(traceparent: try await self.ask(port)))
            let second = try #require(TraceContext(traceparent: try await self.ask(port)))
            #expect(first.traceID != second.traceID)
        }
    }

    @Test func `who shows no certificate says nothing that tells two requests belong together`() async throws {
        try await self.site.serve(.optional, routes: Self.routes) { port in
            let trace = TraceContext()
            let told = try await trace.perform { try await self.ask(port, presents: .nothing) }
            #expect(!told.contains(trace.traceID))
        }
    }

    @Test func `a stranger cannot say which operation a server works for`() async throws {
        let tls = try RawClient.anonymous(self.site)
        try await self.site.serve(.optional, routes: Self.routes) { port in
            let trace = TraceContext()
            let answer = try await RawClient.exchange(
                "GET /scopes/7 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\ntraceparent: \(trace.traceparent)\r\n\r\n",
                port,
                tls
            )
            #expect(answer.hasPrefix("HTTP/1.1 200"))
            #expect(!answer.contains(trace.traceID))
        }
    }

    @Test func `the log's lines of a request name its operation, and the route in place of the path`() async throws {
        let lines = LogLines()
        var logger = Logger(label: "test") { _ in LineHandler(lines, TraceContext.metadataProvider) }
        logger.logLevel = .debug
        let trace = TraceContext()
        try await self.site.serve(logger: logger, routes: Self.routes) { port in
            _ = try await trace.perform { try await self.ask(port) }
            let broken = try? await trace.perform { try await self.ask(port, "/broken") }
            #expect(broken == nil)
        }
        let known = lines.all.filter { $0.contains(trace.traceID) }
        #expect(known.contains { $0.contains("/scopes/{scope}") && $0.contains("clinic:gateway:one") })
        #expect(known.contains { $0.contains("the store failed") })
        #expect(known.contains { $0.contains("a request failed") && $0.contains("CancellationError") })
        #expect(!known.contains { $0.contains("/scopes/7") })
    }
}

private final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { self.lines.withLock { $0 } }

    func add(_ line: String) { self.lines.withLock { $0.append(line) } }
}

/// Keeps the lines of a log for a test.
private struct LineHandler: LogHandler {
    var logLevel = Logger.Level.debug
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    let lines: LogLines

    init(_ lines: LogLines, _ metadataProvider: Logger.MetadataProvider) {
        self.lines = lines
        self.metadataProvider = metadataProvider
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let metadata = [self.metadataProvider?.get() ?? [:], self.metadata, event.metadata ?? [:]]
        let fields = metadata.flatMap { $0.map { "\($0.key)=\($0.value)" } }.sorted()
        self.lines.add("\(event.level) \(event.message) \(fields.joined(separator: " "))")
    }
}
