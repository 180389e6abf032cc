import BLS12381
import CanonicalBytes
import ConstraintSystems
import FiniteFields
import Groth16
import SetupCeremony

/// What verifiers, provers and members of a setup ceremony read.
enum ProofTargets {
    static let all: [Target] = [
        Target.canonical("verification-key", weight: 2, family: .proofs) { (bytes) throws(ProtocolFailure) in
            try VerificationKey(bytes).bytes
        },
        Target.canonical("policy-proof", weight: 2, family: .proofs) { (bytes) throws(ProtocolFailure) in
            try Proof(bytes).bytes
        },
        Target(name: "proving-key", weight: 1, family: .proofs) { _, payload, _ in Self.provingKey(payload) },
        Target.canonical("ceremony-transcript", weight: 2, family: .proofs) { (bytes) throws(ProtocolFailure) in
            try CeremonyTranscript(bytes).bytes
        },
        Target(name: "ceremony-contribution", weight: 1, family: .proofs) { _, payload, _ in
            Self.contribution(payload)
        },
    ]

    private static func provingKey(_ payload: [UInt8]) -> Verdict {
        do throws(ProtocolFailure) {
            let key = try ProvingKey(payload, .pointChecks)
            let compressed = try key.encoded(.compressed)
            let uncompressed = try key.encoded(.uncompressed)
            let isSame = payload == compressed || payload == uncompressed
            return isSame ? .accepted : .broken("the key has two encodings")
        } catch { return error.detail.isEmpty ? .broken("a failure without words") : .refused(error.code.rawValue) }
    }

    private static func contribution(_ payload: [UInt8]) -> Verdict {
        guard var phase = ProofSeeds.phase else { return .broken("no ceremony") }
        do throws(CeremonyFault) {
            try phase.accept(payload)
            return .broken("a contribution that nobody has made")
        } catch {
            return error.failure.detail.isEmpty
                ? .broken("a failure without words") : .refused(error.failure.code.rawValue)
        }
    }
}

/// Keys of a small circuit under secrets that everybody knows, and contributions of the right form that prove nothing;
/// every run has the same ones.
enum ProofSeeds {
    static let all: [[UInt8]] = Self.keys + Self.proof + [Self.contribution] + Self.transcript

    static let phase: PowersPhase? = Self.start.map { PowersPhase($0) }

    private static let start = try? CeremonyStart(label: "north-south", logarithm: 2)

    private static let keys: [[UInt8]] = {
        var builder = CircuitBuilder()
        let square = builder.publicInput()
        let root = builder.input()
        builder.enforce(root, times: root, equals: square)
        let system = builder.circuit().system
        guard
            let trapdoor = try? Trapdoor(tau: Fr(11), alpha: Fr(12), beta: Fr(13), gamma: Fr(14), delta: Fr(15)),
            let key = try? ProvingKey(system, trapdoor)
        else { return [] }
        return [key.verificationKey.bytes] + [PointForm.compressed, .uncompressed].compactMap { try? key.encoded($0) }
    }()

    private static let proof: [[UInt8]] =
        (try? Proof(a: .generator, b: .generator, c: .generator)).map { [$0.bytes] } ?? []

    private static let contribution: [UInt8] = {
        let g1 = (try? G1Point.generator.encoded()) ?? []
        let g2 = (try? (G2Point.generator + .generator).encoded()) ?? []
        var writer = CanonicalWriter()
        writer.magic("WLC1")
        writer.raw(Self.start?.digest ?? [])
        writer.u32(0)
        writer.u8(0)
        writer.lengthPrefixed("north")
        writer.u8(0)
        for _ in 0..<3 { writer.raw(g2 + g1) }
        for _ in 0..<6 + 4 + 4 { writer.raw(g1) }
        for _ in 0..<3 + 1 { writer.raw(g2) }
        return writer.bytes
    }()

    private static let transcript: [[UInt8]] =
        Self.start.map {
            [CeremonyTranscript(start: $0, powers: [Self.contribution], circuit: [[1, 2, 3]]).bytes]
        } ?? []
}
