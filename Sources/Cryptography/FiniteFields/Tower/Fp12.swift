package import CFieldKernels

/// An element of `Fp12 = Fp6[w] / (w² - v)`.
package struct Fp12: FieldElement {
    package var value: wl_fp12

    package init(_ value: wl_fp12) { self.value = value }

    /// `c0 + c1 w`.
    package init(_ c0: Fp6, _ c1: Fp6) { self.value = wl_fp12(c0: c0.value, c1: c1.value) }

    package var c0: Fp6 { Fp6(self.value.c0) }
    package var c1: Fp6 { Fp6(self.value.c1) }

    package static let zero = Fp12(wl_fp12())
    package static let one = Fp12(.one, .zero)

    package static func == (a: Fp12, b: Fp12) -> Bool { equalLimbs(a.value, b.value) }
    package static func + (a: Fp12, b: Fp12) -> Fp12 { Fp12(a.c0 + b.c0, a.c1 + b.c1) }
    package static func - (a: Fp12, b: Fp12) -> Fp12 { Fp12(a.c0 - b.c0, a.c1 - b.c1) }
    package static func * (a: Fp12, b: Fp12) -> Fp12 { Fp12(kernel(a.value, b.value, wl_fp12_mul)) }
    package static prefix func - (a: Fp12) -> Fp12 { Fp12(-a.c0, -a.c1) }
    package func squared() -> Fp12 { Fp12(kernel(self.value, wl_fp12_sqr)) }

    /// `c0 - c1 w`, the power to `p⁶`; of an element of the cyclotomic subgroup, the inverse.
    package func conjugate() -> Fp12 { Fp12(self.c0, -self.c1) }

    package func inverse() -> Fp12 {
        let norm = (self.c0.squared() - self.c1.squared().timesV()).inverse()
        return Fp12(self.c0 * norm, -self.c1 * norm)
    }

    /// Squarings in the cyclotomic subgroup, where they cost half.
    ///
    /// - Precondition: the power to `p⁴ - p² + 1` is one.
    package func cyclotomicallySquared(times count: Int32 = 1) -> Fp12 {
        Fp12(kernel(self.value) { wl_fp12_cyclotomic_sqr($0, $1, count) })
    }

    /// The power to 0xd201000000010000 of an element of the cyclotomic subgroup.
    ///
    /// - Precondition: the power to `p⁴ - p² + 1` is one.
    package func cyclotomicParameterPower() -> Fp12 { Fp12(kernel(self.value, wl_fp12_parameter_power)) }

    /// The coefficients of 1, w, w², …, w⁵ over Fp2; w² is v.
    package var coefficients: [Fp2] { [self.c0.c0, self.c1.c0, self.c0.c1, self.c1.c1, self.c0.c2, self.c1.c2] }

    /// The sum of six coefficients times 1, w, …, w⁵.
    package init(coefficients: [Fp2]) {
        precondition(coefficients.count == 6)
        self.init(
            Fp6(coefficients[0], coefficients[2], coefficients[4]),
            Fp6(coefficients[1], coefficients[3], coefficients[5])
        )
    }
}
