internal import FiniteFields

/// The canonical pairing of the specification (section 3.4): the optimal ate pairing raised to
/// `3 (p¹² - 1) / r`, the cube of that of the CFRG draft.
package enum Pairing {
    /// `e(P, Q)`.
    package static func pair(_ p: G1Point, _ q: G2Point) -> GT { self.product([(p, q)]) }

    /// The product of `e(P_i, Q_i)`, with one final exponentiation.
    package static func product(_ pairs: [(G1Point, G2Point)]) -> GT {
        self.product(pairs.map { ($0, PreparedG2($1)) })
    }

    /// The product of `e(P_i, Q_i)` for points of G2 whose lines are computed.
    package static func product(_ pairs: [(G1Point, PreparedG2)]) -> GT {
        self.finalExponentiation(MillerLoop.product(pairs))
    }

    /// Whether the product of `e(P_i, Q_i)` is one.
    package static func productIsOne(_ pairs: [(G1Point, G2Point)]) -> Bool { self.product(pairs).isOne }

    /// Whether the product of `e(P_i, Q_i)` is one, for points of G2 whose lines are computed.
    package static func productIsOne(_ pairs: [(G1Point, PreparedG2)]) -> Bool { self.product(pairs).isOne }

    /// The power to `3 (p¹² - 1) / r`.
    ///
    /// D. Hayashida, K. Hayasaka, T. Teruya, "Efficient final exponentiation via cyclotomic structure for pairings over
    /// families of elliptic curves" (2020): for parameter x, three times `(p⁴ - p² + 1) / r` is
    /// `(x - 1)² (x + p) (x² + p² - 1) + 3`.
    static func finalExponentiation(_ value: Fp12) -> GT {
        let easy = value.conjugate() * value.inverse()
        let base = GT(easy.frobeniusSquared() * easy)
        let first = base.lessOneTimesParameter().lessOneTimesParameter()
        let second = first.timesParameter() * GT(first.value.frobenius())
        let third =
            second.timesParameter().timesParameter() * GT(second.value.frobeniusSquared()) * second.inverse()
        return third * base * base.doubled(times: 1)
    }
}

extension GT {
    /// The power to the curve's parameter, which is negative.
    fileprivate func timesParameter() -> GT { self.multipliedByParameter().inverse() }

    /// The power to the curve's parameter less one.
    fileprivate func lessOneTimesParameter() -> GT { (self.multipliedByParameter() * self).inverse() }
}
