/// Where a circuit's constraints are: one row for each region.
package struct CircuitProfile: Sendable, Hashable {
    /// Constraints and non-zero coefficients of a region, those of inner regions included.
    package struct Row: Sendable, Hashable {
        package let region: String
        /// Regions around this one.
        package let depth: Int
        package fileprivate(set) var constraints = 0
        /// Non-zero coefficients of A, which a prover's time and memory follow.
        package fileprivate(set) var termsA = 0
        package fileprivate(set) var termsB = 0
        package fileprivate(set) var termsC = 0
    }

    /// In the order of synthesis, outer regions before inner ones.
    package let rows: [Row]
    /// All of the circuit, with what belongs to no region.
    package let total: Row

    /// - Parameters:
    ///   - circuit: what is profiled.
    ///   - depthMax: regions around the innermost ones that are listed.
    package init(_ circuit: Circuit, depthMax: Int = .max) {
        let constraints = circuit.system.constraints
        self.rows = circuit.regions.filter { $0.depth <= depthMax }.map { region in
            Row(region: region.path, depth: region.depth, constraints[region.constraints])
        }
        self.total = Row(region: "total", depth: 0, constraints[...])
    }
}

extension CircuitProfile.Row {
    fileprivate init(region: String, depth: Int, _ constraints: ArraySlice<Constraint>) {
        self.init(region: region, depth: depth)
        self.constraints = constraints.count
        for constraint in constraints {
            self.termsA += constraint.a.terms.count
            self.termsB += constraint.b.terms.count
            self.termsC += constraint.c.terms.count
        }
    }
}
