internal import ConstraintSystems
internal import FiniteFields

extension CircuitBuilder {
    /// Gates whose children and thresholds are variables; the last one must hold
    /// (docs/spec/universal-policy-circuit.md, section 4).
    mutating func tableGates(_ gates: [TableGateVariables], leaves: [LinearCombination]) {
        var nodes = leaves
        for (number, gate) in gates.enumerated() {
            let isLast = number == gates.count - 1
            self.region("gate \(number + 1)") { builder in
                let sum = zip(gate.isChild, nodes).map { builder.product($0, $1) }.sum
                guard !isLast else {
                    builder.enforceRange(sum - gate.threshold, bits: PolicyTable.thresholdBits)
                    return
                }
                nodes.append(builder.tableGate(sum, threshold: gate.threshold))
            }
        }
    }

    /// A boolean that may be 1 only when the sum is at least the threshold, both below 32: 8 constraints.
    private mutating func tableGate(
        _ sum: LinearCombination,
        threshold: LinearCombination
    ) -> LinearCombination {
        let isMet = self.boolean(
            .computed([sum, threshold]) { values in
                // Both are small integers, so their difference is one exactly when the sum is not the smaller one.
                (values[0] - values[1]).isAtLeast(1 << 32) ? .zero : .one
            }
        )
        let required = self.product(threshold, isMet)
        self.enforceRange(sum - required, bits: PolicyTable.thresholdBits)
        return isMet
    }
}
