import CanonicalBytes
import Certificates
import Credentials
import Foundation
import Hummingbird
import Logging
import NIOCore
import NIOSSL
import Testing

@testable import SecureHTTP

@Suite(.timeLimit(.minutes(10))) struct LimitTests {
    let site: TestSite
    let tls: TLSConfiguration

    init() throws {
        self.site = try TestSite()
        self.tls = try self.site.identity(.gateway).clientTLS()
    }

    private static func upload(_ router: Router<SecureRequestContext>) {
        router.put("/upload") { request, context in
            "\(try await request.bytes(upTo: context.limits.bodyBytesMax).count) bytes"
        }
        router.get("/failure") { _, _ -> String in throw ProtocolFailure(.signature, "the envelope is not signed") }
        router.get("/crash") { _, _ -> String in throw CancellationError() }
    }

    private func put(_ rest: String, _ limits: ServerLimits, expect: @escaping @Sendable (String) throws -> Void)
        async throws
    {
        let tls = self.tls
        try await self.site.serve(limits: limits, routes: Self.upload) { port in
            try expect(await RawClient.exchange("PUT /upload HTTP/1.1\r\nHost: localhost\r\n\(rest)", port, tls))
        }
    }

    @Test func `a body of the allowed size is taken`() async throws {
        let rest = "Connection: close\r\nContent-Length: 10\r\n\r\n0123456789"
        try await self.put(rest, ServerLimits(bodyBytesMax: 10)) { #expect($0.hasSuffix("10 bytes")) }
    }

    @Test(arguments: [
        "Content-Length: 11\r\n\r\n01234567890", "Content-Length: 1000000\r\n\r\n0",
        "Transfer-Encoding: chunked\r\n\r\n8\r\n01234567\r\n3\r\n890\r\n0\r\n\r\n",
    ])
    func `a body over the limit gets 413 and the connection ends`(rest: String) async throws {
        try await self.put(rest, ServerLimits(bodyBytesMax: 10)) { answer in
            #expect(answer.hasPrefix("HTTP/1.1 413"))
            #expect(answer.contains("content-too-large"))
        }
    }

    @Test func `a body that does not arrive gets 408`() async throws {
        try await self.put("Content-Length: 10\r\n\r\n012", ServerLimits(bodySeconds: 0.2)) { answer in
            #expect(answer.hasPrefix("HTTP/1.1 408"))
            #expect(answer.contains("body-too-slow"))
        }
    }

    @Test(arguments: ["", "GET /heal", "GET /healthz HTTP/1.1\r\nHost: local"])
    func `a header that does not arrive ends the connection`(start: String) async throws {
        let tls = self.tls
        try await self.site.serve(limits: ServerLimits(headerSeconds: 0.3)) { port in
            do {
                let answer = try await RawClient.exchange(start, port, tls)
                #expect(answer.isEmpty)
            } catch let error where error is IOError || error as? ChannelError == .ioOnClosedChannel {
                // On a busy machine the deadline may pass before the request is written.
            }
        }
    }

    @Test func `an idle connection ends after its answer`() async throws {
        let tls = self.tls
        try await self.site.serve(limits: ServerLimits(idleSeconds: 0.2)) { port in
            let request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /hea"
            let answer = try await RawClient.exchange(request, port, tls)
            #expect(answer.components(separatedBy: "HTTP/1.1 200").count == 2)
        }
    }

    @Test func `a header over the limit gets 400`() async throws {
        let header = "X-Long: " + String(repeating: "x", count: 20_000)
        try await self.put("\(header)\r\n\r\n", ServerLimits()) { #expect($0.hasPrefix("HTTP/1.1 4")) }
    }

    @Test func `a failure of the specification is 422 with its code and others tell nothing`() async throws {
        let tls = self.tls
        try await self.site.serve(routes: Self.upload) { port in
            let failure = try await RawClient.get("/failure", port, tls)
            #expect(failure.hasPrefix("HTTP/1.1 422"))
            #expect(failure.contains(#""code":"SIGNATURE""#))
            #expect(
                failure.contains("content-type: application/problem+json")
                    || failure.contains("Content-Type: application/problem+json")
            )
            let crash = try await RawClient.get("/crash", port, tls)
            #expect(crash.hasPrefix("HTTP/1.1 500"))
            #expect(!crash.contains("Cancellation"))
        }
    }

    @Test func `a peer that asks too often gets 429 and another peer does not`() async throws {
        let (gateway, other) = (self.tls, try self.site.identity(.researcher).clientTLS())
        try await self.site.serve(routes: { router in
            let limit = RateLimit(perSecond: 0.5, burst: 2) { 0 }
            router.group().add(middleware: limit).get("/limited") { _, _ in "ok" }
        }) { port in
            for _ in 0..<2 { #expect(try await RawClient.get("/limited", port, gateway).hasPrefix("HTTP/1.1 200")) }
            let refusal = try await RawClient.get("/limited", port, gateway)
            #expect(refusal.hasPrefix("HTTP/1.1 429"))
            #expect(refusal.lowercased().contains("retry-after: 2"))
            #expect(try await RawClient.get("/limited", port, other).hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test func `a port that is taken is an error of the server and of who waits for it`() async throws {
        let site = self.site
        try await self.site.serve { port in
            let router = Router(context: SecureRequestContext.self)
            let second = try SecureHTTPServer(
                name: "second",
                address: "127.0.0.1",
                port: port,
                identity: site.server,
                clientCertificates: .required,
                router: router,
                logger: .init(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            await #expect(throws: (any Error).self) { try await second.run() }
            await #expect(throws: (any Error).self) { try await second.port() }
        }
    }

    @Test func `strangers get half of the connections and a party gets through`() async throws {
        let (tls, anonymous) = (self.tls, try RawClient.anonymous(self.site))
        try await self.site.serve(.optional, limits: ServerLimits(connectionsMax: 8)) { port in
            let crowd = try await RawClient.held(4, port, anonymous)
            let refusal = try await RawClient.get("/healthz", port, anonymous)
            #expect(refusal.hasPrefix("HTTP/1.1 503"))
            #expect(refusal.contains(#""code":"busy""#))
            #expect(refusal.lowercased().contains("retry-after: 1"))
            for _ in 0..<3 { #expect(try await RawClient.get("/healthz", port, tls).hasPrefix("HTTP/1.1 200")) }
            for channel in crowd { try await channel.close() }
            for channel in crowd { try await channel.closeFuture.get() }
        }
    }
}
