import CanonicalBytes
import Certificates
import Contracts
import Credentials
import FiniteFields
import Foundation
import Logging
import PolicyProofs
import SecretSharing
import Testing

@testable import Authority

@Suite("Credentials of the authority", .timeLimit(.minutes(10))) struct CredentialTests {
    let site: TestSite
    let tree: TestTree
    private let rules = CertifiedAttributes(numbers: ["level"])

    init() throws {
        self.site = try TestSite()
        self.tree = try TestTree(self.site)
    }

    private var now: UInt64 { TestSite.start }
    private var authority: Authority { self.site.authority }

    private func publisher(at now: UInt64 = TestSite.start) -> CredentialPublisher {
        CredentialPublisher(
            authority: self.authority,
            chain: self.tree,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            now: { now }
        )
    }

    private func researcher(
        _ name: String = "one",
        _ attributes: [String] = ["country:CN", "level:3"],
        at now: UInt64 = TestSite.start
    ) throws -> Identity {
        try self.authority.install(
            self.site.party(.researcher, name),
            hosts: [],
            attributes: attributes,
            into: self.site.path(name),
            at: now
        )
    }

    @discardableResult
    private func ask(_ identity: Identity, _ secret: SecretFr, at now: UInt64 = TestSite.start) throws -> CredentialRow
    {
        let holder = Credential.holder(of: secret).bytes
        return try self.authority.recordCredential(
            CredentialRequest(holder: holder, identity: identity, at: now),
            peer: identity.peer,
            rules: self.rules,
            at: now
        )
    }

    private func settle(at now: UInt64 = TestSite.start) async throws {
        let publisher = self.publisher(at: now)
        while try await publisher.round() {}
    }

    private func row(_ number: Int64) throws -> CredentialRow { try #require(try self.authority.credential(number)) }

    @Test("the leaf holds the certificate's attributes and role, and is in the tree")
    func leaf() async throws {
        let secret = SecretFr.random()
        let asked = try self.ask(self.researcher(), secret)
        #expect(asked.attributes == ["country:CN", "level=3", "role:researcher"])
        #expect(asked.state == "asked")
        try await self.settle()
        let row = try self.row(asked.number)
        #expect(row.state == "valid")
        #expect(row.place == 0)
        let credential = Credential(
            secret: secret,
            salt: try SecretFr(bytes: #require(row.salt)),
            attributes: try CredentialAttributes(row.attributes)
        )
        #expect(await self.tree.node(0) == credential.leaf.bytes)
    }

    @Test("the same commitment gets the same credential, under a renewed certificate too")
    func repeated() async throws {
        let secret = SecretFr.random()
        let first = try self.ask(self.researcher(), secret)
        try await self.settle()
        let renewed = try self.researcher(at: self.now + 60)
        let again = try self.ask(renewed, secret, at: self.now + 60)
        #expect(again.number == first.number)
        try await self.settle(at: self.now + 60)
        #expect(await self.tree.calls == ["add 1"])
        #expect(try self.row(first.number).certificate == renewed.certificate.digest)
    }

    @Test("another commitment or other attributes let the former leaf go first", arguments: [true, false])
    func reissue(isSecretNew: Bool) async throws {
        let secret = SecretFr.random()
        let first = try self.ask(self.researcher(), secret)
        try await self.settle()
        let later = try isSecretNew ? self.researcher() : self.researcher("one", ["country:DE"], at: self.now + 60)
        let second = try self.ask(later, isSecretNew ? SecretFr.random() : secret, at: self.now + 60)
        #expect(second.leaf != first.leaf)
        await self.tree.fail(.lostBefore)
        await #expect(throws: NetworkIsGone.self) { try await self.settle(at: self.now + 60) }
        // While the former is in the tree, the next one is not handed in.
        #expect(try self.authority.credentialsToAdd().isEmpty)
        try await self.settle(at: self.now + 60)
        #expect(await self.tree.calls == ["add 1", "revoke 1 for replaced", "add 1"])
        #expect(await self.tree.node(0) == nil)
        #expect(await self.tree.node(1) == second.leaf)
        #expect(try self.row(first.number).salt == nil)
    }

    @Test("those who wait share a transaction")
    func together() async throws {
        for name in ["a", "b", "c"] { try self.ask(self.researcher(name), .random()) }
        try await self.settle()
        #expect(await self.tree.calls == ["add 3"])
        #expect(try self.authority.credentials().map(\.place) == [2, 1, 0])
    }

    @Test(
        "a call whose answer is lost is not made twice",
        arguments: [TestTree.Accident.lostAfter, .lostBefore, .late]
    )
    func lostAnswers(accident: TestTree.Accident) async throws {
        let asked = try self.ask(self.researcher(), .random())
        await self.tree.fail(accident)
        await #expect(throws: (any Error).self) { try await self.settle() }
        #expect(try self.row(asked.number).place == nil)
        try await self.tree.arrive()
        try await self.settle()
        #expect(try self.row(asked.number).place == 0)
        #expect(await self.tree.calls == ["add 1"])
    }

    @Test("a call that comes through after it was repeated does no harm")
    func lateArrival() async throws {
        let asked = try self.ask(self.researcher(), .random())
        await self.tree.fail(.late)
        await #expect(throws: (any Error).self) { try await self.settle() }
        try await self.settle()
        try await self.tree.arrive()
        try await self.settle()
        #expect(try self.row(asked.number).place == 0)
        #expect(await self.tree.leafCount == 1)
    }

    @Test("a revoked certificate takes its credential out of the tree", arguments: [true, false])
    func revoked(byParty: Bool) async throws {
        let identity = try self.researcher()
        let asked = try self.ask(identity, .random())
        let other = try self.ask(self.researcher("other"), .random())
        try await self.settle()
        try self.authority.revoke(
            byParty ? .party(identity.name) : .certificate(identity.certificate.digest),
            at: self.now + 1
        )
        #expect(try self.row(asked.number).state == "ending")
        try await self.settle(at: self.now + 1)
        #expect(await self.tree.calls == ["add 2", "revoke 1 for \(byParty ? "left" : "compromised")"])
        #expect(try self.row(asked.number).state == "ended")
        #expect(try self.row(other.number).state == "valid")
        #expect(throws: AuthorityError.self) { try self.ask(identity, .random(), at: self.now + 2) }
    }

    @Test("an expired certificate and an operator's word end a credential too")
    func ended() async throws {
        let identity = try self.researcher()
        try self.ask(identity, .random())
        let other = try self.researcher("other")
        try self.ask(other, .random())
        try await self.settle()
        try self.authority.revokeCredential(of: other.name, .mistake, at: self.now)
        try await self.settle(at: identity.certificate.fields.notAfter)
        #expect(await self.tree.calls == ["add 2", "revoke 1 for mistake"])
        try await self.settle(at: identity.certificate.fields.notAfter + 1)
        #expect(await self.tree.calls.last == "revoke 1 for attributes")
        #expect(throws: AuthorityError.self) {
            try self.authority.revokeCredential(of: other.name, .left, at: self.now)
        }
    }

    @Test("a credential that the chain has not heard of ends without it")
    func neverSubmitted() async throws {
        let identity = try self.researcher()
        let asked = try self.ask(identity, .random())
        try self.authority.revoke(.party(identity.name), at: self.now)
        try await self.settle()
        #expect(try self.row(asked.number).state == "ended")
        #expect(await self.tree.calls.isEmpty)
    }

    @Test("a leaf that may still come is brought to the tree, out again, and then the next one follows")
    func openAndReplaced() async throws {
        let identity = try self.researcher()
        let first = try self.ask(identity, .random())
        await self.tree.fail(.late)
        await #expect(throws: (any Error).self) { try await self.settle() }
        let second = try self.ask(identity, .random())
        try await self.settle()
        try await self.tree.arrive()
        #expect(await self.tree.calls == ["add 1", "revoke 1 for replaced", "add 1"])
        #expect(await self.tree.node(0) == nil)
        #expect(try self.row(first.number).state == "ended")
        #expect(await self.tree.node(1) == second.leaf)
    }

    @Test("more than eight attributes, and numbers that are none, make no credential")
    func impossible() throws {
        let eight = (1...8).map { "name\($0):x" }
        for (name, attributes) in [("many", eight), ("word", ["level:high"]), ("large", ["level:65536"])] {
            let identity = try self.researcher(name, attributes)
            let error = #expect(throws: AuthorityError.self) { try self.ask(identity, .random()) }
            #expect(error?.code == "credential-not-possible")
        }
        #expect(try self.ask(self.researcher("seven", Array(eight.prefix(7))), .random()).attributes.count == 8)
    }

    @Test("a request is signed by the certificate's key, now, and for a commitment of one's own")
    func signatures() throws {
        let (one, other) = (try self.researcher(), try self.researcher("other"))
        let secret = SecretFr.random()
        let holder = Credential.holder(of: secret).bytes
        func record(_ request: CredentialRequest, _ peer: PeerIdentity, at now: UInt64) throws {
            _ = try self.authority.recordCredential(request, peer: peer, rules: self.rules, at: now)
        }
        let request = try CredentialRequest(holder: holder, identity: one, at: self.now)
        let signature = #expect(throws: ProtocolFailure.self) { try record(request, other.peer, at: self.now) }
        #expect(signature?.code == .signature)
        let time = #expect(throws: ProtocolFailure.self) { try record(request, one.peer, at: self.now + 301) }
        #expect(time?.code == .time)
        let zero = try CredentialRequest(holder: Fr.zero.bytes, identity: one, at: self.now)
        let scalar = #expect(throws: ProtocolFailure.self) { try record(zero, one.peer, at: self.now) }
        #expect(scalar?.code == .scalar)
        try record(request, one.peer, at: self.now + 300)
        let copied = try CredentialRequest(holder: holder, identity: other, at: self.now)
        #expect(throws: AuthorityError.self) { try record(copied, other.peer, at: self.now) }
        #expect(try self.authority.credentials().count == 1)
    }

    @Test("a party gets four credentials in a week")
    func limit() throws {
        let identity = try self.researcher()
        for _ in 0..<4 { try self.ask(identity, .random()) }
        let error = #expect(throws: AuthorityError.self) { try self.ask(identity, .random(), at: self.now + 9) }
        #expect(error?.code == "credential-limit")
        let later = self.now + Authority.credentialWindow + 1
        #expect(try self.ask(identity, .random(), at: later).state == "asked")
    }
}
