package import CanonicalBytes
package import FiniteFields

/// A constraint system together with the rules by which an honest prover finds its witness.
///
/// It is synthesized once and solved for any number of inputs.
package struct Circuit: Sendable {
    package let system: ConstraintSystem
    /// Parts of the circuit, outer ones before inner ones, in the order of synthesis.
    package let regions: [CircuitRegion]
    private let rules: [WitnessRule]

    init(system: ConstraintSystem, rules: [WitnessRule], regions: [CircuitRegion]) {
        self.system = system
        self.rules = rules
        self.regions = regions
        self.inputs = rules.count { if case .input = $0 { true } else { false } }
    }

    /// The variables that take a value of the list of inputs.
    package var inputVariables: [Int] {
        self.rules.indices.filter { if case .input = self.rules[$0] { true } else { false } }.map { $0 + 1 }
    }

    /// Values that ``assignment(_:)`` takes: the public inputs and those private ones that do not follow from others.
    package let inputs: Int

    /// What an honest prover assigns; constraints are not checked.
    ///
    /// The time depends on the values.
    ///
    /// - Parameter inputs: the public inputs, then the private ones, in the order of allocation.
    /// - Returns: a value for every variable, the constant 1 first.
    /// - Throws: `CONTEXT` for another count of inputs.
    package func assignment(_ inputs: [Fr]) throws(ProtocolFailure) -> [Fr] {
        try require(
            inputs.count == self.inputs,
            .context,
            "the circuit takes \(self.inputs) inputs, not \(inputs.count)"
        )
        var rest = inputs[...]
        var assignment: [Fr] = [.one]
        assignment.reserveCapacity(self.system.variables)
        for rule in self.rules { assignment.append(rule.value(assignment) { rest.popFirst() ?? .zero }) }
        return assignment
    }

    /// A value for every variable that satisfies all constraints.
    ///
    /// - Throws: `CONTEXT` for another count of inputs, `UNSATISFIED` with the part of the circuit that is violated.
    package func witness(_ inputs: [Fr]) throws(ProtocolFailure) -> [Fr] {
        let assignment = try self.assignment(inputs)
        if let row = self.system.firstViolated(by: assignment) {
            throw ProtocolFailure(.unsatisfied, "constraint \(row) does not hold (\(self.region(ofConstraint: row)))")
        }
        return assignment
    }

    /// The innermost part that a constraint belongs to, with those around it: `merkle path / level 3`.
    package func region(ofConstraint row: Int) -> String {
        self.regions.last { $0.constraints.contains(row) }?.path ?? "outside all regions"
    }
}
