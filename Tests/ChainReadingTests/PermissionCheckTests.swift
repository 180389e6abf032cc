import CanonicalBytes
import Certificates
import Contracts
import Ledger
import P256Group
import Synchronization
import Testing

import enum Ledger.Channel

@testable import ChainReading

@Suite struct PermissionCheckTests {
    /// A chain in memory; holds all answers back until a number of questions were asked.
    private final class Chain: ChainFacts {
        private struct State {
            var values: [String: [UInt8]] = [:]
            var asked = 0
            var waiting: [CheckedContinuation<Void, Never>] = []
        }

        private let state = Mutex(State())
        private let together: Int

        init(together: Int = 0) { self.together = together }

        func set(_ value: [UInt8]?, at key: [UInt8], on channel: Channel) {
            self.state.withLock { $0.values["\(channel.name) \(key.hex)"] = value }
        }

        func fact(of key: [UInt8], on channel: Channel) async throws -> ChainFact {
            await withCheckedContinuation { continuation in
                let ready = self.state.withLock { state in
                    state.asked += 1
                    state.waiting.append(continuation)
                    guard state.asked >= self.together else { return [CheckedContinuation<Void, Never>]() }
                    defer { state.waiting = [] }
                    return state.waiting
                }
                for waiting in ready { waiting.resume() }
            }
            return ChainFact(
                value: self.state.withLock { $0.values["\(channel.name) \(key.hex)"] },
                time: 1_000,
                height: channel == .access ? 5 : 9
            )
        }
    }

    /// What stands on the chain; each part may be changed.
    private struct Grounds {
        let certificate: ImplicitCertificate
        let issuer: TrustedParty
        var permission = [UInt8](repeating: 3, count: 32)
        var scope = [UInt8](repeating: 4, count: 32)
        var kind = Permission.Kind.proven
        var basis = Permission.noBasis
        var purpose = "study"
        var validUntil: UInt64 = 9_000
        var consents: [(mode: ConsentMode, id: UInt8, request: [UInt8], purpose: String, author: String)] = []
        var scopeOwner: String? = "ward"

        init() throws {
            let authority = CertificateAuthority(name: "Test CA", key: .generate())
            self.issuer = TrustedParty(TrustedIssuer(kind: .authority, issuer: authority.issuer))
            self.certificate = try authority.issue(
                CertificateRequest(.generate(), subject: "lab:researcher:r"),
                fields: CertificateFields(
                    issuer: "Test CA",
                    serial: 1,
                    subject: "lab:researcher:r",
                    notBefore: 0,
                    notAfter: .max,
                    usage: [.sign],
                    attributes: ["org:lab", "role:researcher"]
                )
            ).certificate
        }

        func put(into chain: Chain) {
            var issuer = CanonicalWriter()
            self.issuer.trusted.write(to: &issuer)
            chain.set(issuer.bytes, at: StateKey.issuer(.authority, "Test CA"), on: .access)
            var writer = CanonicalWriter()
            writer.raw(self.permission)
            writer.raw([UInt8](repeating: 1, count: 32))
            writer.raw(self.certificate.digest)
            writer.raw(self.scope)
            writer.raw([UInt8](repeating: 2, count: 32))
            writer.lengthPrefixed("ward")
            writer.lengthPrefixed("ward:steward:decider")
            writer.u64(1)
            writer.u64(self.validUntil)
            writer.u64(0)
            writer.lengthPrefixed(self.purpose)
            writer.u8(self.kind.rawValue)
            writer.raw(self.basis)
            chain.set(writer.bytes, at: AccessKey.permission(self.permission), on: .access)
            chain.set(self.consentBytes, at: AccessKey.consents(of: self.scope, "ward"), on: .access)
            chain.set(self.labelBytes, at: AccessKey.consents(of: Self.label, "ward"), on: .access)
            guard let owner = self.scopeOwner else { return }
            var record = CanonicalWriter()
            record.lengthPrefixed(owner)
            record.u64(3)
            record.lengthPrefixed([])
            chain.set(record.bytes, at: IndexKey.scope(self.scope), on: .index)
        }

        /// What is said about the label that the scope is of; nil: the chain knows no label of it.
        var labelMode: ConsentMode??
        static let label = [UInt8](repeating: 0x70, count: 32)

        private var consentBytes: [UInt8]? {
            guard !self.consents.isEmpty || self.labelMode != nil else { return nil }
            var writer = CanonicalWriter()
            writer.u16(UInt16(self.consents.count) | (self.labelMode == nil ? 0 : 0x8000))
            if self.labelMode != nil { writer.raw(Self.label) }
            for consent in self.consents {
                writer.raw([UInt8](repeating: consent.id, count: 32))
                writer.u8(consent.mode.rawValue)
                writer.raw(consent.request)
                writer.lengthPrefixed(consent.purpose)
                writer.u64(.max)
                writer.lengthPrefixed(consent.author)
            }
            return writer.bytes
        }

        private var labelBytes: [UInt8]? {
            guard case .some(.some(let mode)) = self.labelMode else { return nil }
            var writer = CanonicalWriter()
            writer.u16(1)
            writer.raw([UInt8](repeating: 7, count: 32))
            writer.u8(mode.rawValue)
            writer.raw(SetConsent.anyRequest)
            writer.lengthPrefixed("")
            writer.u64(.max)
            writer.lengthPrefixed("ward:patient:alice")
            return writer.bytes
        }

        var claim: PermissionCheck.Claim {
            .init(
                permission: self.permission,
                certificate: self.certificate,
                issuer: self.issuer,
                scope: self.scope,
                organization: "ward"
            )
        }

        var anyScope: PermissionCheck.Claim {
            .init(permission: self.permission, certificate: self.certificate, issuer: self.issuer)
        }
    }

    private static func reason(
        _ grounds: Grounds,
        _ claim: PermissionCheck.Claim,
        on chain: Chain = Chain()
    ) async -> ChainReadingError.Reason? {
        grounds.put(into: chain)
        do { try await PermissionCheck(chain: chain, clock: { 2_000 }).require(claim) } catch {
            return (error as? ChainReadingError)?.reason
        }
        return nil
    }

    @Test("All that a check reads is asked for at once, and the newest access block is told")
    func together() async throws {
        // Permission, revocation on index, consents, issuer, certificate: nobody answers before all five are asked.
        let chain = Chain(together: 5)
        let grounds = try Grounds()
        grounds.put(into: chain)
        let standing = try await PermissionCheck(chain: chain, clock: { 2_000 }).standing(of: grounds.claim)
        #expect(standing.permission.id == grounds.permission && standing.access.height == 5)
    }

    @Test("A claim for any scope needs the chain to know the scope as the permitting organization's")
    func anyScope() async throws {
        var grounds = try Grounds()
        #expect(await Self.reason(grounds, grounds.anyScope) == nil)
        grounds.scopeOwner = "elsewhere"
        #expect(await Self.reason(grounds, grounds.anyScope) == .anotherScope)
        grounds.scopeOwner = nil
        #expect(await Self.reason(grounds, grounds.anyScope) == .anotherScope)
        #expect(await Self.reason(grounds, grounds.claim) == nil)
    }

    @Test("A permission of another organization, over, or unknown is refused")
    func permission() async throws {
        var grounds = try Grounds()
        let foreign = PermissionCheck.Claim(
            permission: grounds.permission,
            certificate: grounds.certificate,
            issuer: grounds.issuer,
            scope: grounds.scope,
            organization: "lab"
        )
        #expect(await Self.reason(grounds, foreign) == .anotherScope)
        let claim = grounds.claim
        grounds.permission = [UInt8](repeating: 9, count: 32)
        #expect(await Self.reason(grounds, claim) == .noPermission)
        grounds.validUntil = 1_999
        #expect(await Self.reason(grounds, grounds.claim) == .permissionExpired)
    }

    @Test("Consents act on permissions that exist, as their authors mean them")
    func consents() async throws {
        let any = SetConsent.anyRequest
        let own = [UInt8](repeating: 1, count: 32)
        let (alice, bob) = ("ward:patient:alice", "ward:patient:bob")
        var grounds = try Grounds()
        grounds.consents = [(.forbid, 1, any, "", alice)]
        #expect(await Self.reason(grounds, grounds.claim) == .consentForbids)
        #expect(await Self.reason(grounds, grounds.anyScope) == .consentForbids)
        grounds.consents = [(.require, 1, any, "", alice)]
        #expect(await Self.reason(grounds, grounds.claim) == .consentRequired)
        grounds.consents = [(.require, 1, any, "", alice), (.allow, 2, own, "", bob)]
        #expect(await Self.reason(grounds, grounds.claim) == .consentRequired)
        grounds.consents = [(.require, 1, any, "", alice), (.allow, 2, own, "", alice)]
        #expect(await Self.reason(grounds, grounds.claim) == nil)
        grounds.consents = [(.require, 1, any, "", alice), (.allow, 2, any, "study", alice)]
        #expect(await Self.reason(grounds, grounds.claim) == nil)
        grounds.kind = .emergency
        grounds.consents = [(.forbid, 1, any, "", alice)]
        #expect(await Self.reason(grounds, grounds.claim) == nil)
    }

    @Test("Consents about the scope's whole label act as well, with reasons of their own")
    func labels() async throws {
        var grounds = try Grounds()
        grounds.labelMode = .some(nil)
        #expect(await Self.reason(grounds, grounds.claim) == nil)
        for (mode, expected) in [
            (.forbid, .labelForbids), (.require, .labelConsentRequired), (.allow, nil),
        ] as [(ConsentMode, ChainReadingError.Reason?)] {
            grounds.labelMode = .some(mode)
            #expect(await Self.reason(grounds, grounds.claim) == expected)
            #expect(await Self.reason(grounds, grounds.anyScope) == expected)
        }
        grounds.labelMode = .some(.require)
        let purpose = grounds.purpose
        grounds.consents = [(.allow, 1, SetConsent.anyRequest, purpose, "ward:patient:alice")]
        #expect(await Self.reason(grounds, grounds.claim) == nil)
        grounds.labelMode = .some(.forbid)
        #expect(await Self.reason(grounds, grounds.claim) == .labelForbids)
        grounds.kind = .emergency
        #expect(await Self.reason(grounds, grounds.claim) == nil)
    }

    @Test("Consents about a label that this release cannot read stop everything")
    func unreadableLabel() async throws {
        let chain = Chain()
        var grounds = try Grounds()
        grounds.labelMode = .some(nil)
        grounds.put(into: chain)
        chain.set([0, 9], at: AccessKey.consents(of: Grounds.label, "ward"), on: .access)
        let error = await #expect(throws: ChainReadingError.self) {
            try await PermissionCheck(chain: chain, clock: { 2_000 }).require(grounds.claim)
        }
        #expect(error?.reason == .chainUnavailable)
    }

    @Test("A permission that stands on an offer falls with it")
    func offers() async throws {
        var grounds = try Grounds()
        grounds.kind = .offered
        grounds.basis = [UInt8](repeating: 6, count: 32)
        #expect(await Self.reason(grounds, grounds.claim) == .offerWithdrawn)
        grounds.consents = [(.offer, 6, SetConsent.anyRequest, "", "ward:patient:alice")]
        #expect(await Self.reason(grounds, grounds.claim) == nil)
    }

    @Test("Consents that this release cannot read stop everything")
    func unreadable() async throws {
        let chain = Chain()
        let grounds = try Grounds()
        grounds.put(into: chain)
        chain.set([0, 9], at: AccessKey.consents(of: grounds.scope, "ward"), on: .access)
        let error = await #expect(throws: ChainReadingError.self) {
            try await PermissionCheck(chain: chain, clock: { 2_000 }).require(grounds.claim)
        }
        #expect(error?.reason == .chainUnavailable)
    }
}
