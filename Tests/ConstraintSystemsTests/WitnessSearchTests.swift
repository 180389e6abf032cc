import CanonicalBytes
import ConstraintSystems
import FiniteFields
import Testing

/// The search must find what it is for: circuits with too few constraints.
@Suite struct WitnessSearchTests {
    @Test func aVariableWithoutConstraintIsFree() {
        var builder = CircuitBuilder()
        let x = builder.input()
        let free = builder.allocate(.product(x, x))
        builder.enforceBoolean(x)
        #expect(free.terms.count == 1)
        #expect(throws: ProtocolFailure(.proof, "variable 2 is free")) {
            try WitnessSearch(builder.circuit().system).witnesses(fixing: [1: .one], limit: 10)
        }
    }

    @Test func bitsWithoutBooleanConstraintsAreFound() throws {
        // The classic bug: a sum of "bits" of which one is no bit.
        var builder = CircuitBuilder()
        let x = builder.input()
        let low = builder.allocate(.bit(x, place: 0))
        let high = builder.boolean(.bit(x, place: 1))
        builder.enforceEqual(low + Fr(2) * high, x)
        let search = WitnessSearch(builder.circuit().system)
        #expect(throws: ProtocolFailure.self) { try search.witnesses(fixing: [1: Fr(2)], limit: 10) }
        // Allocated in the other order the search sees both values of what is not a bit.
        var other = CircuitBuilder()
        let y = other.input()
        let top = other.boolean(.bit(y, place: 1))
        let bottom = other.allocate(.bit(y, place: 0))
        other.enforceEqual(bottom + Fr(2) * top, y)
        #expect(try WitnessSearch(other.circuit().system).witnesses(fixing: [1: Fr(2)], limit: 10).count == 2)
    }

    @Test func aLastBitThatIsNoBitIsFound() throws {
        var builder = CircuitBuilder()
        let x = builder.input()
        let low = builder.boolean(.bit(x, place: 0))
        let high = builder.allocate(.bit(x, place: 1))
        builder.enforceEqual(low + Fr(2) * high, x)
        let witnesses = try WitnessSearch(builder.circuit().system).witnesses(fixing: [1: Fr(2)], limit: 10)
        #expect(witnesses.map { $0[2] } == [.one, .zero] || witnesses.map { $0[2] } == [.zero, .one])
    }

    @Test func aGateWithoutRangeIsFound() throws {
        let broken = GadgetCircuit(inputs: 2) { builder, children in
            // A threshold that is claimed, and never checked.
            builder.boolean(.atLeast(children.sum, 2))
        }
        #expect(try broken.outputs([.zero, .zero]).contains(.one))
    }

    @Test func witnessesAreLimited() throws {
        var builder = CircuitBuilder()
        for _ in 0..<10 { _ = builder.boolean(.computed([]) { _ in .zero }) }
        let search = WitnessSearch(builder.circuit().system)
        #expect(try search.witnesses(fixing: [:], limit: 5).count == 5)
        #expect(try search.witnesses(fixing: [:], limit: 5000).count == 1024)
        #expect(try search.witnesses(fixing: [3: .one, 4: .zero], limit: 5000).count == 256)
        #expect(try search.witnesses(fixing: [3: Fr(2)], limit: 5000).isEmpty)
    }
}
