import Authority
import Certificates
import Credentials
import Foundation
import NIOSSL
import Spool
import Synchronization
import Testing

@testable import Agent

/// Certificates of a hospital's authority, and of another one, beside a desk.
private struct FHIRCertificates {
    /// For a server that goes by localhost and 127.0.0.1.
    let server: Identity
    /// For a server of another name.
    let otherName: Identity
    /// The agent's own.
    let client: Identity
    /// Of an authority that nobody here knows.
    let stranger: Identity

    init(in folder: String) throws {
        let known = try Self.authority("\(folder)/authority", of: "ward")
        let unknown = try Self.authority("\(folder)/other-authority", of: "elsewhere")
        self.server = try Self.enroll("ward:privacy-center:fhir", ["localhost", "127.0.0.1"], known, folder)
        self.otherName = try Self.enroll("ward:privacy-center:other", ["fhir.example"], known, folder)
        self.client = try Self.enroll("ward:gateway:g1", [], known, folder)
        self.stranger = try Self.enroll("elsewhere:gateway:g2", [], unknown, folder)
    }

    struct NoParty: Error {}

    private static var now: UInt64 { UInt64(Date().timeIntervalSince1970) }

    private static func authority(_ directory: String, of organization: String) throws -> Authority {
        try Authority.create(
            directory: directory,
            organization: organization,
            name: "ca",
            hosts: [.dns("localhost")],
            at: Self.now
        )
        return try Authority(directory: directory)
    }

    private static func enroll(
        _ name: String,
        _ hosts: [String],
        _ authority: Authority,
        _ folder: String
    ) throws -> Identity {
        guard let party = PartyName(name) else { throw NoParty() }
        return try authority.install(
            party,
            hosts: hosts.compactMap(HostName.init),
            into: "\(folder)/identity-\(party.name)",
            at: Self.now
        )
    }

    /// The sink's `tls`, with a comma before it.
    static func tls(trusting ca: Identity, showing own: Identity? = nil) -> String {
        let files = own.map { own in
            ", certificate_file: \(own.directory)/current/tls.crt, key_file: \(own.directory)/current/tls.key"
        }
        return ", tls: {ca_file: \(ca.directory)/current/roots.pem\(files ?? "")}"
    }
}

@Suite("FHIR server over TLS", .timeLimit(.minutes(10)))
struct FHIRTLSTests {
    /// Runs a sink that has to fail before anything of it arrives, and leaves the spool as it was.
    private func expectRefusal(_ desk: FHIRDesk, _ tls: String, because words: String) async throws {
        let sink = try desk.sink(tls, at: "https://localhost")
        try await withThread(sink.run, stop: sink.requestStop) {
            let isRefused = await eventually { sink.failure?.contains(words) ?? false }
            #expect(isRefused, "\(sink.failure ?? "no failure")")
        }
        #expect(desk.server.state.withLock { $0.requests } == 0)
        #expect(sink.written == 0)
        #expect(try desk.store.spool.sinkPosition("hospital")?.sequence == 0)
    }

    @Test(
        "a server whose authority is named gets each Observation once, by name and by address, whatever breaks",
        arguments: ["localhost", "127.0.0.1"]
    )
    func delivery(host: String) async throws {
        let desk = try FHIRDesk()
        let certificates = try FHIRCertificates(in: desk.site.folder)
        try desk.add(0..<12)
        desk.server.state.withLock { $0.faults = [.cutAfter, .status(503, retryAfter: "0"), .cutBefore] }
        try await desk.server.run(as: certificates.server, .required) {
            let tls = FHIRCertificates.tls(trusting: certificates.server, showing: certificates.client)
            let counts = try await desk.deliver("\(tls), entries_max: 5", at: "https://\(host)")
            #expect(counts.created + counts.present == 12)
        }
        try desk.expectComplete()
        #expect(desk.server.stored.values.allSatisfy { $0[0].versions == 1 })
    }

    @Test("a server of an unknown authority learns nothing, and gets everything once the authority is named")
    func unknownAuthority() async throws {
        let desk = try FHIRDesk()
        let certificates = try FHIRCertificates(in: desk.site.folder)
        try desk.add(0..<4)
        try await desk.server.run(as: certificates.server) {
            let wrong = FHIRCertificates.tls(trusting: certificates.stranger)
            try await self.expectRefusal(desk, wrong, because: "no authority of tls.ca_file")
            // The system's authorities know it as little.
            try await self.expectRefusal(desk, "", because: "no authority of tls.ca_file")
            try await desk.deliver(FHIRCertificates.tls(trusting: certificates.server), at: "https://localhost")
        }
        try desk.expectComplete()
    }

    @Test("a server with a certificate for another name learns nothing, and the right one gets everything")
    func wrongName() async throws {
        let desk = try FHIRDesk()
        let certificates = try FHIRCertificates(in: desk.site.folder)
        try desk.add(0..<4)
        let tls = FHIRCertificates.tls(trusting: certificates.server)
        try await desk.server.run(as: certificates.otherName) {
            try await self.expectRefusal(desk, tls, because: "certificate is not for the host name in url")
        }
        try await desk.server.run(as: certificates.server) {
            try await desk.deliver(tls, at: "https://localhost")
        }
        try desk.expectComplete()
    }

    @Test("a server that wants a client certificate says so, and refuses one of an unknown authority")
    func clientCertificate() async throws {
        let desk = try FHIRDesk()
        let certificates = try FHIRCertificates(in: desk.site.folder)
        try desk.add(0..<4)
        try await desk.server.run(as: certificates.server, .required) {
            let none = FHIRCertificates.tls(trusting: certificates.server)
            try await self.expectRefusal(desk, none, because: "wants a client certificate")
            let strange = FHIRCertificates.tls(trusting: certificates.server, showing: certificates.stranger)
            try await self.expectRefusal(desk, strange, because: "refuses the client certificate")
            let own = FHIRCertificates.tls(trusting: certificates.server, showing: certificates.client)
            try await desk.deliver(own, at: "https://localhost")
        }
        try desk.expectComplete()
    }

    @Test("a server without TLS at an address with https is named as such")
    func plain() async throws {
        let desk = try FHIRDesk()
        let certificates = try FHIRCertificates(in: desk.site.folder)
        try desk.add(0..<1)
        try await desk.server.run {
            let tls = FHIRCertificates.tls(trusting: certificates.server)
            try await self.expectRefusal(desk, tls, because: "speaks no TLS")
        }
    }

    @Test(
        "the reason of an error of TLS is found in its text",
        arguments: [
            (
                "sslError([Error: 2 error:1:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER at a.cc:1])",
                "WRONG_VERSION_NUMBER"
            ),
            ("OPENSSL_internal:", nil), ("OPENSSL_interna", nil), ("", nil), ("noCertificateToValidate", nil),
        ] as [(String, String?)]
    )
    func reason(text: String, expected: String?) { #expect(TLSTrouble.reason(in: text) == expected) }

    @Test("errors of other kinds are not explained as TLS")
    func otherErrors() {
        #expect(TLSTrouble.words(for: CancellationError()) == nil)
        #expect(TLSTrouble.words(for: NIOSSLError.noCertificateToValidate)?.contains("noCertificateToValidate") == true)
    }
}
