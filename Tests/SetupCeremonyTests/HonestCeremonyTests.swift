import BLS12381
import CanonicalBytes
import ConstraintSystems
import FiniteFields
import Groth16
import Testing

@testable import SetupCeremony

@Suite struct HonestCeremonyTests {
    private static func transcript() throws -> CeremonyTranscript {
        let first = try SampleCeremony.complete.get()
        var phase = try CircuitPhase(first.powers, SampleCeremony.circuit.system)
        var contributions: [[UInt8]] = []
        for author in SampleCeremony.members + [SampleCeremony.beacon] {
            let contribution = try phase.contribution(of: author)
            try phase.accept(contribution)
            contributions.append(contribution)
        }
        return CeremonyTranscript(start: first.start, powers: first.contributions, circuit: contributions)
    }

    @Test("Three members and a beacon make keys that prove and verify")
    func keys() throws {
        let circuit = SampleCeremony.circuit
        let outcome = try Self.transcript().verify(circuit.system)
        let prover = try Prover(outcome.provingKey, circuit.system)
        let assignment = try circuit.witness([Fr(35), Fr(3), Fr(99)])
        // What is registered are bytes.
        let key = PreparedVerificationKey(try VerificationKey(outcome.verificationKey.bytes))
        #expect(key.key.gamma == .generator)
        try key.verify(prover.prove(assignment), inputs: [Fr(35)])
        #expect(throws: ProtocolFailure.self) { try key.verify(prover.prove(assignment), inputs: [Fr(36)]) }
    }

    @Test("Everyone computes the same keys from the transcript's bytes")
    func transcriptBytes() throws {
        let transcript = try Self.transcript()
        let read = try CeremonyTranscript(transcript.bytes)
        #expect(read.bytes == transcript.bytes)
        let first = try transcript.verify(SampleCeremony.circuit.system)
        let second = try read.verify(SampleCeremony.circuit.system)
        #expect(try first.provingKey.encoded() == second.provingKey.encoded())
        #expect(first.transcriptDigest == second.transcriptDigest)
    }

    @Test("A ceremony goes on from its transcript's bytes alone")
    func replay() throws {
        let system = SampleCeremony.circuit.system
        var transcript = CeremonyTranscript(start: try CeremonyStart(label: "test", logarithm: 3))
        var steps: [String] = []
        let authors = [SampleCeremony.members[0], SampleCeremony.beacon]
        for author in authors + authors {
            var done: [Int] = []
            let read = try CeremonyTranscript(transcript.bytes)
            switch try read.replayed(system, progress: { done.append($0 * 100 / $1) }) {
            case .powers(let phase):
                transcript.append(try phase.contribution(of: author), to: .powers)
                steps.append("powers \(phase.authors.count)")
                #expect(done.isEmpty)
            case .circuit(let phase):
                transcript.append(try phase.contribution(of: author), to: .circuit)
                steps.append("circuit \(phase.authors.count)")
                #expect(done.count > 3 && done == done.sorted() && done.last == 100)
            }
        }
        #expect(steps == ["powers 0", "powers 1", "circuit 0", "circuit 1"])
        _ = try transcript.verify(system)
    }

    @Test("The keys are those of the trapdoor that the secrets multiply up to")
    func trapdoor() throws {
        let header = { (index: Int) in
            ContributionHeader(previous: [UInt8](repeating: 0, count: 32), index: index, author: .member("x"))
        }
        // Known secrets, applied without a transcript.
        let secrets = PowersSecrets(tau: Fr(1234), alpha: Fr(77), beta: Fr(91))
        let powers = PowersOfTau(logarithm: 3).multiplied(by: secrets).multiplied(by: secrets)
        try powers.check(header(0).previous)
        let circuit = SampleCeremony.circuit.system
        let basis = try CircuitBasis(powers, circuit)
        let parameters = CircuitParameters(basis, publicInputs: circuit.publicInputs).multiplied(by: Fr(55))
        let trapdoor = try Trapdoor(
            tau: Fr(1234 * 1234),
            alpha: Fr(77 * 77),
            beta: Fr(91 * 91),
            gamma: .one,
            delta: Fr(55)
        )
        let key = try ProvingKey(circuit, trapdoor)
        #expect(basis.a.encoded(.compressed) == key.a.encoded(.compressed))
        #expect(basis.b1.encoded(.compressed) == key.b1.encoded(.compressed))
        #expect(basis.b2.encoded(.compressed) == key.b2.encoded(.compressed))
        #expect(parameters.l.encoded(.compressed) == key.l.encoded(.compressed))
        #expect(parameters.h.encoded(.compressed) == key.h.encoded(.compressed))
        #expect(parameters.delta == key.delta)
        #expect(basis.combined[1] == key.verificationKey.inputs[1])
    }

    @Test("A circuit that is smaller than the powers allow uses the first of them", arguments: [1, 3, 5])
    func smallerCircuit(_ logarithm: Int) throws {
        let powers = PowersOfTau(logarithm: 5).multiplied(by: PowersSecrets(tau: Fr(3), alpha: Fr(5), beta: Fr(7)))
        var builder = CircuitBuilder()
        let y = builder.publicInput()
        var value = builder.input()
        for _ in 0..<max(0, (1 << logarithm) - 3) { value = builder.product(value, value) }
        if logarithm > 1 { builder.enforceEqual(value, y) }
        let system = builder.circuit().system
        let key = try ProvingKey(
            system,
            Trapdoor(tau: Fr(3), alpha: Fr(5), beta: Fr(7), gamma: .one, delta: .one)
        )
        let basis = try CircuitBasis(powers, system)
        #expect(basis.h.count == (1 << QuadraticProgram.logarithm(system)) - 1)
        #expect(basis.a.encoded(.compressed) == key.a.encoded(.compressed))
        #expect(basis.b2.encoded(.compressed) == key.b2.encoded(.compressed))
        #expect(basis.h.encoded(.compressed) == key.h.encoded(.compressed))
    }

    @Test("A circuit that is too large for the powers is refused")
    func tooLarge() throws {
        var ceremony = try SampleCeremony(logarithm: 2)
        try ceremony.contribute([SampleCeremony.members[0], SampleCeremony.beacon])
        let failure = #expect(throws: ProtocolFailure.self) {
            try CircuitPhase(ceremony.powers, SampleCeremony.circuit.system)
        }
        #expect(failure?.code == .format)
    }

    @Test("The same beacon gives the same contribution, another one another")
    func beacon() throws {
        var ceremony = try SampleCeremony()
        try ceremony.contribute([SampleCeremony.members[0]])
        let first = try ceremony.powers.contribution(of: .beacon([1], doublings: 2))
        #expect(try ceremony.powers.contribution(of: .beacon([1], doublings: 2)) == first)
        #expect(try ceremony.powers.contribution(of: .beacon([2], doublings: 2)) != first)
        #expect(try ceremony.powers.contribution(of: .beacon([1], doublings: 3)) != first)
        // A member's secrets are new every time.
        let second = try ceremony.powers.contribution(of: SampleCeremony.members[1])
        #expect(try ceremony.powers.contribution(of: SampleCeremony.members[1]) != second)
    }

    @Test("Sizes and labels out of range are refused", arguments: [("", 3), ("x", 0), ("x", 21)])
    func start(_ label: String, _ logarithm: Int) {
        #expect(throws: ProtocolFailure.self) { try CeremonyStart(label: label, logarithm: logarithm) }
    }
}
