package import AccessPolicies
package import CanonicalBytes
internal import ConstraintSystems
package import FiniteFields

/// A policy in the form that the universal circuit takes: sixteen leaves and fifteen gates
/// (docs/spec/universal-policy-circuit.md, section 2).
package struct PolicyTable: Sendable, Equatable {
    package static let leafCount = 16
    package static let gateCount = 15
    /// Bits of a gate's threshold.
    package static let thresholdBits = 5

    /// Leaves in the order of the text, then unused ones.
    package let leaves: [TableLeaf]
    /// Unused gates, then those of the policy, children before their gate; the last one is the policy's result.
    package let gates: [TableGate]

    /// The table of a policy.
    ///
    /// - Throws: `POLICY` for a policy of more than sixteen leaves, which the universal circuit does not take.
    package init(_ policy: AccessPolicy) throws(ProtocolFailure) {
        var leaves: [TableLeaf] = []
        var gates: [TableGate] = []
        let root = try Self.number(policy.expression, &leaves, &gates)
        if case .leaf(let leaf) = root { gates.append(TableGate(threshold: 1, leaves: [leaf], gates: [])) }
        let unusedGates = Self.gateCount - gates.count
        self.leaves = leaves + Array(repeating: .unused, count: Self.leafCount - leaves.count)
        self.gates =
            Array(repeating: .unused, count: unusedGates) + gates.map { $0.shifted(by: unusedGates) }
    }

    /// What verifiers compute from the policy's text, and the circuit from the table: `PH(5; table)`.
    package var commitment: Fr { Poseidon.hash(.policy, self.commitmentInputs) }

    /// The table as it is hashed: `id_1, value_1, …, id_16, value_16`, then the bits in two words.
    package var commitmentInputs: [Fr] { self.leafInputs + self.words }

    /// `id_1, value_1, …, id_16, value_16`.
    var leafInputs: [Fr] { self.leaves.flatMap { [$0.id, $0.value] } }

    /// The rest of the table as bits.
    var bits: [Bool] {
        self.leaves.flatMap { [$0.isComparison, $0.isAtMost] }
            + self.gates.indices.flatMap { self.gates[$0].bits(number: $0) }
    }

    /// The bits, packed into two field elements.
    private var words: [Fr] {
        let bits = self.bits
        return stride(from: 0, to: bits.count, by: TableWord.bitCount).map { start in
            bits[start..<start + TableWord.bitCount].reversed().reduce(Fr.zero) { word, bit in
                word + word + (bit ? .one : .zero)
            }
        }
    }

    private enum Node {
        case leaf(Int)
        case gate(Int)
    }

    /// Gives numbers to the nodes of an expression, children before their gate.
    private static func number(
        _ expression: PolicyExpression,
        _ leaves: inout [TableLeaf],
        _ gates: inout [TableGate]
    ) throws(ProtocolFailure) -> Node {
        guard case .gate(let threshold, let children) = expression else {
            try require(leaves.count < self.leafCount, .policy, "the policy has more than 16 leaves")
            leaves.append(TableLeaf(try PolicyLeaf(expression)))
            return .leaf(leaves.count - 1)
        }
        var gate = TableGate(threshold: threshold, leaves: [], gates: [])
        for child in children {
            switch try self.number(child, &leaves, &gates) {
            case .leaf(let leaf): gate.leaves.append(leaf)
            case .gate(let inner): gate.gates.append(inner)
            }
        }
        gates.append(gate)
        return .gate(gates.count - 1)
    }
}

/// How the bits of a table are packed.
enum TableWord {
    /// Bits of each of the two words; as an integer a word is far below the group order, so no two rows of bits give
    /// the same one.
    static let bitCount = 226
}
