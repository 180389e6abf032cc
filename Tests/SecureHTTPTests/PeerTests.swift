import Authority
import Certificates
import Credentials
import Foundation
import Hummingbird
import NIOCore
import NIOPosix
import NIOSSL
import Testing

@testable import SecureHTTP

@Suite(.timeLimit(.minutes(10))) struct PeerTests {
    let site: TestSite

    init() throws { self.site = try TestSite() }

    private static func whoAmI(_ router: Router<SecureRequestContext>) {
        router.get("/me") { _, context in context.peer?.description ?? "nobody" }
    }

    @Test func `a handler sees the party of the client certificate`() async throws {
        let tls = try self.site.identity(.gateway).clientTLS()
        try await self.site.serve(routes: Self.whoAmI) { port in
            let answer = try await RawClient.get("/me", port, tls)
            #expect(answer.hasPrefix("HTTP/1.1 200"))
            #expect(answer.hasSuffix("clinic:gateway:one"))
        }
    }

    @Test func `two requests on one connection have the same party`() async throws {
        let tls = try self.site.identity(.gateway).clientTLS()
        try await self.site.serve(routes: Self.whoAmI) { port in
            let request = "GET /me HTTP/1.1\r\nHost: localhost\r\n\r\n"
            let last = "GET /me HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            let answer = try await RawClient.exchange(request + last, port, tls)
            #expect(answer.components(separatedBy: "clinic:gateway:one").count == 3)
        }
    }

    @Test func `no certificate is refused when one is required`() async throws {
        let tls = try RawClient.anonymous(self.site)
        try await self.site.serve(routes: Self.whoAmI) { port in
            await #expect(throws: (any Error).self) { try await RawClient.get("/me", port, tls) }
        }
    }

    @Test func `no certificate is nobody when none is required`() async throws {
        let tls = try RawClient.anonymous(self.site)
        try await self.site.serve(.optional, routes: Self.whoAmI) { port in
            let answer = try await RawClient.get("/me", port, tls)
            #expect(answer.hasSuffix("nobody"))
        }
    }

    @Test(arguments: [ClientCertificates.required, .optional])
    func `a certificate of another authority is refused`(mode: ClientCertificates) async throws {
        let stranger = try TestSite()
        var tls = try stranger.identity(.gateway).clientTLS()
        tls.trustRoots = try self.site.server.clientTLS().trustRoots
        let client = tls
        try await self.site.serve(mode, routes: Self.whoAmI) { port in
            await #expect(throws: (any Error).self) { try await RawClient.get("/me", port, client) }
        }
    }

    @Test func `TLS 1.2 is refused`() async throws {
        var tls = try self.site.identity(.gateway).clientTLS()
        tls.minimumTLSVersion = .tlsv12
        tls.maximumTLSVersion = .tlsv12
        let client = tls
        try await self.site.serve(routes: Self.whoAmI) { port in
            await #expect(throws: (any Error).self) { try await RawClient.get("/me", port, client) }
        }
    }

    @Test func `a revoked peer is refused and another one is not`() async throws {
        let gateway = try self.site.identity(.gateway)
        let researcher = try self.site.identity(.researcher)
        let revoked = Revoked(digests: [gateway.peer.fingerprint])
        let (bad, good) = (try gateway.clientTLS(), try researcher.clientTLS())
        try await self.site.serve(revocations: revoked, routes: Self.whoAmI) { port in
            let refusal = try await RawClient.get("/me", port, bad)
            #expect(refusal.hasPrefix("HTTP/1.1 403"))
            #expect(refusal.contains("client-certificate-revoked"))
            #expect(try await RawClient.get("/me", port, good).hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test func `another role than the required one is refused`() async throws {
        let (gateway, patient) = (try self.site.identity(.gateway), try self.site.identity(.patient))
        let (good, bad) = (try gateway.clientTLS(), try patient.clientTLS())
        let nobody = try RawClient.anonymous(self.site)
        try await self.site.serve(
            .optional,
            routes: { router in
                router.group().add(middleware: RequireRole(.gateway, .institution)).get("/in") { _, _ in "in" }
            }
        ) { port in
            #expect(try await RawClient.get("/in", port, good).hasPrefix("HTTP/1.1 200"))
            let refusal = try await RawClient.get("/in", port, bad)
            #expect(refusal.hasPrefix("HTTP/1.1 403"))
            #expect(refusal.contains("a patient may not do this; it takes gateway or institution"))
            let unknown = try await RawClient.get("/in", port, nobody)
            #expect(unknown.hasPrefix("HTTP/1.1 401"))
            #expect(unknown.contains("application/problem+json"))
        }
    }

    @Test func `new connections get the certificate of the newest generation`() async throws {
        let tls = try self.site.identity(.gateway).clientTLS()
        let old = self.site.server.peer.fingerprint
        let site = self.site
        try await self.site.serve(routes: Self.whoAmI) { port in
            #expect(try await RawClient.get("/me", port, tls).hasPrefix("HTTP/1.1 200"))
            let new = try site.authority.install(
                site.server.name,
                hosts: [.dns("localhost")],
                into: site.server.directory,
                at: TestSite.now
            )
            let seen = try await RawClient.serverFingerprint(port, tls)
            #expect(seen == new.peer.fingerprint)
            #expect(seen != old)
        }
    }

    @Test func `outcomes are counted by route template`() async throws {
        let tls = try self.site.identity(.gateway).clientTLS()
        let metrics = RequestMetrics()
        try await self.site.serve(
            metrics: metrics,
            routes: { router in
                router.get("/things/{name}") { _, _ in "thing" }
            }
        ) { port in
            _ = try await RawClient.get("/things/a", port, tls)
            _ = try await RawClient.get("/things/b", port, tls)
            let missing = try await RawClient.get("/nothing", port, tls)
            #expect(missing.hasPrefix("HTTP/1.1 404"))
            #expect(missing.contains(#""code":"not-found""#))
        }
        #expect(metrics.text.contains(#"requests_total{route="/things/{name}",method="GET",status="200"} 2"#))
        #expect(metrics.text.contains(#"requests_total{route="unmatched",method="GET",status="404"} 1"#))
    }

    @Test func `metrics say how long certificate and revocation list are good, and what room the disk has`()
        async throws
    {
        let metrics = RequestMetrics()
        #expect(metrics.text.isEmpty)
        let site = self.site
        @Sendable func value(_ name: String) throws -> UInt64 {
            let line = try #require(metrics.text.split(separator: "\n").first { $0.hasPrefix("\(name) ") })
            return try #require(UInt64(line.split(separator: " ")[1]))
        }
        try await site.serve(metrics: metrics, directory: site.server.directory, routes: Self.whoAmI) { _ in
            let own = site.server
            let ends = min(own.certificate.fields.notAfter, own.peer.notAfter)
            #expect(try value("wardline_certificate_expires_seconds") == ends)
            #expect(try value("wardline_disk_free_bytes") <= value("wardline_disk_size_bytes"))
            #expect(try value("wardline_disk_size_bytes") > 0)
            let later = TestSite.now + 3_600
            let new = try site.authority.install(own.name, hosts: [.dns("localhost")], into: own.directory, at: later)
            let renewed = min(new.certificate.fields.notAfter, new.peer.notAfter)
            #expect(renewed > ends)
            #expect(try value("wardline_certificate_expires_seconds") == renewed)
        }
        #expect(DiskRoom(of: "\(site.server.directory)/nowhere") == nil)
    }

    @Test func `a party reads the metrics, and so does a program on the same machine`() async throws {
        let tls = try self.site.identity(.gateway).clientTLS()
        let anonymous = try RawClient.anonymous(self.site)
        try await self.site.serve(.optional, routes: Self.whoAmI) { port in
            let answers = [
                try await RawClient.get("/metrics", port, tls), try await RawClient.get("/metrics", port, anonymous),
            ]
            #expect(answers.allSatisfy { $0.hasPrefix("HTTP/1.1 200") })
        }
    }

    @Test func `without a certificate another machine reads health but no metrics`() async throws {
        let addresses = try System.enumerateDevices().compactMap { $0.address?.ipAddress }
        guard let address = addresses.first(where: { $0.contains(".") && !SecureRequestContext.isLoopback($0) }) else {
            print("skipped: this machine has no address but the loopback's")
            return
        }
        let (tls, anonymous) = (try self.site.identity(.gateway).clientTLS(), try RawClient.anonymous(self.site))
        try await self.site.serve(.optional, address: "0.0.0.0", routes: Self.whoAmI) { port in
            let refused = try await RawClient.get("/metrics", port, anonymous, at: address)
            #expect(refused.hasPrefix("HTTP/1.1 401"))
            #expect(refused.contains(#""code":"certificate-required""#))
            #expect(try await RawClient.get("/metrics", port, tls, at: address).hasPrefix("HTTP/1.1 200"))
            #expect(try await RawClient.get("/healthz", port, anonymous, at: address).hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test(
        arguments: [
            ("127.0.0.1", true), ("127.9.8.7", true), ("::1", true), ("::ffff:127.0.0.1", true), ("", false),
            ("10.0.0.1", false), ("128.0.0.1", false), ("::ffff:10.0.0.1", false), ("fe80::1", false),
            ("127.example.org", false), ("1.127.0.0", false),
        ]
    )
    func `loopback addresses are told from others`(address: String, isLoopback: Bool) {
        #expect(SecureRequestContext.isLoopback(address) == isLoopback)
    }
}
