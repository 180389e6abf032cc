import Certificates
import Credentials
import Hummingbird
import Logging
import TestLogs
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
        let book = LogBook()
        let trace = TraceContext()
        try await self.site.serve(logger: book.logger, routes: Self.routes) { port in
            _ = try await trace.perform { try await self.ask(port) }
            let broken = try? await trace.perform { try await self.ask(port, "/broken") }
            #expect(broken == nil)
        }
        let name = "trace_id=\(trace.traceID)"
        #expect(book.lines(with: name, "request", "/scopes/{scope}", "clinic:gateway:one").count == 1)
        #expect(book.lines(with: name, "the store failed").count == 1)
        #expect(book.lines(with: name, "a request failed", "CancellationError").count == 1)
        #expect(book.lines(with: "/scopes/7").isEmpty)
    }
}
