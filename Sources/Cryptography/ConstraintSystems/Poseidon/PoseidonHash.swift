package import CanonicalBytes
package import FiniteFields

/// What a Poseidon hash is for, so that no hash of one use is one of another (specification section 8.1).
package enum PoseidonDomain: UInt64, Sendable, CaseIterable {
    case leaf = 1
    case node = 2
    case nym = 3
    case holder = 4
    /// The table of a policy in the universal circuit.
    case policy = 5
}

/// Poseidon outside of circuits, in time that does not depend on the operands.
package enum Poseidon {
    /// The permutation of three cells.
    package static func permutation(_ cells: PoseidonCells) -> PoseidonCells {
        let (first, second, third) = Self.rows
        var cells = cells
        for round in 0..<PoseidonParameters.rounds {
            cells = cells + PoseidonParameters.standard.roundConstants[round]
            cells.first = Self.fifthPower(cells.first)
            if PoseidonParameters.isFull(round: round) {
                cells.second = Self.fifthPower(cells.second)
                cells.third = Self.fifthPower(cells.third)
            }
            cells = PoseidonCells(first * cells, second * cells, third * cells)
        }
        return cells
    }

    /// `PH(domain; inputs)`.
    ///
    /// - Precondition: there is an input.
    package static func hash(_ domain: PoseidonDomain, _ inputs: [Fr]) -> Fr {
        precondition(!inputs.isEmpty)
        var cells = PoseidonCells(Self.capacity(domain, count: inputs.count), .zero, .zero)
        for start in stride(from: 0, to: inputs.count, by: 2) {
            cells.second = cells.second + inputs[start]
            if start + 1 < inputs.count { cells.third = cells.third + inputs[start + 1] }
            cells = Self.permutation(cells)
        }
        return cells.second
    }

    /// `PH(domain; inputs)` of encoded inputs.
    ///
    /// - Throws: `FORMAT` for an input of another length than 32 bytes, `SCALAR` for none and for one that is not below
    ///   the group order.
    package static func hash(_ domain: PoseidonDomain, encoded inputs: [[UInt8]]) throws(ProtocolFailure) -> Fr {
        try require(!inputs.isEmpty, .scalar, "nothing to hash")
        var elements: [Fr] = []
        for input in inputs { elements.append(try Fr(input)) }
        return self.hash(domain, elements)
    }

    /// `domain·2³² + count`, which the first cell starts with.
    static func capacity(_ domain: PoseidonDomain, count: Int) -> Fr {
        Fr(domain.rawValue << 32 + UInt64(count))
    }

    private static let rows = (
        PoseidonParameters.standard.matrix[0], PoseidonParameters.standard.matrix[1],
        PoseidonParameters.standard.matrix[2]
    )

    private static func fifthPower(_ x: Fr) -> Fr { x.squared().squared() * x }
}
