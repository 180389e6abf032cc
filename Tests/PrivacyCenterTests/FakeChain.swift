import CanonicalBytes
import Certificates
import ChainReading
import Consensus
import Contracts
import Credentials
import Foundation
import Ledger
import Records
import Synchronization
import Uplink

import enum Ledger.Channel

/// Both channels as a quorum would prove them, and a center's account there; tests change what they hold.
final class FakeChain: ChainFacts, ChainWriting {
    private struct State {
        var values: [String: [UInt8]] = [:]
        var isDown = false
        var height: UInt64 = 7
        var code: UInt16 = 0
        var writesFail = false
        var deliveries: [RecordDelivery] = []
        var refusals: [RecordRefusal] = []
    }

    private let state = Mutex(State())
    /// Runs while a delivery is on its way to a block.
    let beforeDelivery = Mutex<(@Sendable () -> Void)?>(nil)
    private let center: Identity

    init(center: Identity) { self.center = center }

    // MARK: - Reading

    func fact(of key: [UInt8], on channel: Channel) async throws -> ChainFact {
        try self.state.withLock { state in
            guard !state.isDown else { throw ChainReadingError(.chainUnavailable, "nobody answers") }
            let header = Self.header(channel, height: state.height)
            return ChainFact(
                value: state.values["\(channel.name) \(key.hex)"],
                time: header.time,
                height: state.height,
                head: CertifiedHead(header: header, certificate: Self.certificate(header))
            )
        }
    }

    func set(_ value: [UInt8]?, at key: [UInt8], on channel: Channel) {
        self.state.withLock { $0.values["\(channel.name) \(key.hex)"] = value }
    }

    var isDown: Bool {
        get { self.state.withLock { $0.isDown } }
        set { self.state.withLock { $0.isDown = newValue } }
    }

    var height: UInt64 {
        get { self.state.withLock { $0.height } }
        set { self.state.withLock { $0.height = newValue } }
    }

    // MARK: - Writing

    /// What the contract answers; 0 is success.
    var code: UInt16 {
        get { self.state.withLock { $0.code } }
        set { self.state.withLock { $0.code = newValue } }
    }

    /// Whether no validator takes a transaction.
    var writesFail: Bool {
        get { self.state.withLock { $0.writesFail } }
        set { self.state.withLock { $0.writesFail = newValue } }
    }

    var deliveries: [RecordDelivery] { self.state.withLock { $0.deliveries } }
    var refusals: [RecordRefusal] { self.state.withLock { $0.refusals } }

    func submit(
        _ arguments: some MethodArguments,
        needless: Set<RejectionCode>
    ) async throws -> TransactionProof {
        if arguments is RecordDelivery { self.beforeDelivery.withLock { $0 }?() }
        let (code, height) = try self.state.withLock { state in
            guard !state.writesFail else { throw ChainSubmissionError.refused(.unreachable("nobody answers")) }
            if let delivery = arguments as? RecordDelivery, state.code == 0 { state.deliveries.append(delivery) }
            if let refusal = arguments as? RecordRefusal { state.refusals.append(refusal) }
            return (state.code, state.height)
        }
        let body = arguments.body(
            chain: Array("test-chain".utf8),
            channel: .index,
            signer: self.center.certificate.digest,
            nonce: 1,
            validUntil: .max
        )
        let transaction = try RequesterKey(self.center).sign(body)
        guard code == 0 else { throw ChainSubmissionError.rejected(code: code, transaction: transaction.id) }
        let receipt = TransactionReceipt(transaction: transaction.id, code: 0, cost: 1, events: [])
        let header = Self.header(.index, height: height)
        let block = LedgerBlock(header: header, transactions: [transaction], nextCommittee: nil)
        guard let proof = TransactionProof(0, of: block, receipts: [receipt], certificate: Self.certificate(header))
        else { throw ChainSubmissionError.open(transaction: transaction.id) }
        return proof
    }

    private static func header(_ channel: Channel, height: UInt64) -> BlockHeader {
        let zeros = [UInt8](repeating: 0, count: 32)
        return BlockHeader(
            chain: Array("test-chain".utf8),
            channel: channel,
            epoch: 0,
            height: height,
            parent: .zero,
            transactionRoot: zeros,
            receiptRoot: zeros,
            stateRoot: zeros,
            validatorsRoot: zeros,
            evidenceRoot: zeros,
            time: 1_000
        )
    }

    private static func certificate(_ header: BlockHeader) -> QuorumCertificate {
        QuorumCertificate(
            version: .ed25519MultiSignature,
            epoch: 0,
            view: 0,
            height: header.height,
            block: header.parent,
            signers: [0x0f],
            proof: []
        )
    }
}
