import CanonicalBytes
import Consensus

/// Everything that a validator reads from peers, from its log and out of blocks, and the replica behind it.
enum ConsensusTargets {
    static let all: [Target] = [
        Self.canonical("consensus-message", weight: 12) { (bytes) throws(ProtocolFailure) in
            try Message(bytes: bytes, blocks: FuzzReader()).bytes
        },
        Self.canonical("log-record", weight: 6) { (bytes) throws(ProtocolFailure) in
            try LogRecord(bytes: bytes, blocks: FuzzReader()).bytes
        },
        Self.canonical("evidence", weight: 6) { (bytes) throws(ProtocolFailure) in try Evidence(bytes: bytes).bytes },
        Self.canonical("committee", weight: 4) { (bytes) throws(ProtocolFailure) in try Committee(bytes: bytes).bytes },
        Self.canonical("committee-history", weight: 4) { (bytes) throws(ProtocolFailure) in
            try CommitteeHistory(bytes: bytes).bytes
        },
        Self.canonical("quorum-certificate", weight: 4) { (bytes) throws(ProtocolFailure) in
            var reader = CanonicalReader(bytes)
            let certificate = try QuorumCertificate(from: &reader)
            try reader.finish()
            return ConsensusSeeds.bytes(certificate)
        },
        Target(name: "replica-input", weight: 4, family: .consensus) { _, payload, random in
            guard var exercise = ReplicaExercise(random) else { return .broken("no committee") }
            return exercise.run(payload)
        },
    ]

    private static func canonical(
        _ name: String,
        weight: Int,
        _ read: @escaping @Sendable ([UInt8]) throws(ProtocolFailure) -> [UInt8]
    ) -> Target {
        Target.canonical(name, weight: weight, family: .consensus, read)
    }
}
