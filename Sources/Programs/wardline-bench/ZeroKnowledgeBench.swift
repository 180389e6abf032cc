import ArgumentParser
import BLS12381
import CanonicalBytes
import ConstraintSystems
import FiniteFields
import Foundation
import Groth16

/// Times policy proofs step by step; a process has one step, so that its memory is that step's.
struct ZeroKnowledgeBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "zk",
        abstract: "Time key generation, proving and verification of Groth16 and print them as JSON.",
        discussion: """
            Circuits are policy, universal, and chain-N for a chain of squarings that fills a domain of 2^N rows. \
            Benchmarks/zk/run makes tables of it.
            """,
        subcommands: [KeyGenerationBench.self, ProvingBench.self, BlockBench.self, ProofCases.self]
    )
}

/// Key generation from a trapdoor.
struct KeyGenerationBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keygen",
        abstract: "Synthesize a circuit, generate its keys, and keep the proving key in a file."
    )

    @Argument(help: "policy, universal or chain-N.")
    var circuit: TimedCircuit

    @Option(help: "Where the proving key is written to.")
    var key: String

    @Option(help: "How often keys are generated.")
    var repeats = 3

    func run() throws {
        var report = ZeroKnowledgeReport(self.circuit)
        let scene = try report.measure("synthesize") { try self.circuit.scene() }
        var made: ProvingKey?
        for _ in 0..<max(self.repeats, 1) {
            made = nil
            made = try report.measure("keygen") { try ProvingKey(scene.system, .random()) }
        }
        report.notePeak("peak")
        guard let made else { return }
        report.figures["constraints"] = scene.system.constraints.count
        report.figures["variables"] = scene.system.variables
        report.figures["proving key"] = try made.encoded(.compressed).count
        report.figures["verification key"] = made.verificationKey.bytes.count
        let stored = try made.encoded(.uncompressed)
        report.figures["proving key uncompressed"] = stored.count
        try Data(stored).write(to: URL(filePath: self.key))
        try report.printed()
    }
}

/// Proving with a key from a file, and verifying what comes out.
struct ProvingBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove",
        abstract: "Prove with a key that keygen wrote, and verify the proofs."
    )

    @Argument(help: "policy, universal or chain-N.")
    var circuit: TimedCircuit

    @Option(help: "The file of the proving key.")
    var key: String

    @Option(help: "How many proofs are made.")
    var repeats = 5

    func run() throws {
        var report = ZeroKnowledgeReport(self.circuit)
        let scene = try self.circuit.scene()
        let prover = try report.measure("load") { try TimedProver(keyFile: self.key, scene) }
        var last: (proof: Proof, inputs: [[UInt8]])?
        for _ in 0..<max(self.repeats, 1) {
            let assignment = try report.measure("witness") { try prover.witness() }
            let proof = try report.measure("prove") { try prover.prover.prove(assignment) }
            last = (proof, prover.publicInputs(assignment))
        }
        report.notePeak("peak")
        guard let last else { return }
        let key = prover.prover.key.verificationKey
        let prepared = report.measure("prepare verification key") { PreparedVerificationKey(key) }
        for _ in 0..<4 * max(self.repeats, 1) {
            try report.measure("verify") { try prepared.verify(last.proof.bytes, inputs: last.inputs) }
            try report.measure("verify with a new key") {
                let fresh = PreparedVerificationKey(try VerificationKey(key.bytes))
                try fresh.verify(last.proof.bytes, inputs: last.inputs)
            }
        }
        report.figures["constraints"] = prover.prover.program.system.constraints.count
        report.figures["proof"] = last.proof.bytes.count
        try report.printed()
    }
}

/// The proofs of a block, one by one and together.
struct BlockBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "block",
        abstract: "Verify many different proofs of one circuit one by one and as a batch, in turn."
    )

    @Argument(help: "policy, universal or chain-N.")
    var circuit: TimedCircuit

    @Option(help: "The file of the proving key.")
    var key: String

    @Option(help: "Proofs of the block.")
    var proofs = 64

    @Option(help: "How often both ways have their turn.")
    var repeats = 5

    func run() throws {
        var report = ZeroKnowledgeReport(self.circuit)
        let prover = try TimedProver(keyFile: self.key, self.circuit.scene())
        let prepared = PreparedVerificationKey(prover.prover.key.verificationKey)
        let claims = try (0..<max(self.proofs, 1)).map { _ in
            let assignment = try prover.witness()
            let proof = try prover.prover.prove(assignment)
            return ProofClaim(key: prepared, inputs: prover.publicInputs(assignment), proof: proof.bytes)
        }
        for _ in 0..<max(self.repeats, 1) {
            try report.measure("one by one") {
                for claim in claims { try claim.key.verify(claim.proof, inputs: claim.inputs) }
            }
            let failures = report.measure("batch") { BatchVerification.failures(claims) }
            if let failure = failures.lazy.compactMap({ $0 }).first { throw failure }
        }
        report.figures["proofs"] = claims.count
        report.figures["processors"] = ProcessInfo.processInfo.activeProcessorCount
        try report.printed()
    }
}

/// Proofs for another implementation to verify.
struct ProofCases: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cases",
        abstract: "Write proofs of the policy circuit and the universal circuit as cases of groth16.verify."
    )

    @Argument(help: "The vector file to write.")
    var file: String

    func run() throws {
        let cases = try [TimedCircuit.policy, .universal].flatMap { try Self.cases($0) }
        let content: [String: Any] = ["suite": "interop", "set": "circuits", "version": 1, "cases": cases]
        try JSONSerialization.data(withJSONObject: content).write(to: URL(filePath: self.file))
    }

    /// Two valid proofs, and one with the other's statement.
    private static func cases(_ circuit: TimedCircuit) throws -> [[String: Any]] {
        let scene = try circuit.scene()
        let prover = try TimedProver(ProvingKey(scene.system, .random()), scene)
        let key = prover.prover.key.verificationKey.bytes.hex
        let proven = try (0..<2).map { _ in
            let assignment = try scene.witness()
            return (try prover.prover.prove(assignment).bytes.hex, prover.publicInputs(assignment).map(\.hex))
        }
        return [(0, 0), (1, 1), (0, 1)].map { proof, statement in
            let input: [String: Any] = ["vk": key, "proof": proven[proof].0, "public": proven[statement].1]
            var entry: [String: Any] = ["op": "groth16.verify", "in": input]
            entry["name"] = "\(circuit)-proof-\(proof)-statement-\(statement)"
            if proof == statement { entry["out"] = [String: Any]() } else { entry["error"] = "PROOF" }
            return entry
        }
    }
}

/// A prover and how its witnesses are found.
private struct TimedProver {
    let prover: Prover
    let witness: () throws -> [Fr]

    init(_ key: ProvingKey, _ scene: ProofScene) throws {
        self.prover = try Prover(key, scene.system)
        self.witness = scene.witness
    }

    /// Decodes a key of our own making as a prover does that has the digest of its key from a ceremony.
    init(keyFile: String, _ scene: ProofScene) throws {
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: keyFile)))
        try self.init(ProvingKey(bytes, .digest(ProvingKey.digest(bytes))), scene)
    }

    /// The public inputs of an assignment, 32 bytes each.
    func publicInputs(_ assignment: [Fr]) -> [[UInt8]] {
        assignment[1...self.prover.program.system.publicInputs].map(\.bytes)
    }
}
