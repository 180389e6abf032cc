import CanonicalBytes
import Certificates
import ChainReading
import Consensus
import Contracts
import Credentials
import Foundation
import Ledger
import StateTree
import Synchronization
import Testing
import Uplink

import enum Ledger.Channel

@testable import Pseudonymity

/// The access channel as a quorum would prove it: orders with their answers, and revocation lists.
final class TestChain: ChainFacts {
    private struct State {
        var values: [[UInt8]: [UInt8]] = [:]
        var isDown = false
        var lists: [RevocationList] = []
        var answers = 0
    }

    private let state = Mutex(State())
    private let listed = AsyncStream<RevocationList>.makeStream()
    let genesis: Genesis
    private let signers: [Ed25519Signer]

    init(issuers: [TrustedIssuer], epochSeconds: UInt64?) throws {
        let signers = try (1...4).map { number in
            let seed = [UInt8](repeating: UInt8(number), count: 32)
            return try #require(Ed25519Signer(votingSeed: seed, shareSeed: seed.map { $0 ^ 0xff }))
        }
        let members = signers.enumerated().map { $1.member(ReplicaID(UInt16($0 + 1))) }
        self.signers = signers
        self.genesis = try Genesis(
            chain: "test-chain",
            time: 1,
            committee: try #require(Committee(epoch: 0, members: members)),
            validators: try members.map {
                .init(id: $0.id, name: try #require(PartyName("clinic:validator:v\($0.id.number)")))
            },
            issuers: issuers,
            governors: [try #require(PartyName("clinic:operator:governor"))],
            governorThreshold: 1,
            parameters: epochSeconds.map { [("epoch.seconds", $0)] } ?? []
        )
    }

    // MARK: - Reading

    func fact(of key: [UInt8], on channel: Channel) async throws -> ChainFact {
        try self.state.withLock { state in
            guard !state.isDown else { throw ChainReadingError(.chainUnavailable, "nobody answers") }
            return ChainFact(value: state.values[key], time: 1, height: 7)
        }
    }

    var isDown: Bool {
        get { self.state.withLock { $0.isDown } }
        set { self.state.withLock { $0.isDown = newValue } }
    }

    /// Answers that came to the chain, repeated ones too.
    var answerCount: Int { self.state.withLock { $0.answers } }

    /// The next revocation list that comes to the chain; waits for it.
    func nextList() async -> RevocationList? { await self.listed.stream.first { _ in true } }

    func order(_ id: [UInt8]) throws -> TraceOrder? {
        try self.state.withLock { $0.values[AccessKey.trace(id)] }.map { try TraceOrder(bytes: $0) }
    }

    // MARK: - Writing

    func put(_ order: OrderTrace, by authority: PartyName) {
        let bytes = Self.bytes(order, by: authority, answers: [])
        self.state.withLock { $0.values[AccessKey.trace(order.order)] = bytes }
    }

    /// Calls a method in the name of a party, as the contracts would.
    fileprivate func call(_ arguments: some MethodArguments, by party: PartyName) throws {
        if let revoke = arguments as? Revoke {
            self.state.withLock { $0.lists.append(revoke.list) }
            self.listed.continuation.yield(revoke.list)
        }
        guard let answer = arguments as? AnswerTrace else { return }
        try self.state.withLock { state in
            guard !state.isDown else { throw ChainSubmissionError.refused(.unreachable("nobody answers")) }
            state.answers += 1
            let key = AccessKey.trace(answer.order)
            let bytes = try #require(state.values[key])
            let order = try TraceOrder(bytes: bytes)
            guard !order.answers.contains(where: { $0.party == party }) else {
                throw ChainSubmissionError.rejected(code: 325, transaction: [])
            }
            let answers = order.answers.map { ($0.party, $0.evidence) } + [(party, answer.evidence)]
            state.values[key] = Self.bytes(order.arguments, by: order.authority, answers: answers)
        }
    }

    private static func bytes(
        _ order: OrderTrace,
        by authority: PartyName,
        answers: [(PartyName, [UInt8])]
    ) -> [UInt8] {
        var writer = CanonicalWriter()
        writer.lengthPrefixed(authority.description)
        writer.u64(5)
        writer.lengthPrefixed(order.bytes)
        writer.u16(UInt16(answers.count))
        for (party, evidence) in answers {
            writer.lengthPrefixed(party.description)
            writer.raw(evidence)
            writer.u64(6)
        }
        return writer.bytes
    }

    // MARK: - Proofs

    /// That a block holds everything as it is now, certified by three of four validators.
    func proof(of key: [UInt8]) throws -> ValueProof {
        let values = self.state.withLock { $0.values }
        var nodes = MemoryNodes()
        let update = try StateTree.update(nodes, values.map { (key: $0.key, value: $0.value) })
        nodes.apply(update)
        let header = BlockHeader(
            chain: Array(self.genesis.chain.utf8),
            channel: .access,
            epoch: 0,
            height: 9,
            parent: .zero,
            transactionRoot: [UInt8](repeating: 0, count: 32),
            receiptRoot: [UInt8](repeating: 0, count: 32),
            stateRoot: update.root,
            validatorsRoot: CommitteeDigest.of(self.genesis.committee),
            evidenceRoot: [UInt8](repeating: 0, count: 32),
            time: 9
        )
        let message = self.genesis.context(of: .access)
            .commitMessage(epoch: 0, view: 3, height: header.height, block: header.hash)
        let certificate = QuorumCertificate(
            version: .ed25519MultiSignature,
            epoch: 0,
            view: 3,
            height: header.height,
            block: header.hash,
            signers: [0b111],
            proof: self.signers.prefix(3).flatMap { $0.signShare(message) }
        )
        return ValueProof(
            header: header,
            certificate: certificate,
            key: key,
            value: values[key],
            path: try StateTree.prove(key, in: nodes)
        )
    }

    var view: CommitteeView { CommitteeView(genesis: self.genesis, channel: .access, scheme: Ed25519Scheme()) }
}

/// A party's account on the test's chain.
struct TestAccount: ChainWriting {
    let chain: TestChain
    let party: PartyName

    private struct NoProof: Error {}

    func submit(_ arguments: some MethodArguments, needless: Set<RejectionCode>) async throws -> TransactionProof {
        try self.chain.call(arguments, by: self.party)
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
