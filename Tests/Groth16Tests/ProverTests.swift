import BLS12381
import CanonicalBytes
import ConstraintSystems
import FiniteFields
import Testing

@testable import Groth16

@Suite struct ProverTests {
    @Test("Proofs of circuits of all sizes are valid", arguments: [1, 2, 3, 5, 6, 7, 13, 14, 30, 100, 253, 254, 600])
    func chains(_ length: Int) throws {
        let circuit = SampleCircuit.chain(length)
        let prover = try Prover(ProvingKey(circuit.system, .sample(1)), circuit.system)
        let assignment = try circuit.witness(SampleCircuit.chainInputs(length, from: .sample(5)))
        let key = PreparedVerificationKey(prover.key.verificationKey)
        try key.verify(prover.prove(assignment), inputs: [assignment[1]])
        #expect(throws: ProtocolFailure.self) {
            try key.verify(prover.prove(assignment), inputs: [assignment[1] + .one])
        }
    }

    @Test("Proofs with witnesses of zeros and ones are valid", arguments: [0, 1, 20, 300])
    func sparse(_ ones: Int) throws {
        let circuit = SampleCircuit.bits(300)
        let prover = try Prover(ProvingKey(circuit.system, .sample(2)), circuit.system)
        let bits = (0..<300).map { $0 < ones ? Fr.one : .zero }
        let assignment = try circuit.witness([Fr(UInt64(ones)), Fr(7)] + bits)
        let key = PreparedVerificationKey(prover.key.verificationKey)
        try key.verify(prover.prove(assignment), inputs: Array(assignment[1...2]))
        // The input that no constraint mentions is bound all the same.
        #expect(throws: ProtocolFailure.self) {
            try key.verify(prover.prove(assignment), inputs: [assignment[1], Fr(8)])
        }
    }

    @Test("Two proofs of one statement have nothing in common")
    func blinding() throws {
        let prover = try Prover(ProvingKey(SampleCircuit.cubic.system, .sample(1)), SampleCircuit.cubic.system)
        let assignment = try SampleCircuit.cubic.witness(SampleCircuit.cubicInputs(Fr(3)))
        let (first, second) = (try prover.prove(assignment), try prover.prove(assignment))
        #expect(first.a != second.a)
        #expect(first.b != second.b)
        #expect(first.c != second.c)
    }

    @Test("A witness that violates any constraint is refused")
    func unsatisfied() throws {
        let circuit = SampleCircuit.cubic
        let prover = try Prover(ProvingKey(circuit.system, .sample(1)), circuit.system)
        let assignment = try circuit.witness(SampleCircuit.cubicInputs(Fr(3)))
        for variable in 1..<assignment.count {
            var wrong = assignment
            wrong[variable] = wrong[variable] + .one
            let failure = #expect(throws: ProtocolFailure.self) { try prover.prove(wrong) }
            #expect(failure?.code == .unsatisfied)
        }
        for wrong in [Array(assignment.dropLast()), assignment + [.zero], [Fr(2)] + assignment.dropFirst()] {
            let failure = #expect(throws: ProtocolFailure.self) { try prover.prove(wrong) }
            #expect(failure?.code == .context)
        }
    }

    @Test("The key of another circuit is refused")
    func otherCircuit() throws {
        let key = try ProvingKey(SampleCircuit.chain(3).system, .sample(1))
        let failure = #expect(throws: ProtocolFailure.self) { try Prover(key, SampleCircuit.chain(4).system) }
        #expect(failure?.code == .context)
        // The same sizes, other coefficients.
        let wrong = #expect(throws: ProtocolFailure.self) { try Prover(key, SampleCircuit.cubic.system) }
        #expect(wrong?.code == .context)
    }

    @Test("A trapdoor of no use is refused")
    func trapdoor() throws {
        let system = SampleCircuit.cubic.system
        let root = try QuadraticProgram(system).domain.root
        for tau in [Fr.one, root] {
            let trapdoor = try Trapdoor(tau: tau, alpha: Fr(2), beta: Fr(3), gamma: Fr(4), delta: Fr(5))
            let failure = #expect(throws: ProtocolFailure.self) { try ProvingKey(system, trapdoor) }
            #expect(failure?.code == .scalar)
        }
        for zero in 0..<5 {
            var values = (1...5).map { Fr($0 + 1) }
            values[zero] = .zero
            let failure = #expect(throws: ProtocolFailure.self) {
                try Trapdoor(tau: values[0], alpha: values[1], beta: values[2], gamma: values[3], delta: values[4])
            }
            #expect(failure?.code == .scalar)
        }
    }

    @Test("A key whose γ is the generator works: a ceremony makes no γ")
    func generatorAsGamma() throws {
        let trapdoor = try Trapdoor(
            tau: .sample(1),
            alpha: .sample(2),
            beta: .sample(3),
            gamma: .one,
            delta: .sample(4)
        )
        let prover = try Prover(ProvingKey(SampleCircuit.cubic.system, trapdoor), SampleCircuit.cubic.system)
        let assignment = try SampleCircuit.cubic.witness(SampleCircuit.cubicInputs(Fr(3)))
        let key = PreparedVerificationKey(try VerificationKey(prover.key.verificationKey.bytes))
        #expect(key.key.gamma == .generator)
        try key.verify(prover.prove(assignment), inputs: [assignment[1]])
        #expect(throws: ProtocolFailure.self) { try key.verify(prover.prove(assignment), inputs: [Fr(34)]) }
    }
}

@Suite struct QuadraticProgramTests {
    @Test("The quotient is that of the polynomials", arguments: [1, 2, 5, 14, 60])
    func quotient(_ length: Int) throws {
        let circuit = SampleCircuit.chain(length)
        let program = try QuadraticProgram(circuit.system)
        let assignment = try circuit.witness(SampleCircuit.chainInputs(length, from: .sample(3)))
        let point = Fr.sample(8)
        let (rows, vanishing) = try program.lagrange(at: point)
        let columns = program.columns(weighting: rows)
        func value(_ column: [Fr]) -> Fr { zip(column, assignment).reduce(.zero) { $0 + $1.0 * $1.1 } }
        let quotient = try program.quotient(assignment).reversed().reduce(Fr.zero) { $0 * point + $1 }
        #expect(value(columns.a) * value(columns.b) - value(columns.c) == quotient * vanishing)
    }

    @Test(
        "The domain has room for a row of each input",
        arguments: [(1, 2), (2, 2), (3, 3), (6, 3), (7, 4), (14, 4), (15, 5)]
    )
    func domain(_ constraints: Int, _ logarithm: Int) {
        // Two more rows: the constant and the public input.
        #expect(QuadraticProgram.logarithm(SampleCircuit.chain(constraints).system) == logarithm)
    }

    @Test("Values of the Lagrange polynomials interpolate")
    func lagrange() throws {
        let program = try QuadraticProgram(SampleCircuit.chain(6).system)
        let (rows, vanishing) = try program.lagrange(at: Fr(3))
        let coefficients = (0..<8).map { Fr.sample($0) }
        let values = program.domain.values(ofCoefficients: coefficients)
        let expected = coefficients.reversed().reduce(Fr.zero) { $0 * Fr(3) + $1 }
        #expect(zip(rows, values).reduce(Fr.zero) { $0 + $1.0 * $1.1 } == expected)
        #expect(vanishing == Fr(6560))
    }
}
