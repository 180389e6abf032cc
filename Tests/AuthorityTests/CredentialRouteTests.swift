import CanonicalBytes
import Certificates
import Credentials
import FiniteFields
import Foundation
import Logging
import PolicyProofs
import SecretSharing
import Testing

@testable import Authority

/// Credentials over real TLS with the real clock.
@Suite("Credentials over the network", .timeLimit(.minutes(10))) struct CredentialRouteTests {
    let site: TestSite
    let tree: TestTree
    let now: UInt64

    init() throws {
        self.now = UInt64(Date().timeIntervalSince1970)
        self.site = try TestSite(at: self.now)
        self.tree = try TestTree(self.site, at: self.now)
    }

    private func serve(
        isPublishing: Bool,
        _ body: @Sendable @escaping (Identity, CredentialRequest) async throws -> Void
    ) async throws {
        let (site, now, tree) = (self.site, self.now, self.tree)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let publisher = CredentialPublisher(authority: site.authority, chain: tree, logger: logger, now: { now })
        let desk = CredentialDesk(
            authority: site.authority,
            publisher: publisher,
            rules: CertifiedAttributes(),
            waitSeconds: isPublishing ? 60 : 0
        )
        let token = try site.authority.createToken(for: site.party(.researcher), attributes: ["study:x"], at: now)
        try await site.serve(credentials: desk) { url in
            let outcome = try await Enrollment.run(authority: url, token: token, directory: site.path("r"), at: now)
            guard case .enrolled(let identity) = outcome else { Issue.record("not enrolled"); return }
            let holder = Credential.holder(of: .random()).bytes
            let request = try CredentialRequest(holder: holder, identity: identity, at: now)
            try await withThrowingTaskGroup { group in
                if isPublishing {
                    group.addTask { do { try await publisher.run() } catch is CancellationError {} }
                }
                try await body(identity, request)
                group.cancelAll()
            }
        }
    }

    @Test("a party gets its credential once the chain has it, and the same one when it asks again")
    func answer() async throws {
        let tree = self.tree
        try await self.serve(isPublishing: true) { identity, request in
            let client = try AuthorityClient(identity)
            let first = try await client.use { client throws(CredentialsError) in
                let first = try await client.credential(request)
                guard try await client.credential(request) == first else { throw .malformed("another answer") }
                return first
            }
            let answer = try PlainJSON.decode(CredentialAnswer.self, first, "the answer")
            #expect(answer.attributes == ["role:researcher", "study:x"])
            #expect(answer.holder == request.holder)
            let leaf = await tree.node(answer.index)
            #expect(leaf?.hex == answer.leaf)
        }
    }

    @Test("while the chain is silent the answer is to ask again, and what was asked for is in the books")
    func pending() async throws {
        let site = self.site
        try await self.serve(isPublishing: false) { identity, request in
            for _ in 0..<2 {
                let error = await #expect(throws: CredentialsError.self) {
                    try await AuthorityClient(identity).use { client throws(CredentialsError) in
                        try await client.credential(request)
                    }
                }
                guard case .refused("credential-pending", _) = error else { Issue.record("\(error)"); return }
            }
            let states = try site.authority.credentials().map(\.state)
            #expect(states == ["asked"])
        }
    }
}
