import BLSCertificates
import CanonicalBytes
import Certificates
import Consensus
import Ledger
import P256Group
import SecretSharing
import StateTree
import Testing

/// What the certificates of a chain consist of.
enum CertificateKind: CaseIterable {
    case ed25519
    case bls

    var version: CertificateVersion {
        switch self {
        case .ed25519: .ed25519MultiSignature
        case .bls: .blsAggregate
        }
    }

    var scheme: any SignatureScheme {
        switch self {
        case .ed25519: Ed25519Scheme()
        case .bls: BLSScheme()
        }
    }

    func signer(_ seed: [UInt8]) throws -> TestSigner {
        switch self {
        case .ed25519:
            let signer = try #require(Ed25519Signer(votingSeed: seed, shareSeed: seed.map { $0 ^ 0xff }))
            return TestSigner(signer: signer, member: { signer.member($0) })
        case .bls:
            // A scalar has to be below the group's order.
            let secret = try SecretFr(bytes: [0] + seed.dropFirst())
            let signer = try #require(BLSSigner(votingSeed: seed, shareSecret: secret))
            return TestSigner(signer: signer, member: { signer.member($0) })
        }
    }
}

/// A validator's keys of either kind.
struct TestSigner: Sendable {
    let signer: any ReplicaSigner
    let member: @Sendable (ReplicaID) -> Member

    func signShare(_ bytes: [UInt8]) -> [UInt8] { self.signer.signShare(bytes) }
}

/// A chain of four validators and one authority, with a contract that keeps a counter.
struct TestChain {
    static let start: UInt64 = 1_790_000_000_000

    let authority: CertificateAuthority
    let signers: [TestSigner]
    let genesis: Genesis
    let scheme: any SignatureScheme

    init(seed: UInt8 = 1, certificates kind: CertificateKind = .ed25519) throws {
        self.scheme = kind.scheme
        self.authority = CertificateAuthority(name: "test-ca", key: .generate())
        self.signers = try (0..<5).map { place in
            try kind.signer([UInt8](repeating: seed &+ UInt8(place) &* 16, count: 32))
        }
        self.genesis = try Genesis(
            chain: "test-chain",
            time: Self.start,
            committee: try Self.committee(epoch: 0, of: self.signers, [1, 2, 3, 4]),
            validators: try (1...4).map {
                Genesis.Validator(
                    id: ReplicaID($0),
                    name: try #require(PartyName("clinic-\($0):validator:v\($0)"))
                )
            },
            issuers: [TrustedIssuer(kind: .authority, issuer: self.authority.issuer)],
            governors: [try #require(PartyName("clinic-1:operator:o1"))],
            governorThreshold: 1,
            parameters: []
        )
    }

    static func committee(epoch: CommitteeEpoch, of signers: [TestSigner], _ ids: [UInt16]) throws -> Committee {
        try #require(
            Committee(epoch: epoch, members: ids.map { signers[Int($0) - 1].member(ReplicaID($0)) })
        )
    }

    /// The certificate of a quorum.
    func certify(_ header: BlockHeader, by ids: [UInt16] = [1, 2, 3], view: View = 0) -> QuorumCertificate {
        let message = self.genesis.context(of: header.channel).commitMessage(
            epoch: header.epoch,
            view: view,
            height: header.height,
            block: header.hash
        )
        return QuorumCertificate(
            version: self.scheme.certificateVersion,
            epoch: header.epoch,
            view: view,
            height: header.height,
            block: header.hash,
            signers: [ids.reduce(0) { $0 | 1 << UInt8($1 - 1) }],
            proof: self.scheme.combine(ids.map { self.signers[Int($0) - 1].signShare(message) })
        )
    }

    func party(_ name: String, from: UInt64 = start / 1_000 - 1_000, to: UInt64 = start / 1_000 + 1_000_000) throws
        -> TestParty
    {
        let key = P256KeyPair.generate()
        let fields = CertificateFields(
            issuer: "test-ca",
            serial: .random(in: 1...1 << 40),
            subject: name,
            notBefore: from,
            notAfter: to,
            usage: .sign,
            attributes: [],
            extensionBytes: []
        )
        let issued = try self.authority.issue(try CertificateRequest(key, subject: name), fields: fields)
        return TestParty(
            certificate: issued.certificate,
            key: try issued.keyPair(for: key, from: self.authority.issuer)
        )
    }

    func verifier() -> TransactionVerifier {
        TransactionVerifier(chain: Array(self.genesis.chain.utf8), issuers: self.genesis.issuers)
    }
}

struct TestParty {
    let certificate: ImplicitCertificate
    let key: P256KeyPair

    func transaction(
        _ method: String,
        nonce: UInt64,
        arguments: [UInt8] = [],
        validUntil: UInt64 = TestChain.start + 60_000,
        channel: Channel = .index
    ) throws -> Transaction {
        try Transaction(
            signing: TransactionBody(
                chain: Array("test-chain".utf8),
                channel: channel,
                signer: self.certificate.digest,
                nonce: nonce,
                validUntil: validUntil,
                contract: "counter",
                method: method,
                arguments: arguments
            ),
            certificate: self.certificate,
            key: self.key
        )
    }
}

/// `add` counts, `refuse` writes and then refuses, `committee` changes the membership, `spin` works without end.
struct CounterLogic: ContractLogic {
    static let key = StateKey.make("counter", "value")
    static let refused = RejectionCode(900, "refused")
    var next: Committee?

    func genesisState(of channel: Channel, _ genesis: Genesis) -> [StateChange] {
        var list = CanonicalWriter()
        list.u16(UInt16(genesis.issuers.count))
        var changes: [StateChange] = []
        for issuer in genesis.issuers {
            issuer.write(to: &list)
            var writer = CanonicalWriter()
            issuer.write(to: &writer)
            changes.append(StateChange(key: StateKey.issuer(issuer.kind, issuer.issuer.name), value: writer.bytes))
        }
        changes.append(StateChange(key: StateKey.issuers, value: list.bytes))
        return changes.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    }

    func execute(_ call: ContractCall) throws(ContractFailure) {
        switch call.transaction.body.method {
        case "add":
            let old = try call.value(of: Self.key)
            try call.set(Self.key, to: UInt64(old?.last ?? 0).advanced(by: 1).bigEndianBytes)
            try call.emit("counter.added", call.arguments)
        case "refuse":
            try call.set(Self.key, to: [0xff])
            throw .rejected(Self.refused, "as asked")
        case "committee":
            guard let next = self.next else { throw .rejected(.notAllowed, "no committee") }
            try call.changeCommittee(to: next)
        case "spin": while true { try call.charge(1_000) }
        default: throw .rejected(.unknownMethod, "no such method")
        }
    }
}

/// A channel that grows block by block in memory.
struct TestLedger {
    let chain: TestChain
    let executor: BlockExecutor
    var values = MemoryValues()
    var nodes = MemoryNodes()
    var header: BlockHeader
    var committee: Committee

    init(_ chain: TestChain, logic: CounterLogic = CounterLogic()) throws {
        self.chain = chain
        self.executor = BlockExecutor(chain: Array(chain.genesis.chain.utf8), channel: .index, logic: logic)
        let first = try self.executor.genesis(chain.genesis)
        self.header = first.block.header
        self.committee = chain.genesis.committee
        self.keep(first)
    }

    var parent: ParentState {
        ParentState(
            header: self.header,
            hash: self.header.hash,
            values: self.values,
            nodes: self.nodes,
            committee: self.committee
        )
    }

    mutating func keep(_ executed: ExecutedBlock) {
        for change in executed.changes { self.values.values[change.key] = change.value }
        self.nodes.apply(executed.update)
        self.header = executed.block.header
        if let next = executed.block.nextCommittee { self.committee = next }
    }

    func build(_ transactions: [Transaction], time: UInt64 = TestChain.start + 10) throws
        -> (block: ExecutedBlock?, refused: [(VerifiedTransaction, AdmissionFailure)])
    {
        let verifier = self.chain.verifier()
        return try self.executor.build(try transactions.map { try verifier.verify($0) }, on: self.parent, time: time)
    }
}
