package import CFieldKernels

/// An element of `Fp2 = Fp[u] / (u² + 1)`.
package struct Fp2: FieldElement {
    package var value: wl_fp2

    package init(_ value: wl_fp2) { self.value = value }

    /// `c0 + c1 u`.
    package init(_ c0: Fp, _ c1: Fp) { self.value = wl_fp2(c0: c0.value, c1: c1.value) }

    package var c0: Fp { Fp(self.value.c0) }
    package var c1: Fp { Fp(self.value.c1) }

    package static let zero = Fp2(wl_fp2())
    package static let one = Fp2(Fp.one, Fp.zero)
    /// `1 + u`, the cube root and square root that the tower adjoins are of it.
    package static let xi = Fp2(Fp.one, Fp.one)

    package static func == (a: Fp2, b: Fp2) -> Bool { equalLimbs(a.value, b.value) }
    package static func + (a: Fp2, b: Fp2) -> Fp2 { Fp2(kernel(a.value, b.value, wl_fp2_add)) }
    package static func - (a: Fp2, b: Fp2) -> Fp2 { Fp2(kernel(a.value, b.value, wl_fp2_sub)) }
    package static func * (a: Fp2, b: Fp2) -> Fp2 { Fp2(kernel(a.value, b.value, wl_fp2_mul)) }
    package static func * (a: Fp2, b: Fp) -> Fp2 { Fp2(kernel(a.value, b.value, wl_fp2_mul_fp)) }
    package static prefix func - (a: Fp2) -> Fp2 { Fp2(kernel(a.value, wl_fp2_neg)) }
    package func squared() -> Fp2 { Fp2(kernel(self.value, wl_fp2_sqr)) }

    /// The element times `1 + u`.
    package func timesXi() -> Fp2 { Fp2(kernel(self.value, wl_fp2_mul_xi)) }

    /// `c0 - c1 u`, which is also the power to `p`.
    package func conjugate() -> Fp2 { Fp2(self.c0, -self.c1) }

    /// `c0² + c1²`, the product with the conjugate.
    package func norm() -> Fp { self.c0.squared() + self.c1.squared() }

    package func inverse() -> Fp2 { self.conjugate() * self.norm().inverse() }

    /// The power to an integer, least significant limb first.
    ///
    /// The time depends on the exponent.
    package func power(_ exponent: [UInt64]) -> Fp2 {
        var result = Fp2.one
        for limb in exponent.reversed() {
            for bit in (0..<64).reversed() {
                result = result.squared()
                if limb >> bit & 1 == 1 { result = result * self }
            }
        }
        return result
    }

    /// `sgn0` of RFC 9380 section 4.1: the parity of `c0`, or of `c1` where `c0` is zero.
    package var isOdd: Bool { self.c0.isZero ? self.c1.isOdd : self.c0.isOdd }

    /// Whether the element is greater than its negative, compared by `c1` and then by `c0`.
    package var isLarger: Bool { self.c1.isZero ? self.c0.isLarger : self.c1.isLarger }
}

extension Fp2 {
    /// A square root; nil for an element that has none.
    ///
    /// The time depends on the element.
    package func squareRoot() -> Fp2? {
        guard let norm = self.norm().squareRoot() else { return nil }
        return self.squareRoot(norm: norm)
    }

    /// A square root of an element that has one.
    ///
    /// With `x² = a`, the real part of `x` squared is `(c0 + n) / 2`, where `n` is a root of the norm. If that is no
    /// square then `(c0 - n) / 2` is, and one exponentiation serves both cases.
    ///
    /// - Parameter norm: either square root of the norm.
    /// - Returns: one of the two roots.
    func squareRoot(norm: Fp) -> Fp2 {
        if self.c1.isZero { return self.squareRootOfReal() }
        let half = (self.c0 + norm) * Self.half
        let factor = half.squareRootFactor()
        let root = factor * half
        let other = factor * self.c1 * Self.half
        return root.squared() == half ? Fp2(root, other) : Fp2(-other, root)
    }

    private func squareRootOfReal() -> Fp2 {
        let root = self.c0.squareRootFactor() * self.c0
        return root.squared() == self.c0 ? Fp2(root, .zero) : Fp2(.zero, root)
    }

    private static let half = Fp(2).inverse()
}
