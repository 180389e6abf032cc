import CanonicalBytes
import ConstraintSystems
import FiniteFields
import Testing
import VectorFiles

/// The Poseidon cases of vector set G, computed natively and by the circuit.
@Suite struct PoseidonVectorTests {
    @Test(arguments: try VectorFile.cases("G_zk", "poseidon.params"))
    func parameters(_ vector: VectorCase) throws {
        let constants = PoseidonParameters.standard.roundConstants.flatMap(\.elements)
        let first = try #require(constants.first)
        let last = try #require(constants.last)
        let outcome = try vector.outcome {
            [
                "round_constants_sha256": .text(PoseidonParameters.standard.roundConstantsDigest.hex),
                "rc_first": .text(first.bytes.hex), "rc_last": .text(last.bytes.hex),
                "mds": .list(
                    PoseidonParameters.standard.matrix.map { row in .list(row.elements.map { .text($0.bytes.hex) }) }
                ),
            ]
        }
        #expect(outcome == vector.expected)
    }

    @Test(arguments: try VectorFile.cases("G_zk", "poseidon.perm"))
    func permutation(_ vector: VectorCase) throws {
        let cells = try vector.bytesList("state").map { try Fr($0) }
        let native = Poseidon.permutation(PoseidonCells(cells[0], cells[1], cells[2])).elements
        #expect(try vector.outcome { Self.state(native) } == vector.expected)
        var builder = CircuitBuilder()
        let inputs = cells.map { _ in builder.input() }
        let outputs = builder.poseidonPermutation(inputs)
        let circuit = builder.circuit()
        #expect(circuit.system.constraints.count == 243)
        let witness = try circuit.witness(cells)
        #expect(outputs.map { $0.value(witness) } == native)
    }

    @Test(arguments: try VectorFile.cases("G_zk", "poseidon.hash"))
    func hash(_ vector: VectorCase) throws {
        let domain = try #require(PoseidonDomain(rawValue: vector.number("domain")))
        let inputs = try vector.bytesList("inputs")
        let outcome = try vector.outcome {
            ["hash": .text(try Poseidon.hash(domain, encoded: inputs).bytes.hex)]
        }
        #expect(outcome == vector.expected)
        guard case .output = vector.expected else { return }
        let elements = try inputs.map { try Fr($0) }
        let gadget = GadgetCircuit(inputs: elements.count) { $0.poseidonHash(domain, $1) }
        let witness = try gadget.circuit.witness(elements)
        #expect(try vector.outcome { ["hash": .text(gadget.output.value(witness).bytes.hex)] } == vector.expected)
    }

    private static func state(_ cells: [Fr]) -> [String: VectorValue] {
        ["state": .list(cells.map { .text($0.bytes.hex) })]
    }
}
