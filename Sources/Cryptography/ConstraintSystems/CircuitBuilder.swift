/// Writes down a circuit: the constraints, and beside each variable how an honest prover finds its value.
///
/// Values are linear combinations, so sums and multiples cost nothing. Gadgets are extensions of the builder; they
/// never see an assignment, hence the constraints cannot depend on one.
package struct CircuitBuilder: Sendable {
    package private(set) var publicInputs = 0
    private var rules: [WitnessRule] = []
    private var constraints: [Constraint] = []
    private var regions = RegionRecord()

    package init() {}

    /// Constraints added so far.
    package var constraintCount: Int { self.constraints.count }

    /// Allocates a public input; its value is the next one of the list of inputs.
    ///
    /// - Precondition: nothing private was allocated.
    package mutating func publicInput() -> LinearCombination {
        precondition(self.rules.count == self.publicInputs, "public inputs come first")
        self.publicInputs += 1
        return self.allocate(.input)
    }

    /// Allocates a private variable; its value is the next one of the list of inputs.
    package mutating func input() -> LinearCombination { self.allocate(.input) }

    /// Allocates a private variable that nothing constrains yet.
    package mutating func allocate(_ rule: WitnessRule) -> LinearCombination {
        self.rules.append(rule)
        return LinearCombination(variable: UInt32(self.rules.count))
    }

    /// Adds `a·b = c`.
    package mutating func enforce(_ a: LinearCombination, times b: LinearCombination, equals c: LinearCombination) {
        self.constraints.append(Constraint(a, b, c))
    }

    /// Attributes the constraints that `body` adds to a named part of the current region.
    package mutating func region<Result, Failure: Error>(
        _ name: String,
        _ body: (inout CircuitBuilder) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        self.regions.enter(name, at: self.constraints.count)
        let result = try body(&self)
        self.regions.leave(at: self.constraints.count)
        return result
    }

    /// Ends the synthesis.
    package func circuit() -> Circuit {
        Circuit(
            system: ConstraintSystem(
                publicInputs: self.publicInputs,
                variables: self.rules.count + 1,
                constraints: self.constraints
            ),
            rules: self.rules,
            regions: self.regions.regions
        )
    }
}
