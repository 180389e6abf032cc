import CanonicalBytes
import Certificates
import ChainReading
import Consensus
import Contracts
import Credentials
import Foundation
import Ledger
import Synchronization
import TestIdentities

import enum Ledger.Channel

/// The state of both channels as a quorum would prove it, to be changed by tests, and what was handed in.
final class TestChain: ChainFacts, ChainWriting {
    private let values = Mutex<[String: [UInt8]]>([:])
    private let isDown = Mutex(false)
    private let keysSubmitted = Mutex(0)
    private let refusals: AsyncStream<RecordRefusal>
    private let line: AsyncStream<RecordRefusal>.Continuation

    init() { (self.refusals, self.line) = AsyncStream.makeStream() }

    static var milliseconds: UInt64 { UInt64(Date().timeIntervalSince1970 * 1_000) }

    func fact(of key: [UInt8], on channel: Channel) async throws -> ChainFact {
        if self.isDown.withLock({ $0 }) { throw ChainReadingError(.chainUnavailable, "nobody answers") }
        let value = self.values.withLock { $0[Self.place(key, channel)] }
        return ChainFact(value: value, time: Self.milliseconds, height: 7)
    }

    func submit(
        _ arguments: some MethodArguments,
        needless: Set<RejectionCode>
    ) async throws -> TransactionProof {
        if let key = arguments as? SetAttributeKey, let authority = PartyName("cloud:attribute-authority:aa") {
            self.publish(key.publicKey, of: authority)
            self.keysSubmitted.withLock { $0 += 1 }
        }
        if let refusal = arguments as? RecordRefusal { self.line.yield(refusal) }
        return try Self.proof(of: arguments)
    }

    /// Times that a public key was handed in.
    var publications: Int { self.keysSubmitted.withLock { $0 } }

    func publish(_ publicKey: [UInt8], of authority: PartyName) {
        var writer = CanonicalWriter()
        writer.u64(3)
        writer.lengthPrefixed(publicKey)
        self.set(writer.bytes, at: RegistryKey.attributeKey(authority), on: .access)
    }

    /// The next refusal that was handed in; waits for it.
    func refusal() async -> RecordRefusal? { await self.refusals.first { _ in true } }

    func set(_ value: [UInt8]?, at key: [UInt8], on channel: Channel) {
        self.values.withLock { $0[Self.place(key, channel)] = value }
    }

    func fail(_ isDown: Bool = true) { self.isDown.withLock { $0 = isDown } }

    private static func place(_ key: [UInt8], _ channel: Channel) -> String { "\(channel.name) \(key.hex)" }

    private struct NoProof: Error {}

    /// Of no chain: whoever submits here verifies nothing.
    private static func proof(of arguments: some MethodArguments) throws -> TransactionProof {
        let zeros = [UInt8](repeating: 0, count: 32)
        let type = Swift.type(of: arguments)
        let body = TransactionBody(
            chain: Array("test-chain".utf8),
            channel: type.channels[0],
            signer: zeros,
            nonce: 1,
            validUntil: 1,
            contract: type.contract,
            method: type.method,
            arguments: arguments.bytes
        )
        let transaction = Transaction(body, authorization: .none)
        let header = BlockHeader(
            chain: body.chain,
            channel: body.channel,
            epoch: 0,
            height: 7,
            parent: .zero,
            transactionRoot: zeros,
            receiptRoot: zeros,
            stateRoot: zeros,
            validatorsRoot: zeros,
            evidenceRoot: zeros,
            time: 1
        )
        let proof = TransactionProof(
            0,
            of: LedgerBlock(header: header, transactions: [transaction], nextCommittee: nil),
            receipts: [TransactionReceipt(transaction: transaction.id, code: 0, cost: 0, events: [])],
            certificate: QuorumCertificate(
                version: .ed25519MultiSignature,
                epoch: 0,
                view: 0,
                height: 7,
                block: header.hash,
                signers: [],
                proof: []
            )
        )
        guard let proof else { throw NoProof() }
        return proof
    }
}

/// What a test lets the chain hold for a request; each part may be changed.
struct Grounds {
    var permission = [UInt8](repeating: 0x31, count: 32)
    var requester: [UInt8]
    var scope = [UInt8](repeating: 0x5c, count: 32)
    var organization = "ward"
    var validUntil = TestChain.milliseconds + 600_000
    var revoked: UInt64 = 0
    var isRevokedOnIndex = false
    var hasPermission = true
    var kind = Permission.Kind.proven
    var basis = Permission.noBasis
    var owner = "ward"
    var isScopeKnown = true
    var consents: [(mode: ConsentMode, author: String)] = []
    var hasIssuer = true
    var hasPseudonymIssuer = true
    var isIdentityRevoked = false
    var isPseudonymRevoked = false

    init(_ site: TestSite) { self.requester = site.pseudonym.certificate.digest }

    /// Writes everything into the state, in the contracts' own encodings.
    func put(into chain: TestChain, of site: TestSite) {
        let (authority, pseudonyms) = (site.authority.authority.issuer, site.pseudonyms.issuer)
        Self.put(TrustedIssuer(kind: .authority, issuer: authority), self.hasIssuer, into: chain)
        Self.put(TrustedIssuer(kind: .pseudonymAuthority, issuer: pseudonyms), self.hasPseudonymIssuer, into: chain)
        let own = StateKey.revocation(of: site.researcher.certificate.digest, by: authority.name)
        chain.set(self.isIdentityRevoked ? [1] : nil, at: own, on: .access)
        let pseudonym = StateKey.revocation(of: site.pseudonym.certificate.digest, by: pseudonyms.name)
        chain.set(self.isPseudonymRevoked ? [1] : nil, at: pseudonym, on: .access)
        chain.set(
            self.hasPermission ? self.permissionBytes : nil,
            at: AccessKey.permission(self.permission),
            on: .access
        )
        let index = SharingKey.revokedPermission(self.permission)
        chain.set(self.isRevokedOnIndex ? UInt64(1).bigEndianBytes : nil, at: index, on: .index)
        chain.set(self.isScopeKnown ? self.scopeBytes : nil, at: IndexKey.scope(self.scope), on: .index)
        let about = AccessKey.consents(of: self.scope, self.organization)
        chain.set(self.consents.isEmpty ? nil : self.consentBytes, at: about, on: .access)
    }

    private static func put(_ issuer: TrustedIssuer, _ isThere: Bool, into chain: TestChain) {
        var writer = CanonicalWriter()
        issuer.write(to: &writer)
        chain.set(isThere ? writer.bytes : nil, at: StateKey.issuer(issuer.kind, issuer.issuer.name), on: .access)
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
        writer.lengthPrefixed("research")
        writer.u8(self.kind.rawValue)
        writer.raw(self.basis)
        return writer.bytes
    }

    private var scopeBytes: [UInt8] {
        var writer = CanonicalWriter()
        writer.lengthPrefixed(self.owner)
        writer.u64(3)
        writer.lengthPrefixed([UInt8]())
        return writer.bytes
    }

    private var consentBytes: [UInt8] {
        var writer = CanonicalWriter()
        writer.u16(UInt16(self.consents.count))
        for (index, consent) in self.consents.enumerated() {
            writer.raw([UInt8](repeating: UInt8(index), count: 32))
            writer.u8(consent.mode.rawValue)
            writer.raw([UInt8](repeating: 0, count: 32))
            writer.lengthPrefixed("")
            writer.u64(.max)
            writer.lengthPrefixed(consent.author)
        }
        return writer.bytes
    }
}
