internal import FiniteFields

extension CircuitBuilder {
    /// Poseidon's permutation: 243 constraints.
    ///
    /// Constants and matrix cost nothing: they are folded into the combinations.
    ///
    /// - Precondition: there are three cells.
    package mutating func poseidonPermutation(_ cells: [LinearCombination]) -> [LinearCombination] {
        precondition(cells.count == PoseidonParameters.width)
        let parameters = PoseidonParameters.standard
        var cells = cells
        for round in 0..<PoseidonParameters.rounds {
            let isFull = PoseidonParameters.isFull(round: round)
            let constants = parameters.roundConstants[round].elements
            for cell in cells.indices {
                cells[cell] = cells[cell] + constants[cell]
                if isFull || cell == 0 { cells[cell] = self.fifthPower(cells[cell]) }
            }
            cells = parameters.matrix.map { row in zip(row.elements, cells).map { $0 * $1 }.sum }
        }
        return cells
    }

    /// `PH(domain; inputs)`: 243 constraints for each two inputs.
    ///
    /// - Precondition: there is an input.
    package mutating func poseidonHash(
        _ domain: PoseidonDomain,
        _ inputs: [LinearCombination]
    ) -> LinearCombination {
        precondition(!inputs.isEmpty)
        let capacity = Poseidon.capacity(domain, count: inputs.count)
        var cells: [LinearCombination] = [LinearCombination(constant: capacity), .zero, .zero]
        for start in stride(from: 0, to: inputs.count, by: 2) {
            cells[1] = cells[1] + inputs[start]
            if start + 1 < inputs.count { cells[2] = cells[2] + inputs[start + 1] }
            cells = self.poseidonPermutation(cells)
        }
        return cells[1]
    }

    private mutating func fifthPower(_ x: LinearCombination) -> LinearCombination {
        let square = self.product(x, x)
        let fourth = self.product(square, square)
        return self.product(fourth, x)
    }
}
