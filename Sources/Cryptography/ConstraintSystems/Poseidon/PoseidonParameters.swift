internal import Crypto
internal import FiniteFields

/// The constants of Poseidon over Fr with three cells, x⁵, 8 full and 57 partial rounds (specification section 8.1).
package struct PoseidonParameters: Sendable {
    package static let width = 3
    package static let fullRounds = 8
    package static let partialRounds = 57
    package static let rounds = Self.fullRounds + Self.partialRounds

    /// Generated when first used.
    package static let standard = PoseidonParameters()

    /// What is added to the cells, for each round.
    package let roundConstants: [PoseidonCells]
    /// The rows of the matrix: each output cell is a row's product with the cells.
    package let matrix: [PoseidonCells]

    private init() {
        var grain = GrainGenerator(
            width: Self.width,
            fullRounds: Self.fullRounds,
            partialRounds: Self.partialRounds
        )
        self.roundConstants = (0..<Self.rounds).map { _ in
            PoseidonCells(grain.nextElement(), grain.nextElement(), grain.nextElement())
        }
        self.matrix = Self.matrix(&grain)
    }

    /// Whether all cells go through the S-box in this round, or only the first one.
    package static func isFull(round: Int) -> Bool {
        round < self.fullRounds / 2 || round >= self.fullRounds / 2 + self.partialRounds
    }

    /// A Cauchy matrix: `1 / (x_i + y_j)` for pairwise distinct values.
    private static func matrix(_ grain: inout GrainGenerator) -> [PoseidonCells] {
        while true {
            let values = (0..<2 * self.width).map { _ in grain.nextReduced() }
            let isDistinct = values.indices.allSatisfy { !values[..<$0].contains(values[$0]) }
            let sums = values[..<self.width].map { x in values[self.width...].map { x + $0 } }
            guard isDistinct, sums.allSatisfy({ !$0.contains(.zero) }) else { continue }
            return sums.map { row in PoseidonCells(row[0].inverse(), row[1].inverse(), row[2].inverse()) }
        }
    }
}

extension PoseidonParameters {
    /// SHA-256 of the round constants in order, by which implementations compare theirs.
    package var roundConstantsDigest: [UInt8] {
        Array(SHA256.hash(data: self.roundConstants.flatMap(\.elements).flatMap(\.bytes)))
    }
}
