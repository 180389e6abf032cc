internal import BLS12381
internal import CanonicalBytes
internal import ConstraintSystems
internal import FiniteFields
internal import Groth16

/// What the keys of a circuit have before δ, from the powers of τ: everyone computes the same.
struct CircuitBasis: Sendable {
    /// `A_i(τ)·P1`, for every variable.
    let a: G1Points
    /// `B_i(τ)·P1`.
    let b1: G1Points
    /// `B_i(τ)·P2`.
    let b2: G2Points
    /// `(β A_i + α B_i + C_i)(τ)·P1`.
    let combined: G1Points
    /// `τ^j Z(τ)·P1`, one fewer than the domain has points.
    let h: G1Points

    /// Computes the basis; `progress` hears of steps done and of how many there are.
    ///
    /// - Throws: `FORMAT` for a circuit that is larger than the powers allow.
    init(
        _ powers: PowersOfTau,
        _ system: ConstraintSystem,
        progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(ProtocolFailure) {
        let logarithm = QuadraticProgram.logarithm(system)
        let count = 1 << logarithm
        try require(
            logarithm <= CeremonyStart.logarithmMax && count <= powers.count,
            .format,
            "a circuit of 2^\(logarithm) rows, and the powers are for \(powers.count)"
        )
        let domain = EvaluationDomain(logarithm: logarithm)
        let columns = SparseColumns(system, factor: Fr(UInt64(count)).inverse())
        // Transforming the powers takes about as long as combining them.
        let steps = 4 * logarithm
        var done = 0
        func stepDone() {
            done += 1
            progress(done, 2 * steps)
        }
        let tau = LagrangeBasis.points((0..<count).map { powers.tau[$0] }, domain, layerDone: stepDone)
        let alpha = LagrangeBasis.points((0..<count).map { powers.alpha[$0] }, domain, layerDone: stepDone)
        let beta = LagrangeBasis.points((0..<count).map { powers.beta[$0] }, domain, layerDone: stepDone)
        let tauInG2 = LagrangeBasis.points((0..<count).map { powers.tauInG2[$0] }, domain, layerDone: stepDone)
        var entries: [Entry] = []
        entries.reserveCapacity(system.variables)
        for step in 0..<steps {
            let variables = system.variables * step / steps..<system.variables * (step + 1) / steps
            entries += Cores.map(variables.count) { index in
                let variable = variables.lowerBound + index
                let (a, b, c) = (columns.a[variable], columns.b[variable], columns.c[variable])
                return Entry(
                    a: Self.sum([(a, tau)]),
                    b1: Self.sum([(b, tau)]),
                    b2: G2Point.sum(publicScalars: b.map(\.coefficient), b.map { tauInG2[$0.row] }),
                    combined: Self.sum([(a, beta), (b, alpha), (c, tau)])
                )
            }
            stepDone()
        }
        self.a = G1Points(entries.map(\.a))
        self.b1 = G1Points(entries.map(\.b1))
        self.b2 = G2Points(entries.map(\.b2))
        self.combined = G1Points(entries.map(\.combined))
        self.h = G1Points((0..<count - 1).map { powers.tau[$0 + count] - powers.tau[$0] })
    }

    /// The points of one variable.
    private struct Entry: Sendable {
        let a: G1Point
        let b1: G1Point
        let b2: G2Point
        let combined: G1Point
    }

    private static func sum(_ parts: [([SparseColumns.Entry], [G1Point])]) -> G1Point {
        G1Point.sum(
            publicScalars: parts.flatMap { $0.0.map(\.coefficient) },
            parts.flatMap { (entries, points) in entries.map { points[$0.row] } }
        )
    }
}

/// The matrices of a constraint system by variable, with the rows that bind the public inputs.
struct SparseColumns: Sendable {
    struct Entry: Sendable {
        let row: Int
        let coefficient: Fr
    }

    private(set) var a: [[Entry]]
    private(set) var b: [[Entry]]
    private(set) var c: [[Entry]]

    /// All coefficients are multiplied by the factor.
    init(_ system: ConstraintSystem, factor: Fr) {
        let empty = [[Entry]](repeating: [], count: system.variables)
        (self.a, self.b, self.c) = (empty, empty, empty)
        for (row, constraint) in system.constraints.enumerated() {
            Self.add(constraint.a, row, factor, to: &self.a)
            Self.add(constraint.b, row, factor, to: &self.b)
            Self.add(constraint.c, row, factor, to: &self.c)
        }
        for variable in 0...system.publicInputs {
            self.a[variable].append(Entry(row: system.constraints.count + variable, coefficient: factor))
        }
    }

    private static func add(_ combination: LinearCombination, _ row: Int, _ factor: Fr, to columns: inout [[Entry]]) {
        for term in combination.terms {
            columns[Int(term.variable)].append(Entry(row: row, coefficient: term.coefficient * factor))
        }
    }
}
