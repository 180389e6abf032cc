internal import FiniteFields

/// A product of pairings before its final exponentiation, so that parts of a long product can be computed apart, each
/// on a core of its own.
package struct PartialPairing: Sendable {
    private let value: Fp12

    private init(_ value: Fp12) { self.value = value }

    /// The product of `e(P_i, Q_i)`.
    package init(_ pairs: [(G1Point, PreparedG2)]) { self.value = MillerLoop.product(pairs) }

    package static func * (a: PartialPairing, b: PartialPairing) -> PartialPairing {
        PartialPairing(a.value * b.value)
    }

    /// The product itself.
    package func finished() -> GT { Pairing.finalExponentiation(self.value) }
}
