import Attesting
import CanonicalBytes
import EVMProofs
import IBTP
import Ledger
import PathProofs
import ThresholdSignatures
import Validator

/// What gateways ask verification nodes to sign, and who says to be one: read before anything is known of the asker.
enum QuestionTargets {
    static let all: [Target] = [
        Target.marked(
            "hop-questions",
            weight: 10,
            family: .questions,
            [
                ("WLHQ", Self.hop), ("WLHE", Self.evmHop), ("WLES", Self.statement),
                ("WLND", { (bytes) throws(ProtocolFailure) in try NodeCard(bytes: bytes).bytes }),
                ("WLVM", { (bytes) throws(ProtocolFailure) in try MemberDescription(bytes: bytes).bytes }),
            ]
        )
    ]

    private static let hop: MarkedDecoders.Read = { (bytes) throws(ProtocolFailure) in
        let question = try HopQuestion(bytes: bytes)
        // The same about its own path is the same question.
        return try question.about(question.path).bytes
    }

    private static let evmHop: MarkedDecoders.Read = { (bytes) throws(ProtocolFailure) in
        let question = try EVMHopQuestion(bytes: bytes)
        // The rules refuse a later hop than the first one; it is read nonetheless.
        return question.previous.isEmpty ? try question.about(question.path).bytes : question.bytes
    }

    private static let statement: MarkedDecoders.Read = { (bytes) throws(ProtocolFailure) in
        let read = try EVMStatementQuestion(bytes: bytes)
        return EVMStatementQuestion(epoch: read.epoch, proof: read.proof, path: read.path, request: read.request).bytes
    }
}

/// Questions about paths whose hops are signed, and the cards of those who are asked.
enum QuestionSeeds {
    static let all: [[UInt8]] = Self.hops + Self.evmHops + Self.statements + Self.cards

    private static let path = PathSeeds.proofs.first

    /// About the first, second and third hop: as the gateway asks for it, its certificate empty.
    private static let hops: [[UInt8]] = {
        guard let path = Self.path else { return [] }
        return (1...3).flatMap { count -> [[UInt8]] in
            let hops = Array(path.hops.prefix(count))
            guard let last = hops.last else { return [] }
            return LedgerSeeds.speaking.proofs.prefix(2).compactMap { proof -> [UInt8]? in
                let previous = Array(hops.dropLast())
                let question = try? HopQuestion(
                    message: path.message,
                    previous: previous,
                    record: last.record,
                    proof: proof
                )
                return question?.bytes
            }
        }
    }()

    private static let evmHops: [[UInt8]] = {
        guard let path = Self.path, let record = path.hops.first?.record else { return [] }
        return (InterchainSeeds.block?.proofs ?? []).prefix(2).compactMap { bytes -> [UInt8]? in
            guard let proof = try? EVMInclusionProof(bytes: bytes) else { return nil }
            return (try? EVMHopQuestion(message: path.message, record: record, proof: proof))?.bytes
        }
    }()

    /// With and without a path, with and without a request.
    private static let statements: [[UInt8]] = LedgerSeeds.speaking.proofs.prefix(1).flatMap { proof -> [[UInt8]] in
        let requests = [InterchainSeeds.block?.messages.first, nil]
        return [Self.path, nil].flatMap { path in
            requests.map { EVMStatementQuestion(epoch: 7, proof: proof, path: path, request: $0).bytes }
        }
    }

    private static let cards: [[UInt8]] = [
        NodeCard(chain: "north", node: "node-0", key: PathSeeds.lists.first?.nodes.first?.keys.signature.encoded ?? [])
            .bytes,
        Self.member,
    ]

    /// Of a validator; zeros stand for its signature.
    private static let member: [UInt8] = {
        var writer = CanonicalWriter()
        writer.magic("WLVM")
        writer.lengthPrefixed("north:validator:v1")
        writer.u16(1)
        writer.lengthPrefixed([UInt8](repeating: 1, count: 32))
        writer.lengthPrefixed([UInt8](repeating: 2, count: 48))
        writer.raw(LedgerSeeds.zeros)
        return writer.bytes
    }()
}
