package import CFieldKernels

/// An element of `Fp6 = Fp2[v] / (v³ - (1 + u))`.
package struct Fp6: FieldElement {
    package var value: wl_fp6

    package init(_ value: wl_fp6) { self.value = value }

    /// `c0 + c1 v + c2 v²`.
    package init(_ c0: Fp2, _ c1: Fp2, _ c2: Fp2) {
        self.value = wl_fp6(c0: c0.value, c1: c1.value, c2: c2.value)
    }

    package var c0: Fp2 { Fp2(self.value.c0) }
    package var c1: Fp2 { Fp2(self.value.c1) }
    package var c2: Fp2 { Fp2(self.value.c2) }

    package static let zero = Fp6(wl_fp6())
    package static let one = Fp6(.one, .zero, .zero)

    package static func == (a: Fp6, b: Fp6) -> Bool { equalLimbs(a.value, b.value) }
    package static func + (a: Fp6, b: Fp6) -> Fp6 { Fp6(a.c0 + b.c0, a.c1 + b.c1, a.c2 + b.c2) }
    package static func - (a: Fp6, b: Fp6) -> Fp6 { Fp6(a.c0 - b.c0, a.c1 - b.c1, a.c2 - b.c2) }
    package static func * (a: Fp6, b: Fp6) -> Fp6 { Fp6(kernel(a.value, b.value, wl_fp6_mul)) }
    package static func * (a: Fp6, b: Fp2) -> Fp6 { Fp6(a.c0 * b, a.c1 * b, a.c2 * b) }
    package static prefix func - (a: Fp6) -> Fp6 { Fp6(-a.c0, -a.c1, -a.c2) }
    package func squared() -> Fp6 { self * self }

    /// The element times `v`.
    package func timesV() -> Fp6 { Fp6(self.c2.timesXi(), self.c0, self.c1) }

    package func inverse() -> Fp6 {
        let first = self.c0.squared() - (self.c1 * self.c2).timesXi()
        let second = self.c2.squared().timesXi() - self.c0 * self.c1
        let third = self.c1.squared() - self.c0 * self.c2
        let norm = (self.c2 * second + self.c1 * third).timesXi() + self.c0 * first
        return Fp6(first, second, third) * norm.inverse()
    }
}
