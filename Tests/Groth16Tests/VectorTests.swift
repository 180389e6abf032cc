import CanonicalBytes
import ConstraintSystems
import FiniteFields
import Foundation
import Testing
import VectorFiles

@testable import Groth16

@Suite struct Groth16VectorTests {
    @Test("Proofs are accepted or refused as everywhere", arguments: try VectorFile.cases("G_zk", "groth16.verify"))
    func verify(_ test: VectorCase) throws {
        let outcome = try test.outcome {
            let key = PreparedVerificationKey(try VerificationKey(test.bytes("vk")))
            try key.verify(test.bytes("proof"), inputs: test.bytesList("public"))
            return [:]
        }
        #expect(outcome == test.expected)
    }

    @Test("All vectors with a good key in one batch give what each gives alone")
    func batch() throws {
        var claims: [ProofClaim] = []
        var expected: [String?] = []
        for test in try VectorFile.cases("G_zk", "groth16.verify") {
            guard let key = try? VerificationKey(test.bytes("vk")) else { continue }
            let prepared = PreparedVerificationKey(key)
            claims.append(
                ProofClaim(key: prepared, inputs: try test.bytesList("public"), proof: try test.bytes("proof"))
            )
            if case .failure(let code) = test.expected { expected.append(code) } else { expected.append(nil) }
        }
        #expect(claims.count > 30)
        #expect(BatchVerification.failures(claims).map { $0?.code.rawValue } == expected)
        let valid = zip(claims, expected).filter { $1 == nil }.map(\.0)
        #expect(valid.count == 6)
        #expect(BatchVerification.failures(valid) == [ProtocolFailure?](repeating: nil, count: valid.count))
    }
}

/// A circuit of the file of fixtures: keys and proofs that a trapdoor and blinding determine.
struct Groth16Fixture: VectorFields {
    let fields: [String: VectorValue]

    static func load(_ name: String) throws -> Groth16Fixture {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let file = tests.appending(path: "Fixtures/zk/groth16.json")
        let content = try JSONDecoder().decode([String: VectorValue].self, from: Data(contentsOf: file))
        guard case .object(let fields)? = content[name] else { throw VectorError(description: "no \(name)") }
        return Groth16Fixture(fields: fields)
    }

    func trapdoor() throws -> Trapdoor {
        let values = try self.bytesList("toxic_waste").map { try Fr($0) }
        return try Trapdoor(tau: values[0], alpha: values[1], beta: values[2], gamma: values[3], delta: values[4])
    }
}

@Suite struct Groth16FixtureTests {
    @Test("The same trapdoor and blinding give the same key and proofs")
    func cubic() throws {
        let fixture = try Groth16Fixture.load("toy")
        let circuit = SampleCircuit.cubic
        #expect(circuit.system.digest == (try fixture.bytes("r1cs_digest")))
        let key = try ProvingKey(circuit.system, fixture.trapdoor())
        #expect(key.verificationKey.bytes == (try fixture.bytes("vk")))
        let prover = try Prover(key, circuit.system)
        // 35 = 3³ + 3 + 5, 1347 = 11³ + 11 + 5.
        for (proof, x) in zip(try fixture.objects("proofs"), [Fr(3), Fr(11)]) {
            let assignment = try circuit.witness(SampleCircuit.cubicInputs(x))
            #expect([assignment[1].bytes] == (try proof.bytesList("public")))
            let blinding = Blinding(rho: try Fr(proof.bytes("r")), sigma: try Fr(proof.bytes("s")))
            #expect(try prover.prove(assignment, blinding).bytes == proof.bytes("proof"))
        }
    }
}
