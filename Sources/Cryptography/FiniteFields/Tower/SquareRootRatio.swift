extension Fp2 {
    /// `sqrt_ratio` of RFC 9380 section F.2.1 for G2: a square root of `a / b` and true, or where there is none, of
    /// `z a / b` and false, with the non-square `z = -(2 + u)`.
    ///
    /// - Precondition: `b` is not zero.
    package static func squareRootOfRatio(_ a: Fp2, _ b: Fp2) -> (isSquare: Bool, root: Fp2) {
        let ratio = a * b.inverse()
        let norm = ratio.norm()
        // An element of Fp2 is a square exactly if its norm is one in Fp.
        let candidate = norm.squareRootFactor() * norm
        if candidate.squared() == norm { return (true, ratio.squareRoot(norm: candidate)) }
        // Then the candidate is a root of -norm, and z has the norm 5.
        let turned = ratio * self.nonSquare
        return (false, turned.squareRoot(norm: candidate * self.rootOfMinusFive))
    }

    /// `Z` of the suite.
    package static let nonSquare = Fp2(-Fp(2), -Fp(1))

    /// A square root of -5, times one of -norm a root of 5 norm.
    private static let rootOfMinusFive = (-Fp(5)).squareRootFactor() * -Fp(5)
}

extension Fp {
    /// `sqrt_ratio` of RFC 9380 section F.2.1.2 for G1: a square root of `a / b` and true, or where there is none, of
    /// `11 a / b` and false.
    ///
    /// - Precondition: `b` is not zero.
    package static func squareRootOfRatio(_ a: Fp, _ b: Fp) -> (isSquare: Bool, root: Fp) {
        let product = a * b
        let root = (product * b.squared()).squareRootFactor() * product
        if root.squared() * b == a { return (true, root) }
        return (false, root * self.rootOfMinusEleven)
    }

    private static let rootOfMinusEleven = (-Fp(11)).squareRootFactor() * -Fp(11)
}
