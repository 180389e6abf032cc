import CanonicalBytes
import Certificates
import ChainReading
import Contracts
import Credentials
import Foundation
import Ledger
import P256Group
import Signcryption
import Synchronization
import TestIdentities
import Uplink

import enum Ledger.Channel

/// The state of both channels as a quorum would prove it, to be changed by tests.
final class TestChain: ChainFacts, ChainWriting {
    private let values = Mutex<[String: [UInt8]]>([:])
    private let told = Mutex<[RecordRefusal]>([])
    private let isDown = Mutex(false)

    func fact(of key: [UInt8], on channel: Channel) async throws -> ChainFact {
        if self.isDown.withLock({ $0 }) {
            throw ChainReadingError(.chainUnavailable, "nobody answers")
        }
        let value = self.values.withLock { $0[Self.place(key, channel)] }
        return ChainFact(value: value, time: TestSite.milliseconds, height: 7)
    }

    func set(_ value: [UInt8]?, at key: [UInt8], on channel: Channel) {
        self.values.withLock { $0[Self.place(key, channel)] = value }
    }

    /// What parties told it that they refused.
    var refusals: [RecordRefusal] { self.told.withLock { $0 } }

    /// Takes a refusal down, and then says that nobody knows what becomes of it.
    func submit(
        _ arguments: some MethodArguments,
        needless: Set<RejectionCode>
    ) async throws -> TransactionProof {
        if let refusal = arguments as? RecordRefusal { self.told.withLock { $0.append(refusal) } }
        throw ChainSubmissionError.open(transaction: [UInt8](repeating: 0, count: 32))
    }

    func fail(_ isDown: Bool = true) { self.isDown.withLock { $0 = isDown } }

    private static func place(_ key: [UInt8], _ channel: Channel) -> String { "\(channel.name) \(key.hex)" }
}

/// What a test lets the chain hold for a request; each part may be changed.
struct Grounds {
    var permission = [UInt8](repeating: 0x31, count: 32)
    var requester: [UInt8]
    var scope: [UInt8]
    var organization = "ward"
    var validUntil = TestSite.milliseconds + 600_000
    var revoked: UInt64 = 0
    var isRevokedOnIndex = false
    var hasPermission = true
    var owner = "ward"
    var isScopeKnown = true
    var writers: [ScopeWriter]?
    var listEpoch: UInt64 = 1
    var issuer: TrustedIssuer?
    var isCertificateRevoked = false
    var consents: [ConsentMode] = []

    init(_ site: TestSite) {
        self.requester = site.researcher.certificate.digest
        self.scope = site.descriptor.digest
        self.writers = [.party(site.gateway)]
        self.issuer = TrustedIssuer(kind: .authority, issuer: site.authority.authority.issuer)
    }

    /// Writes everything into the state, in the contracts' own encodings.
    func put(into chain: TestChain, of site: TestSite) {
        let name = site.authority.authority.issuer.name
        chain.set(self.issuer.map(Self.bytes), at: StateKey.issuer(.authority, name), on: .access)
        let revocation = StateKey.revocation(of: site.researcher.certificate.digest, by: name)
        chain.set(self.isCertificateRevoked ? [1] : nil, at: revocation, on: .access)
        chain.set(
            self.hasPermission ? self.permissionBytes : nil,
            at: AccessKey.permission(self.permission),
            on: .access
        )
        let index = SharingKey.revokedPermission(self.permission)
        chain.set(self.isRevokedOnIndex ? UInt64(1).bigEndianBytes : nil, at: index, on: .index)
        chain.set(
            self.isScopeKnown ? self.scopeBytes : nil,
            at: IndexKey.scope(site.descriptor.digest),
            on: .index
        )
        let consents = AccessKey.consents(of: site.descriptor.digest, "ward")
        chain.set(self.consents.isEmpty ? nil : self.consentBytes, at: consents, on: .access)
    }

    private var consentBytes: [UInt8] {
        var writer = CanonicalWriter()
        writer.u16(UInt16(self.consents.count))
        for (place, mode) in self.consents.enumerated() {
            writer.raw([UInt8](repeating: UInt8(place), count: 32))
            writer.u8(mode.rawValue)
            writer.raw(SetConsent.anyRequest)
            writer.lengthPrefixed("")
            writer.u64(.max)
            writer.lengthPrefixed("ward:patient:p\(place)")
        }
        return writer.bytes
    }

    private var permissionBytes: [UInt8] {
        var writer = CanonicalWriter()
        writer.raw(self.permission)
        writer.raw([UInt8](repeating: 1, count: 32))
        writer.raw(self.requester)
        writer.raw(self.scope)
        writer.raw([UInt8](repeating: 2, count: 32))
        writer.lengthPrefixed(self.organization)
        writer.lengthPrefixed("ward:steward:decider")
        writer.u64(1)
        writer.u64(self.validUntil)
        writer.u64(self.revoked)
        writer.lengthPrefixed("study")
        writer.u8(Permission.Kind.proven.rawValue)
        writer.raw(Permission.noBasis)
        return writer.bytes
    }

    private var scopeBytes: [UInt8] {
        var writer = CanonicalWriter()
        writer.lengthPrefixed(self.owner)
        writer.u64(3)
        let list = self.writers.map {
            SetScopeWriters(scope: self.scope, epoch: self.listEpoch, isSingleControl: false, writers: $0).bytes
        }
        writer.lengthPrefixed(list ?? [])
        return writer.bytes
    }

    private static func bytes(_ issuer: TrustedIssuer) -> [UInt8] {
        var writer = CanonicalWriter()
        issuer.write(to: &writer)
        return writer.bytes
    }
}
