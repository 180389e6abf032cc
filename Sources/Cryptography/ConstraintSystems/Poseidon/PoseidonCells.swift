package import FiniteFields

/// The state of Poseidon's permutation: three elements.
package struct PoseidonCells: Sendable, Equatable {
    package var first: Fr
    package var second: Fr
    package var third: Fr

    package init(_ first: Fr, _ second: Fr, _ third: Fr) {
        self.first = first
        self.second = second
        self.third = third
    }

    package var elements: [Fr] { [self.first, self.second, self.third] }

    static func + (a: PoseidonCells, b: PoseidonCells) -> PoseidonCells {
        PoseidonCells(a.first + b.first, a.second + b.second, a.third + b.third)
    }

    /// The sum of the cells' products.
    static func * (a: PoseidonCells, b: PoseidonCells) -> Fr {
        a.first * b.first + a.second * b.second + a.third * b.third
    }
}
