import Certificates
import Credentials
import Foundation
import Logging
import P256Group
import Testing

@testable import Authority
@testable import SecureHTTP

/// Enrolment over real TLS with the real clock.
@Suite(.timeLimit(.minutes(10))) struct EnrollmentTests {
    let site: TestSite
    let now: UInt64

    init() throws {
        self.now = UInt64(Date().timeIntervalSince1970)
        self.site = try TestSite(at: self.now)
    }

    private func token(_ role: PartyRole, hosts: [HostName] = []) throws -> EnrollmentToken {
        try self.site.authority.createToken(for: self.site.party(role), hosts: hosts, at: self.now)
    }

    @Test func `a party enrols once and is told so the second time`() async throws {
        let (site, now, token) = (self.site, self.now, try self.token(.privacyCenter))
        try await site.serve { url in
            let path = site.path("cpc")
            let hosts = [HostName.dns("cpc.test")]
            let first = try await Enrollment.run(authority: url, token: token, directory: path, hosts: hosts, at: now)
            guard case .enrolled(let identity) = first else { Issue.record("not enrolled"); return }
            #expect(identity.name.description == "clinic:privacy-center:one")
            #expect(identity.revocations?.number == 1)
            let second = try await Enrollment.run(authority: url, token: token, directory: path, hosts: hosts, at: now)
            guard case .already(let same) = second else { Issue.record("enrolled twice"); return }
            #expect(same.certificate == identity.certificate)
            #expect(!PrivateFile.exists("\(path)/pending"))
        }
    }

    @Test func `a run that lost the answer gets it again with the pending key`() async throws {
        let (site, now, token) = (self.site, self.now, try self.token(.gateway))
        try await site.serve { url in
            let directory = IdentityDirectory(site.path("gateway"))
            try directory.prepare()
            let party = try site.party(.gateway)
            let pending = try directory.pending(party, authority: url, hosts: [], protection: .file)
            let lost = try site.authority.enroll(pending.message(token: token.secret), at: now)
            let outcome = try await Enrollment.run(authority: url, token: token, directory: directory.path, at: now)
            guard case .enrolled(let identity) = outcome else { Issue.record("not enrolled"); return }
            #expect(identity.certificate.bytes == Array(lost.certificate))
        }
    }

    @Test func `a used token is refused to another machine`() async throws {
        let (site, now, token) = (self.site, self.now, try self.token(.gateway))
        try await site.serve { url in
            _ = try await Enrollment.run(authority: url, token: token, directory: site.path("a"), at: now)
            let error = await #expect(throws: CredentialsError.self) {
                try await Enrollment.run(authority: url, token: token, directory: site.path("b"), at: now)
            }
            #expect(error == .refused(code: "token-used", detail: AuthorityError.tokenUsed.description))
            #expect(throws: CredentialsError.self) { try Identity.load(directory: site.path("b")) }
        }
    }

    @Test func `a token that has expired is refused`() async throws {
        let (site, now) = (self.site, self.now)
        let token = try site.authority.createToken(for: site.party(.gateway), seconds: 60, at: now - 3_600)
        try await site.serve { url in
            let error = await #expect(throws: CredentialsError.self) {
                try await Enrollment.run(authority: url, token: token, directory: site.path("a"), at: now)
            }
            #expect(error == .refused(code: "token-expired", detail: AuthorityError.tokenExpired.description))
        }
    }

    @Test func `an authority with another root gets no token`() async throws {
        let (site, now, token) = (self.site, self.now, try self.token(.gateway))
        let impostor = try TestSite(at: now)
        try await impostor.serve { url in
            let error = await #expect(throws: CredentialsError.self) {
                try await Enrollment.run(authority: url, token: token, directory: site.path("a"), at: now)
            }
            #expect(error?.description.contains("is not the authority that made this token") == true)
            #expect(!PrivateFile.exists("\(site.path("a"))/pending"))
        }
    }

    @Test func `an authority that is away is named`() async throws {
        let token = try self.token(.gateway)
        let error = await #expect(throws: CredentialsError.self) {
            try await Enrollment.run(
                authority: "https://localhost:1",
                token: token,
                directory: self.site.path("a"),
                at: self.now
            )
        }
        guard case .unreachable(let text)? = error else { Issue.record("another error"); return }
        #expect(text.contains("https://localhost:1"))
    }

    @Test func `a rotation makes a new generation and the old one can be revoked by its owner`() async throws {
        let (site, now, token) = (self.site, self.now, try self.token(.gateway))
        try await site.serve { url in
            let path = site.path("gateway")
            _ = try await Enrollment.run(authority: url, token: token, directory: path, at: now)
            let old = try Identity.load(directory: path)
            let new = try await KeyRotation.run(directory: path, at: now)
            #expect(new.generation == 2)
            #expect(new.key.publicKey != old.key.publicKey)
            #expect(try IdentityDirectory(path).identity(generation: 1).certificate == old.certificate)
            try await KeyRotation.revoke(generations: [1], directory: path)
            let store = try RevocationStore(new)
            #expect(store.contains(old.certificate.digest))
            #expect(store.contains(old.peer.fingerprint))
            #expect(!store.contains(new.certificate.digest))
        }
    }

    @Test func `a party that revoked all its generations sees them revoked`() async throws {
        let (site, now, token) = (self.site, self.now, try self.token(.gateway))
        try await site.serve { url in
            let path = site.path("gateway")
            _ = try await Enrollment.run(authority: url, token: token, directory: path, at: now)
            let new = try await KeyRotation.run(directory: path, at: now)
            try await KeyRotation.revoke(generations: [1, 2], directory: path)
            let store = try RevocationStore(new)
            for generation in [1, 2] {
                let identity = try IdentityDirectory(path).identity(generation: generation)
                #expect(store.contains(identity.certificate.digest), "generation \(generation)")
            }
        }
    }

    @Test func `a server of another role is no authority`() async throws {
        let (site, now) = (self.site, self.now)
        let host = try #require(HostName("localhost"))
        let identity = try site.authority.install(site.party(.custodian), hosts: [host], into: site.path("c"), at: now)
        let server = try SecureHTTPServer(
            name: "impostor",
            address: "127.0.0.1",
            port: 0,
            identity: identity,
            clientCertificates: .optional,
            router: AuthorityRoutes.router(
                site.authority,
                metrics: RequestMetrics(),
                credentials: nil,
                now: { now }
            ),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        try await withThrowingTaskGroup { group in
            group.addTask {
                do { try await server.run() } catch is CancellationError {}
            }
            let url = "https://localhost:\(try await server.port())"
            let error = await #expect(throws: CredentialsError.self) {
                try await AuthorityClient(url: url, root: site.authority.rootPEM).use {
                    client throws(CredentialsError) in
                    try await client.issuer()
                }
            }
            #expect(
                error?.description.contains("clinic:custodian:one, where the role authority is expected") == true,
                "\(error)"
            )
            group.cancelAll()
        }
    }

    @Test func `a revoked party cannot rotate`() async throws {
        let (site, now, token) = (self.site, self.now, try self.token(.gateway))
        try await site.serve { url in
            let path = site.path("gateway")
            _ = try await Enrollment.run(authority: url, token: token, directory: path, at: now)
            try site.authority.revoke(.party(site.party(.gateway)), at: now)
            let error = await #expect(throws: CredentialsError.self) {
                try await KeyRotation.run(directory: path, at: now)
            }
            #expect(error == .refused(code: "client-certificate-revoked", detail: "the client certificate was revoked"))
            #expect(IdentityDirectory(path).currentGeneration == 1)
        }
    }

    @Test func `a service learns of a revocation from the authority`() async throws {
        let (site, now, token) = (self.site, self.now, try self.token(.privacyCenter))
        let other = try site.authority.install(
            site.party(.gateway),
            hosts: [],
            into: site.path("gateway"),
            at: now
        )
        try await site.serve { url in
            let path = site.path("cpc")
            _ = try await Enrollment.run(authority: url, token: token, directory: path, at: now)
            let identity = try Identity.load(directory: path)
            let store = try RevocationStore(identity)
            try site.authority.revoke(.party(other.name), at: now)
            #expect(!store.contains(other.peer.fingerprint))
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            await RevocationRefresh(store: store, identity: identity, logger: logger).fetch()
            #expect(store.contains(other.peer.fingerprint))
        }
    }

    @Test func `a service asks a missing authority again soon, and then ever later`() throws {
        let identity = try site.authority.install(site.party(.gateway), hosts: [], into: site.path("g"), at: self.now)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let refresh = RevocationRefresh(store: try RevocationStore(identity), identity: identity, logger: logger)
        #expect([0, 1, 2, 3, 7, 100].map(refresh.pause(after:)) == [300, 5, 10, 20, 300, 300])
    }

    @Test func `an expired identity enrols again as the same party only`() async throws {
        let (site, now) = (self.site, self.now)
        let path = site.path("gateway")
        let old = try site.authority
            .install(site.party(.gateway), hosts: [], into: path, at: now - 91 * 86_400)
        let (other, same) = (try self.token(.institution), try self.token(.gateway))
        try await site.serve { url in
            await #expect(throws: CredentialsError.self) {
                try await Enrollment.run(authority: url, token: other, directory: path, at: now)
            }
            let outcome = try await Enrollment.run(authority: url, token: same, directory: path, at: now)
            guard case .enrolled(let identity) = outcome else {
                Issue.record("not enrolled")
                return
            }
            #expect(identity.generation == 2)
            #expect(identity.name == old.name)
        }
    }

    @Test func `the services of a configuration start and stop`() async throws {
        let configuration = AuthorityConfiguration(
            directory: self.site.authority.directory,
            address: "127.0.0.1",
            port: 0
        )
        let services = try AuthorityService.services(configuration, logger: .init(label: "test"))
        #expect(services.count == 2)
        #expect(throws: (any Error).self) {
            try AuthorityService.services(.init(directory: "/nowhere"), logger: .init(label: "test"))
        }
    }
}
