import AccessPolicies
import ArgumentParser
import CanonicalBytes
import ConstraintSystems
import FiniteFields
import Groth16
import PolicyProofs
import SecretSharing
import Transcripts

/// Circuits that are timed; `chain-12` is a chain for a domain of 2^12 rows.
enum TimedCircuit: ExpressibleByArgument, CustomStringConvertible {
    /// The circuit of one policy.
    case policy
    /// The universal circuit, with the same policy as its input.
    case universal
    /// Squarings of a random element, so that every wire is a full-size element in A, B and C: a prover's worst case.
    case chain(logarithm: Int)

    static let policyText = "(role:cardiologist and (site:hospB or 2 of (study:x, level > 4, country:CN)))"

    init?(argument: String) {
        switch argument {
        case "policy": self = .policy
        case "universal": self = .universal
        default:
            guard argument.hasPrefix("chain-"), let logarithm = Int(argument.dropFirst(6)),
                (4...20).contains(logarithm)
            else { return nil }
            self = .chain(logarithm: logarithm)
        }
    }

    var description: String {
        switch self {
        case .policy: "policy"
        case .universal: "universal"
        case .chain(let logarithm): "chain-\(logarithm)"
        }
    }

    /// The synthesized circuit, ready to be proven for fresh random secrets.
    func scene() throws -> ProofScene {
        switch self {
        case .policy:
            let circuit = try PolicyCircuit(AccessPolicy(Self.policyText))
            return ProofScene(circuit: circuit.circuit) {
                let claim = try CredentialClaim(policy: circuit.policy.publicInput)
                return try circuit.witness(claim.statement, claim.credential, claim.path)
            }
        case .universal:
            let circuit = UniversalPolicyCircuit.standard
            let table = try PolicyTable(AccessPolicy(Self.policyText))
            return ProofScene(circuit: circuit.circuit) {
                let claim = try CredentialClaim(policy: table.commitment)
                return try circuit.witness(claim.statement, table, claim.credential, claim.path)
            }
        case .chain(let logarithm): return ProofScene.chain(constraints: (1 << logarithm) - 7)
        }
    }
}

/// A circuit, and how an honest prover finds a witness.
struct ProofScene {
    let circuit: Circuit
    let witness: () throws -> [Fr]

    var system: ConstraintSystem { self.circuit.system }

    static func chain(constraints: Int) -> ProofScene {
        var builder = CircuitBuilder()
        let last = builder.publicInput()
        var value = builder.input()
        for _ in 1..<constraints { value = builder.product(value, value) }
        builder.enforceEqual(value, last)
        let circuit = builder.circuit()
        return ProofScene(circuit: circuit) {
            let first = Fr.random()
            let last = (1..<constraints).reduce(first) { value, _ in value.squared() }
            return try circuit.witness([last, first])
        }
    }
}

/// A credential in a tree, and a request that its holder makes.
private struct CredentialClaim {
    let statement: PolicyStatement
    let credential: Credential
    let path: CredentialPath

    init(policy: Fr) throws {
        let credential = try Credential(
            secret: .random(),
            salt: .random(),
            attributes: CredentialAttributes(["level=7", "role:cardiologist", "site:hospA", "study:x"])
        )
        var tree = try CredentialTree(leaves: (0..<100).map { _ in Fr.random() })
        let place = try tree.append(credential.leaf)
        self.path = try tree.path(of: place)
        let chain = Array("access".utf8)
        let context = try RequestScalars.context(chain: chain, epoch: 7, slot: 0, limit: 4)
        self.statement = PolicyStatement(
            root: tree.root,
            policy: policy,
            nonce: try RequestScalars.nonce(
                chain: chain,
                requestID: SecureRandom.bytes(32),
                certificateDigest: SecureRandom.bytes(32),
                target: SecureRandom.bytes(32)
            ),
            context: context,
            nym: credential.nym(in: context)
        )
        self.credential = credential
    }
}

extension Trapdoor {
    /// For measuring only: keys that matter come from a ceremony.
    static func random() throws -> Trapdoor {
        try Trapdoor(tau: .random(), alpha: .random(), beta: .random(), gamma: .random(), delta: .random())
    }
}
