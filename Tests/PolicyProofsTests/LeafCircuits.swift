import AccessPolicies
import ConstraintSystems
import FiniteFields

@testable import PolicyProofs

/// A leaf of a policy by itself, in either circuit.
struct LeafCircuit {
    let system: ConstraintSystem
    let inputVariables: [Int]
    let output: LinearCombination
    private let committed: [Fr]

    /// The leaf as in the universal circuit.
    init(_ leaf: TableLeaf) {
        var builder = CircuitBuilder()
        let inputs = (0..<4).map { _ in builder.input() }
        let variables = TableLeafVariables(
            id: inputs[0],
            value: inputs[1],
            isComparison: inputs[2],
            isAtMost: inputs[3]
        )
        self.output = builder.tableLeaf(variables, Self.slots(&builder))
        let circuit = builder.circuit()
        self.system = circuit.system
        self.inputVariables = circuit.inputVariables
        self.committed = [leaf.id, leaf.value] + [leaf.isComparison, leaf.isAtMost].map { $0 ? .one : .zero }
    }

    /// The leaf as in the circuit of one policy.
    init(_ leaf: PolicyLeaf) {
        var builder = CircuitBuilder()
        let slots = Self.slots(&builder)
        self.output = builder.leaf(leaf, slots)
        let circuit = builder.circuit()
        self.system = circuit.system
        self.inputVariables = circuit.inputVariables
        self.committed = []
    }

    /// What a prover can make of the leaf for a credential of these slots and empty ones, in ascending order of bytes;
    /// nil when a variable is free.
    func outputs(_ slots: [(id: Fr, value: Fr)], without row: Int? = nil) -> [Fr]? {
        let filled = slots.flatMap { [$0.id, $0.value] }
        let inputs = self.committed + filled + Array(repeating: .zero, count: 16 - filled.count)
        let fixed = Dictionary(uniqueKeysWithValues: zip(self.inputVariables, inputs))
        var constraints = self.system.constraints
        if let row { constraints.remove(at: row) }
        let system = ConstraintSystem(publicInputs: 0, variables: self.system.variables, constraints: constraints)
        return try? WitnessSearch(system).witnesses(fixing: fixed, limit: 300).map { self.output.value($0) }
    }

    private static func slots(_ builder: inout CircuitBuilder) -> [SlotVariables] {
        (0..<8).map { _ in
            let id = builder.input()
            return SlotVariables(id: id, value: builder.input())
        }
    }
}
