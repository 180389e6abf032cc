import CanonicalBytes
import Certificates
import Consensus
import Contracts
import Credentials
import FiniteFields
import Foundation
import Ledger
import StateTree
import Testing

@testable import Authority

/// The access channel with the real contracts, one block for each call, without validators.
actor TestTree: CredentialChain {
    /// What goes wrong with the next call.
    enum Accident { case lostBefore, lostAfter, late }

    private let directory: String
    private let executor: BlockExecutor
    private let chain = Array("test".utf8)
    private let committee: Committee
    private let issuers: [TrustedIssuer]
    private var values = TestState()
    private var nodes = MemoryNodes()
    private var header: BlockHeader
    private var nonce: UInt64 = 0
    private var accident: Accident?
    private var late: Transaction?
    /// Methods with the numbers of their leaves, for those that took effect.
    private(set) var calls: [String] = []

    init(_ site: TestSite, at now: UInt64 = TestSite.start) throws {
        self.directory = site.authority.identityDirectory
        self.issuers = [TrustedIssuer(kind: .authority, issuer: site.authority.issuer)]
        let signers = try (1...4).map {
            try #require(
                Ed25519Signer(
                    votingSeed: [UInt8](repeating: $0, count: 32),
                    shareSeed: [UInt8](repeating: $0 + 9, count: 32)
                )
            )
        }
        let members = signers.enumerated().map { $1.member(ReplicaID(UInt16($0 + 1))) }
        self.committee = try #require(Committee(epoch: 0, members: members))
        let genesis = try Genesis(
            chain: "test",
            time: now * 1_000,
            committee: self.committee,
            validators: members.map { member in
                Genesis.Validator(id: member.id, name: try #require(PartyName("clinic:validator:v\(member.id.number)")))
            },
            issuers: self.issuers,
            governors: [try site.party(.operator)],
            governorThreshold: 1,
            parameters: []
        )
        self.executor = BlockExecutor(
            chain: self.chain,
            channel: .access,
            logic: ConsortiumContracts(scheme: Ed25519Scheme())
        )
        let first = try self.executor.genesis(genesis)
        self.header = first.block.header
        for change in first.changes { self.values.values[change.key] = change.value }
        self.nodes.apply(first.update)
    }

    func fail(_ accident: Accident) { self.accident = accident }

    func entry(of leaf: [UInt8]) throws -> CertifiedLeaf? {
        try self.values.values[ZeroKnowledgeKey.credential(leaf)].map { try CertifiedLeaf(bytes: $0) }
    }

    var leafCount: UInt32 {
        self.values.values[ZeroKnowledgeKey.leafCount].map { $0.reduce(0) { $0 << 8 | UInt32($1) } } ?? 0
    }

    /// Leaf nodes of the tree other than zero.
    func node(_ place: UInt32) -> [UInt8]? { self.values.values[ZeroKnowledgeKey.node(0, place)] }

    func call(_ arguments: some MethodArguments) throws -> CallOutcome {
        let identity = try Identity.load(directory: self.directory)
        self.nonce += 1
        let body = arguments.body(
            chain: self.chain,
            channel: .access,
            signer: identity.certificate.digest,
            nonce: self.nonce,
            validUntil: self.header.time + 60_000
        )
        let transaction = try Transaction(signing: body, certificate: identity.certificate, key: identity.key)
        defer { self.accident = nil }
        switch self.accident {
        case .lostBefore: throw NetworkIsGone()
        case .late:
            self.late = transaction
            return .open
        case .lostAfter:
            _ = try self.commit(transaction)
            throw NetworkIsGone()
        case nil:
            let receipt = try self.commit(transaction)
            return receipt.code == 0 ? .done(receipt.events) : .rejected(receipt.code)
        }
    }

    /// Lets the call of an open outcome take effect.
    func arrive() throws {
        guard let late = self.late else { return }
        self.late = nil
        _ = try self.commit(late)
    }

    private func commit(_ transaction: Transaction) throws -> TransactionReceipt {
        let verifier = TransactionVerifier(chain: self.chain, issuers: self.issuers)
        let parent = ParentState(
            header: self.header,
            hash: self.header.hash,
            values: self.values,
            nodes: self.nodes,
            committee: self.committee
        )
        let (block, refused) = try self.executor.build(
            [verifier.verify(transaction)],
            on: parent,
            time: self.header.time + 1_000
        )
        let executed = try #require(block, "refused: \(refused.map(\.1.code))")
        for change in executed.changes { self.values.values[change.key] = change.value }
        self.nodes.apply(executed.update)
        self.header = executed.block.header
        let receipt = executed.receipts[0]
        if receipt.code == 0 { self.calls.append(try Self.text(transaction.body)) }
        return receipt
    }

    private static func text(_ body: TransactionBody) throws -> String {
        guard body.method == RevokeCredentials.method else {
            return "add \(try AddCredentials(bytes: body.arguments).leaves.count)"
        }
        let call = try RevokeCredentials(bytes: body.arguments)
        return "revoke \(call.leaves.count) for \(call.reason)"
    }
}

/// The network went away.
struct NetworkIsGone: Error {}

struct TestState: StateReader {
    var values: [[UInt8]: [UInt8]] = [:]

    func value(of key: [UInt8]) throws(ProtocolFailure) -> [UInt8]? { self.values[key] }
}
