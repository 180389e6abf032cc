import AccessPolicies
import CanonicalBytes
import ConstraintSystems
import FiniteFields
import PolicyProofs
import Testing
import VectorFiles

@testable import Groth16

@Suite struct PolicyFixtureTests {
    @Test("The circuit of a policy: the same trapdoor and blinding give the same key and proofs")
    func policy() throws {
        let fixture = try Groth16Fixture.load("policy")
        let inputs = try fixture.object("witness_inputs")
        let policy = try AccessPolicy(inputs.text("policy"))
        let circuit = try PolicyCircuit(policy).circuit
        #expect(circuit.system.digest == (try fixture.bytes("r1cs_digest")))
        let key = try ProvingKey(circuit.system, fixture.trapdoor())
        #expect(key.verificationKey.bytes == (try fixture.bytes("vk")))
        #expect(key.verificationKey.bytes.count <= 1024)
        #expect(try key.encoded().count <= 3_000_000)
        let prover = try Prover(key, circuit.system)
        let verifier = PreparedVerificationKey(key.verificationKey)
        let nonces = [try Fr(inputs.bytes("nonce")), Fr(12345)]
        for (proof, nonce) in zip(try fixture.objects("proofs"), nonces) {
            let assignment = try circuit.witness(Self.values(inputs, policy, nonce: nonce))
            let publicInputs = try proof.bytesList("public")
            #expect(assignment[1...5].map(\.bytes) == publicInputs)
            let blinding = Blinding(rho: try Fr(proof.bytes("r")), sigma: try Fr(proof.bytes("s")))
            #expect(try prover.prove(assignment, blinding).bytes == proof.bytes("proof"))
            let fresh = try prover.prove(assignment)
            #expect(fresh.bytes != (try proof.bytes("proof")))
            try verifier.verify(fresh.bytes, inputs: publicInputs)
        }
    }

    /// The values that the circuit takes, in the order of allocation.
    private static func values(_ inputs: VectorInput, _ policy: AccessPolicy, nonce: Fr) throws -> [Fr] {
        let statement = [
            try Fr(inputs.bytes("root")), policy.publicInput, nonce, try Fr(inputs.bytes("ctx")),
            try Fr(inputs.bytes("nym")),
        ]
        let secrets = [try Fr(inputs.bytes("secret")), try Fr(inputs.bytes("salt"))]
        let slots = try inputs.scalarPairs("slots").flatMap { $0 }
        let path = zip(try inputs.bytesList("path"), try inputs.numbers("bits")).map { ($0, $1) }
        return try statement + secrets + slots + path.flatMap { [try Fr($0), Fr($1)] }
    }
}

extension VectorInput {
    /// A list of pairs of scalars.
    fileprivate func scalarPairs(_ key: String) throws -> [[Fr]] {
        guard case .list(let pairs)? = self.fields[key] else { throw VectorError(description: "no list \(key)") }
        return try pairs.map { pair in
            guard case .list(let values) = pair else { throw VectorError(description: "no pair in \(key)") }
            return try values.map { value in
                guard case .text(let text) = value, let bytes = [UInt8](hex: text) else {
                    throw VectorError(description: "no scalar in \(key)")
                }
                return try Fr(bytes)
            }
        }
    }

    /// A list of numbers.
    fileprivate func numbers(_ key: String) throws -> [UInt64] {
        guard case .list(let values)? = self.fields[key] else { throw VectorError(description: "no list \(key)") }
        return try values.map {
            guard case .number(let number) = $0 else { throw VectorError(description: "no number in \(key)") }
            return number
        }
    }
}
