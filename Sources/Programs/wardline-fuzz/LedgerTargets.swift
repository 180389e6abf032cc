import CanonicalBytes
import Consensus
import Ledger
import StateTree

/// What travels between clients and validators, lies in blocks or is handed to light clients.
enum LedgerTargets {
    static let all: [Target] = [
        Self.canonical("transaction") { (bytes) throws(ProtocolFailure) in
            let transaction = try Transaction(bytes: bytes)
            return Transaction(transaction.body, authorization: transaction.authorization).bytes
        },
        Self.canonical("transaction-body") { (bytes) throws(ProtocolFailure) in
            try TransactionBody(bytes: bytes).bytes
        },
        Self.canonical("block") { (bytes) throws(ProtocolFailure) in try LedgerBlock(bytes: bytes).bytes },
        Self.canonical("block-header") { (bytes) throws(ProtocolFailure) in try BlockHeader(bytes: bytes).bytes },
        Self.canonical("transaction-receipt") { (bytes) throws(ProtocolFailure) in
            try TransactionReceipt(bytes: bytes).bytes
        },
        Self.canonical("transaction-proof") { (bytes) throws(ProtocolFailure) in
            let proof = try TransactionProof(bytes: bytes)
            _ = try? proof.verify(by: LedgerSeeds.view)
            return proof.bytes
        },
        Self.canonical("value-proof") { (bytes) throws(ProtocolFailure) in
            let proof = try ValueProof(bytes: bytes)
            _ = try? proof.verify(by: LedgerSeeds.view)
            return proof.bytes
        },
        Self.canonical("outbound-proof") { (bytes) throws(ProtocolFailure) in
            let proof = try OutboundProof(bytes: bytes)
            _ = try? proof.verify(by: LedgerSeeds.view)
            // What leads to the root is a leaf that the block has, under whatever header.
            let isPlaced = (try? proof.verifyPlace()) != nil
            let isKnown = LedgerSeeds.said.contains(proof.leaf) || proof.header != LedgerSeeds.speaking.header
            return !isPlaced || isKnown ? proof.bytes : []
        },
        Self.canonical("state-proof") { (bytes) throws(ProtocolFailure) in
            let proof = try StateProof(bytes: bytes)
            _ = proof.proves(nil, of: bytes, under: BlockHeader.noRoot)
            _ = proof.proves(bytes, of: bytes, under: BlockHeader.noRoot)
            return proof.bytes
        },
        Self.canonical("handover") { (bytes) throws(ProtocolFailure) in
            var reader = CanonicalReader(bytes)
            let handover = try Handover(from: &reader)
            try reader.finish()
            var view = LedgerSeeds.view
            try? view.follow(handover.header, handover.certificate, next: handover.next)
            return handover.bytes
        },
        Self.canonical("genesis") { (bytes) throws(ProtocolFailure) in try Genesis(bytes: bytes).bytes },
        Self.canonical("trusted-issuer") { (bytes) throws(ProtocolFailure) in
            var reader = CanonicalReader(bytes)
            let issuer = try TrustedIssuer(from: &reader)
            try reader.finish()
            var writer = CanonicalWriter()
            issuer.write(to: &writer)
            return writer.bytes
        },
        Self.canonical("nonce-window") { (bytes) throws(ProtocolFailure) in
            var window = try NonceWindow(bytes: bytes)
            let read = window.bytes
            for nonce in [0, 1, UInt64.max] { _ = window.use(nonce) }
            return read
        },
    ]

    private static func canonical(
        _ name: String,
        _ read: @escaping @Sendable ([UInt8]) throws(ProtocolFailure) -> [UInt8]
    ) -> Target {
        Target.canonical(name, weight: 4, family: .ledger, read)
    }
}

extension Target {
    /// A decoder of objects with one encoding each: what it accepts must be just that, since it is hashed and signed.
    static func canonical(
        _ name: String,
        weight: Int,
        family: SeedFamily,
        _ read: @escaping @Sendable ([UInt8]) throws(ProtocolFailure) -> [UInt8]
    ) -> Target {
        Target(name: name, weight: weight, family: family) { _, payload, _ in
            do throws(ProtocolFailure) {
                return try read(payload) == payload ? .accepted : .broken("accepted another encoding")
            } catch {
                return error.detail.isEmpty ? .broken("a failure without words") : .refused(error.code.rawValue)
            }
        }
    }
}
