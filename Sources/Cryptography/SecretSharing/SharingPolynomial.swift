package import FiniteFields

/// A polynomial with secret coefficients, whose values at 1, 2, … are shares of its value at 0 (Shamir's sharing).
package final class SharingPolynomial: @unchecked Sendable {
    // Written once at creation and wiped at the end; never changed between.
    private var coefficients: [Fr]

    /// - Parameter coefficients: the secret first; at least one, and the caller wipes its own copy.
    package init(_ coefficients: [Fr]) {
        precondition(!coefficients.isEmpty)
        // The caller's storage must not be shared, or wiping one copy would leave the other.
        self.coefficients = coefficients.map { $0 }
    }

    /// A random polynomial with this value at 0, of which `threshold` shares are needed to find it.
    ///
    /// - Precondition: the threshold is positive.
    package convenience init(secret: SecretFr, threshold: Int) {
        precondition(threshold > 0)
        var coefficients = [secret.withValue { $0 }] + (1..<threshold).map { _ in Fr.random() }
        self.init(coefficients)
        coefficients.wipe()
    }

    deinit { self.coefficients.wipe() }

    /// How many shares determine the secret.
    package var threshold: Int { self.coefficients.count }

    /// The value at a public place; the caller wipes it.
    package func value(at place: UInt64) -> Fr {
        let place = Fr(place)
        return self.coefficients.reversed().reduce(Fr.zero) { $0 * place + $1 }
    }

    /// What a function makes of every coefficient, the secret's first.
    package func map<Result, Failure: Error>(
        _ transform: (Fr) throws(Failure) -> Result
    ) throws(Failure) -> [Result] {
        var results: [Result] = []
        for coefficient in self.coefficients { results.append(try transform(coefficient)) }
        return results
    }
}

/// Interpolation of a polynomial at 0.
package enum Lagrange {
    /// The factors by which values at these places add up to the value at 0.
    ///
    /// - Precondition: places are distinct and none is zero.
    package static func weights(atZeroFrom places: [UInt64]) -> [Fr] {
        let points = places.map { Fr($0) }
        let denominators = points.indices.map { i in
            points.indices.reduce(Fr.one) { $1 == i ? $0 : $0 * (points[$1] - points[i]) }
        }
        return zip(points.indices, Fr.inverses(of: denominators)).map { i, inverse in
            points.indices.reduce(inverse) { $1 == i ? $0 : $0 * points[$1] }
        }
    }
}
