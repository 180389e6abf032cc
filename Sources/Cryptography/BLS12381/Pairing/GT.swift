internal import CanonicalBytes
package import FiniteFields

/// An element of the target group of the pairing, the subgroup of order `r` of Fp12's units, written multiplicatively.
package struct GT: Sendable, Equatable {
    let value: Fp12

    /// - Precondition: the value lies in the group.
    init(_ value: Fp12) { self.value = value }

    /// Bytes of an encoded element.
    package static let byteCount = 576

    package static let one = GT(Fp12.one)

    /// `e(P1, P2)`.
    package static let generator = Pairing.pair(.generator, .generator)

    package static func * (a: GT, b: GT) -> GT { GT(a.value * b.value) }
    package static func / (a: GT, b: GT) -> GT { a * b.inverse() }
    package func inverse() -> GT { GT(self.value.conjugate()) }
    package var isOne: Bool { self.value == .one }

    /// The power to a scalar that may be secret, in constant time.
    package func power(_ scalar: Fr) -> GT { self.multipliedInConstantTime(by: scalar) }

    /// The power to a scalar that everyone may know; faster, and the time depends on it.
    package func power(public scalar: Fr) -> GT { self.multipliedPublicly(by: scalar) }
}

extension GT: EndomorphicGroup {
    static var identity: GT { .one }
    static let digitCount = 4

    func combined(with other: GT) -> GT { self * other }
    func doubled(times count: Int32) -> GT { GT(self.value.cyclotomicallySquared(times: count)) }
    func negated() -> GT { self.inverse() }
    func multipliedByParameter() -> GT { GT(self.value.cyclotomicParameterPower()) }

    /// The power to `p` is the power to the curve's parameter, which is negative.
    func multipliedByBase(power exponent: Int) -> GT {
        switch exponent {
        case 0: self
        case 1: GT(self.value.frobenius().conjugate())
        case 2: GT(self.value.frobeniusSquared())
        default: GT(self.value.frobeniusSquared().frobenius().conjugate())
        }
    }
}

/// Powers of one element that is raised often, for scalars that may be secret.
package struct GTPowers: Sendable {
    private let table: FixedBaseTable<GT>

    /// Computes the table: as much work as some three powers, and half a megabyte.
    package init(_ base: GT) { self.table = FixedBaseTable(base) }

    /// The power to a scalar, in constant time.
    package func power(_ scalar: Fr) -> GT { self.table.multiplied(by: scalar) }
}
