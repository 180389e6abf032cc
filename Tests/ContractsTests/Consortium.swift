import BLSCertificates
import CanonicalBytes
import Certificates
import Consensus
import Ledger
import P256Group
import Pseudonyms
import SecretSharing
import StateTree
import Testing
import Transcripts

@testable import Contracts

/// Somebody who signs transactions.
struct Signer {
    let certificate: ImplicitCertificate
    let key: P256KeyPair

    func sign(_ body: TransactionBody) throws -> Transaction {
        guard self.certificate.fields.subject.isEmpty else {
            return try Transaction(signing: body, certificate: self.certificate, key: self.key)
        }
        return try Transaction(
            signing: body,
            pseudonym: Pseudonym(certificate: self.certificate, key: self.key)
        )
    }
}

/// Both channels of a consortium of four validators with real keys, grown block by block in memory.
final class Consortium {
    /// Milliseconds: a day into a scope epoch.
    static let start: UInt64 = 604_800_000 * 3_000 + 86_400_000
    static let chain = Array("test-chain".utf8)

    let authority = CertificateAuthority(name: "north-ca", key: .generate())
    let otherAuthority = CertificateAuthority(name: "south-ca", key: .generate())
    let pseudonymAuthority = CertificateAuthority(name: "pca", key: .generate())
    let validators: [Ed25519Signer]
    let genesis: Genesis
    /// The chain's identifier.
    let chain: [UInt8]
    let access: TestChannel
    let index: TestChannel
    /// All that may sit in committees.
    let members: [Member]
    private var signers: [String: Signer] = [:]
    private var nonce: UInt64 = 0

    init(
        threshold: Int = 2,
        parameters: [(name: String, value: UInt64)] = [],
        chain: String = "test-chain",
        seed: UInt8 = 0,
        isAggregate: Bool = false
    ) throws {
        self.validators = try (1...8).map {
            let seed = [UInt8](repeating: UInt8($0) + seed, count: 32)
            return try #require(Ed25519Signer(votingSeed: seed, shareSeed: seed.map { $0 ^ 0xff }))
        }
        self.chain = Array(chain.utf8)
        let aggregate = isAggregate ? try Self.aggregateSigners(seed) : []
        self.members =
            isAggregate
            ? aggregate.enumerated().map { $1.member(ReplicaID(UInt16($0 + 1))) }
            : self.validators.enumerated().map { $1.member(ReplicaID(UInt16($0 + 1))) }
        let committee = try #require(Committee(epoch: 0, members: Array(self.members.prefix(4))))
        self.genesis = try Genesis(
            chain: chain,
            time: Self.start,
            committee: committee,
            validators: (1...4).map { Genesis.Validator(id: ReplicaID($0), name: try Self.validatorName($0)) },
            issuers: [
                TrustedIssuer(kind: .authority, issuer: self.authority.issuer),
                TrustedIssuer(kind: .pseudonymAuthority, issuer: self.pseudonymAuthority.issuer),
                TrustedIssuer(kind: .authority, issuer: self.otherAuthority.issuer),
            ],
            governors: ["north:operator:g1", "north:operator:g2", "south:operator:g3"].map {
                try #require(PartyName($0))
            },
            governorThreshold: threshold,
            parameters: parameters
        )
        let replicas: [any ReplicaSigner] = isAggregate ? aggregate : self.validators
        let scheme: any SignatureScheme = isAggregate ? BLSScheme() : Ed25519Scheme()
        self.access = try TestChannel(.access, self.genesis, replicas, scheme: scheme)
        self.index = try TestChannel(.index, self.genesis, replicas, scheme: scheme)
    }

    private static func aggregateSigners(_ seed: UInt8) throws -> [BLSSigner] {
        try (1...8).map { number in
            let bytes = [UInt8](repeating: UInt8(number) + seed, count: 32)
            // A scalar has to be below the group's order.
            let secret = try SecretFr(bytes: [0] + bytes.dropFirst())
            return try #require(BLSSigner(votingSeed: bytes, shareSecret: secret))
        }
    }

    static func validatorName(_ number: UInt16) throws -> PartyName {
        try #require(PartyName("org\(number):validator:v\(number)"))
    }

    static func committee(
        _ epoch: CommitteeEpoch,
        _ validators: [Ed25519Signer],
        _ numbers: [UInt16]
    ) throws -> Committee {
        try #require(
            Committee(epoch: epoch, members: numbers.map { validators[Int($0) - 1].member(ReplicaID($0)) })
        )
    }

    /// The change to a committee of these validators.
    func committeeChange(_ epoch: CommitteeEpoch, _ numbers: [UInt16]) throws -> ProposedChange {
        let committee = try #require(Committee(epoch: epoch, members: numbers.map { self.members[Int($0) - 1] }))
        return .committee(committee, names: try numbers.map { try Self.validatorName($0) })
    }

    func party(_ name: String) throws -> Signer {
        if let known = self.signers[name] { return known }
        let authority = name.hasPrefix("south:") ? self.otherAuthority : self.authority
        let signer = try Self.issue(by: authority, subject: name, usage: [.sign, .keyExchange])
        self.signers[name] = signer
        return signer
    }

    /// The pseudonym of a label, with the attributes of its first call.
    func pseudonym(_ label: String, attributes: [String] = []) throws -> Signer {
        if let known = self.signers["pseudonym " + label] { return known }
        let signer = try Self.issue(
            by: self.pseudonymAuthority,
            subject: "",
            usage: [.pseudonym, .keyExchange],
            attributes: attributes
        )
        self.signers["pseudonym " + label] = signer
        return signer
    }

    static func issue(
        by authority: CertificateAuthority,
        subject: String,
        usage: CertificateUsage,
        notBefore: UInt64 = start / 1_000 - 86_400,
        attributes: [String] = []
    ) throws -> Signer {
        let key = P256KeyPair.generate()
        let fields = CertificateFields(
            issuer: authority.issuer.name,
            serial: 1,
            subject: subject,
            notBefore: notBefore,
            notAfter: Self.start / 1_000 + 63_072_000,
            usage: usage,
            attributes: attributes
        )
        let issued = try authority.issue(CertificateRequest(key, subject: subject), fields: fields)
        return Signer(certificate: issued.certificate, key: try issued.keyPair(for: key, from: authority.issuer))
    }

    func transaction(
        _ arguments: some MethodArguments,
        by signer: Signer,
        on channel: TestChannel
    ) throws -> Transaction {
        self.nonce += 1
        return try signer.sign(
            arguments.body(
                chain: self.chain,
                channel: channel.channel,
                signer: signer.certificate.digest,
                nonce: self.nonce,
                validUntil: channel.now + 60_000
            )
        )
    }

    /// Puts one call into a block of its own.
    ///
    /// - Returns: the code of its receipt.
    @discardableResult
    func call(_ arguments: some MethodArguments, by signer: Signer, on channel: TestChannel? = nil) throws -> UInt16 {
        let channel = try channel ?? self.channel(of: arguments)
        return try channel.commit([self.transaction(arguments, by: signer, on: channel)]).receipts[0].code
    }

    @discardableResult
    func call(_ arguments: some MethodArguments, by name: String, on channel: TestChannel? = nil) throws -> UInt16 {
        try self.call(arguments, by: self.party(name), on: channel)
    }

    private func channel<Arguments: MethodArguments>(of arguments: Arguments) throws -> TestChannel {
        Arguments.channels[0] == .access ? self.access : self.index
    }

    /// Names the holder of scopes of her organization.
    func hold(_ scopes: [UInt8], by patient: String) throws {
        let name = try #require(PartyName(patient))
        let holder = SetScopeHolder(holder: name, scopes: scopes.map { id($0) })
        try #require(try self.call(holder, by: "\(name.organization):custodian:c1") == 0)
    }

    /// Proposes a change and lets two governors approve it.
    ///
    /// - Returns: the code of the last approval.
    func decide(_ change: ProposedChange) throws -> UInt16 {
        let proposal = try self.propose(change)
        try #require(try self.call(Approve(proposal: proposal), by: "north:operator:g1") == 0)
        return try self.call(Approve(proposal: proposal), by: "south:operator:g3")
    }

    func propose(_ change: ProposedChange) throws -> [UInt8] {
        let arguments = Propose(expires: self.access.now + 1_000_000, change: change)
        let transaction = try self.transaction(arguments, by: self.party("north:operator:g1"), on: self.access)
        try #require(try self.access.commit([transaction]).receipts[0].code == 0)
        return transaction.id
    }

    /// The access block that named the newest committee, for the index.
    func follow() throws -> FollowCommittee {
        let block = try #require(self.access.blocks.last { $0.block.nextCommittee != nil })
        return FollowCommittee(
            header: block.block.header,
            certificate: block.certificate,
            next: try #require(block.block.nextCommittee)
        )
    }
}

/// 32 equal bytes.
func id(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }
