import CanonicalBytes
import Certificates
import Consensus
import ConsensusSimulation
import Contracts
import Ledger
import P256Group
import StateTree

/// A small chain with fixed keys, and one of everything that the ledger encodes.
///
/// Signatures of clients are zeros, since no reader looks at them: every run has the same seeds.
enum LedgerSeeds {
    static let all: [[UInt8]] = (try? Self.make()) ?? []

    static let chain = Array("fuzz".utf8)
    static let time: UInt64 = 1_795_000_000_000
    static let zeros = [UInt8](repeating: 0, count: 64)

    static func digest(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }

    /// What a light client of the chain knows.
    static let view = CommitteeView(
        chain: Self.chain,
        channel: .index,
        committees: CommitteeHistory(genesis: Self.consortium.committee),
        scheme: FuzzConsortium.keys.scheme
    )

    /// Signs for the channel of ``view``.
    static let consortium: FuzzConsortium = {
        guard let consortium = FuzzConsortium(FuzzConsortium.elsewhere) else { preconditionFailure("lawful sizes") }
        return consortium
    }()

    static let issuer = TrustedIssuer(
        kind: .authority,
        issuer: CertificateIssuer(name: "north-ca", publicKey: .generator)
    )

    static let transactions: [Transaction] = {
        func body(_ nonce: UInt64) -> TransactionBody {
            TransactionBody(
                chain: Self.chain,
                channel: .index,
                signer: nonce == 0 ? Self.digest(0) : Self.digest(1),
                nonce: nonce,
                validUntil: Self.time + 1,
                contract: "index",
                method: "anchor",
                arguments: [1, 2, 3]
            )
        }
        return [
            Transaction(body(1), authorization: .identity(certificate: [7, 7, 7], signature: Self.zeros)),
            Transaction(body(2), authorization: .pseudonym([8, 8])),
            Transaction(body(0), authorization: .none),
        ]
    }()

    static let receipts: [TransactionReceipt] = Self.transactions.enumerated().map { place, transaction in
        TransactionReceipt(
            transaction: transaction.id,
            code: UInt16(place),
            cost: 100,
            events: place == 0 ? [ContractEvent(topic: "index.anchored", data: [1, 2])] : []
        )
    }

    /// A block of all transactions, which names another committee if asked to.
    static func block(stateRoot: [UInt8], next: Committee? = nil) -> LedgerBlock {
        let header = BlockHeader(
            chain: Self.chain,
            channel: .index,
            epoch: 0,
            height: 5,
            parent: FuzzConsortium.genesis,
            transactionRoot: BlockTrees.root(Self.transactions.map(\.id)),
            receiptRoot: BlockTrees.root(Self.receipts.map(\.bytes)),
            stateRoot: stateRoot,
            validatorsRoot: CommitteeDigest.of(next ?? Self.consortium.committee),
            evidenceRoot: BlockHeader.noRoot,
            time: Self.time
        )
        return LedgerBlock(header: header, transactions: Self.transactions, nextCommittee: next)
    }

    static func certify(_ header: BlockHeader) -> QuorumCertificate {
        let slot = Slot(epoch: 0, view: 3, height: header.height, block: header.hash, parent: header.parent)
        return Self.consortium.certificate(slot, by: [0, 1, 3])
    }

    /// What the block ``speaking`` says to other chains.
    static let said: [[UInt8]] = [[1], [2, 2], [3, 3, 3], [4], [5]]

    /// A block that says something in both trees, and the proofs of it.
    static let speaking: (header: BlockHeader, proofs: [OutboundProof]) = {
        let receipts = [
            TransactionReceipt(
                transaction: Self.transactions[0].id,
                code: 0,
                cost: 100,
                events: Self.said.map { ContractEvent(topic: OutboundTree.out.topic, data: $0) }
                    + [ContractEvent(topic: OutboundTree.timeout.topic, data: Self.said[0])]
            )
        ]
        let header = BlockHeader(
            chain: Self.chain,
            channel: .index,
            epoch: 0,
            height: 5,
            parent: FuzzConsortium.genesis,
            transactionRoot: BlockTrees.root([Self.transactions[0].id]),
            receiptRoot: BlockTrees.root(receipts.map(\.bytes)),
            stateRoot: Self.digest(4),
            validatorsRoot: CommitteeDigest.of(Self.consortium.committee),
            crossChainOutRoot: OutboundTree.out.root(of: receipts),
            crossChainTimeoutRoot: OutboundTree.timeout.root(of: receipts),
            evidenceRoot: BlockHeader.noRoot,
            time: Self.time
        )
        let certificate = Self.certify(header)
        let places = [(0, OutboundTree.out), (2, .out), (4, .out), (0, .timeout)]
        let proofs = places.compactMap { index, tree in
            OutboundProof(index, of: tree, header: header, receipts: receipts, certificate: certificate)
        }
        return (header, proofs)
    }()

    /// Proofs of a transaction, of a value and of the absence of one.
    static func proofs() throws(ProtocolFailure) -> (transaction: TransactionProof?, values: [ValueProof]) {
        var nodes = MemoryNodes()
        let entries = (1...20 as ClosedRange<UInt8>).map { ([$0], [$0, $0] as [UInt8]?) }
        let update = try StateTree.update(nodes, entries)
        nodes.apply(update)
        let block = Self.block(stateRoot: update.root)
        let certificate = Self.certify(block.header)
        var values: [ValueProof] = []
        for key: UInt8 in [3, 99] {
            values.append(
                ValueProof(
                    header: block.header,
                    certificate: certificate,
                    key: [key],
                    value: key == 3 ? [3, 3] : nil,
                    path: try StateTree.prove([key], in: nodes)
                )
            )
        }
        return (TransactionProof(1, of: block, receipts: Self.receipts, certificate: certificate), values)
    }

    private static func make() throws(ProtocolFailure) -> [[UInt8]] {
        let plain = Self.block(stateRoot: Self.digest(4))
        let change = Self.block(stateRoot: Self.digest(5), next: Self.consortium.successor)
        let (proof, values) = try Self.proofs()
        let handover = Handover(
            header: change.header,
            certificate: Self.certify(change.header),
            next: Self.consortium.successor
        )
        var writer = CanonicalWriter()
        Self.issuer.write(to: &writer)
        var window = try NonceWindow(bytes: nil)
        for nonce: UInt64 in [3, 9, 27] { _ = window.use(nonce) }
        return Self.transactions.map(\.bytes) + Self.transactions.map(\.body.bytes) + Self.receipts.map(\.bytes)
            + [plain.bytes, change.bytes, plain.header.bytes] + values.map(\.bytes)
            + values.compactMap { Self.path(in: $0.bytes) } + Self.speaking.proofs.map(\.bytes)
            + [proof?.bytes ?? [], handover.bytes, try Self.genesis().bytes, writer.bytes, window.bytes]
    }

    /// A genesis of four validators with real keys, whose seeds everybody knows.
    static func genesis(_ issuers: [TrustedIssuer] = [Self.issuer]) throws(ProtocolFailure) -> Genesis {
        let members = (1...4 as ClosedRange<UInt8>).compactMap { number in
            Ed25519Signer(votingSeed: Self.digest(number), shareSeed: Self.digest(number + 100))?
                .member(ReplicaID(UInt16(number)))
        }
        guard let committee = Committee(epoch: 0, members: members) else {
            throw ProtocolFailure(.format, "no committee")
        }
        var validators: [Genesis.Validator] = []
        for number: UInt16 in 1...4 {
            guard let name = PartyName("org\(number):validator:v\(number)") else { continue }
            validators.append(Genesis.Validator(id: ReplicaID(number), name: name))
        }
        return try Genesis(
            chain: "fuzz",
            time: Self.time,
            committee: committee,
            validators: validators,
            issuers: issuers,
            governors: ["north:operator:g1", "south:operator:g2"].compactMap { PartyName($0) },
            governorThreshold: 2,
            parameters: [("block.transactions_max", 100)]
        )
    }

    /// The state proof that a value proof ends with.
    private static func path(in proof: [UInt8]) -> [UInt8]? {
        let mark = Array("WSP1".utf8)
        return proof.indices.last { proof[$0...].starts(with: mark) }.map { Array(proof[$0...]) }
    }
}
