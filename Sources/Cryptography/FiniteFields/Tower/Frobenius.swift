/// The powers of `1 + u` that turn up where elements of the tower are raised to powers of `p`.
package enum Frobenius {
    /// `(1 + u)^(i (p - 1) / 6)` for `i` from 0 to 5: the factor of `wⁱ` under the power to `p`.
    package static let factors: [Fp2] = {
        let root = Fp2.xi.power(Self.exponent)
        return (1..<6).reduce(into: [.one]) { factors, index in factors.append(factors[index - 1] * root) }
    }()

    /// `(1 + u)^(i (p² - 1) / 6)` for `i` from 0 to 5: the factor of `wⁱ` under the power to `p²`.
    package static let squareFactors: [Fp] = Self.factors.map { $0.norm() }

    /// `(p - 1) / 6`.
    private static let exponent: [UInt64] = [
        0x49aa_7fff_ffff_f1c7, 0x051c_aaaa_72e3_5555, 0xe688_231a_d3c8_2906, 0xe613_e1eb_7deb_831f,
        0x0c84_9bf3_b5e1_f223, 0x0455_82fc_5eea_a66f,
    ]
}

extension Fp12 {
    /// The power to `p`.
    package func frobenius() -> Fp12 {
        Fp12(coefficients: zip(self.coefficients, Frobenius.factors).map { $0.conjugate() * $1 })
    }

    /// The power to `p²`.
    package func frobeniusSquared() -> Fp12 {
        Fp12(coefficients: zip(self.coefficients, Frobenius.squareFactors).map { $0 * $1 })
    }
}
