package import CFieldKernels

/// An element of the base field of BLS12-381, integers modulo the 381-bit prime `p`.
package struct Fp: FieldElement {
    /// In Montgomery form, below `p`.
    package var value: wl_fp

    package init(_ value: wl_fp) { self.value = value }

    package static let zero = Fp(wl_fp())
    package static let one = Fp(1)

    /// The element that stands for a small integer.
    package init(_ integer: UInt64) { self.init(limbs: (integer, 0, 0, 0, 0, 0)) }

    /// The element that stands for an integer below 2^384, least significant limb first.
    package init(limbs: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)) {
        // The second operand may be any integer, the first must be below 2p.
        self.init(kernel(Self.montgomerySquare, wl_fp(limb: limbs), wl_fp_mul))
    }

    /// 2^768 modulo p, which brings an integer into Montgomery form.
    private static let montgomerySquare = wl_fp(
        limb: (
            0xf4df_1f34_1c34_1746, 0x0a76_e6a6_09d1_04f1, 0x8de5_476c_4c95_b6d5, 0x67eb_88a9_939d_83c0,
            0x9a79_3e85_b519_952d, 0x1198_8fe5_92ca_e3aa
        )
    )

    /// The integer that the element stands for, below `p`, least significant limb first.
    package var limbs: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) {
        kernel(self.value, wl_fp(limb: (1, 0, 0, 0, 0, 0)), wl_fp_mul).limb
    }

    package static func == (a: Fp, b: Fp) -> Bool { equalLimbs(a.value, b.value) }
    package static func + (a: Fp, b: Fp) -> Fp { Fp(kernel(a.value, b.value, wl_fp_add)) }
    package static func - (a: Fp, b: Fp) -> Fp { Fp(kernel(a.value, b.value, wl_fp_sub)) }
    package static func * (a: Fp, b: Fp) -> Fp { Fp(kernel(a.value, b.value, wl_fp_mul)) }
    package static prefix func - (a: Fp) -> Fp { Fp(kernel(a.value, wl_fp_neg)) }
    package func squared() -> Fp { Fp(kernel(self.value, wl_fp_sqr)) }
    package func inverse() -> Fp { Fp(kernel(self.value, wl_fp_inv)) }

    /// The power to an integer of six limbs, least significant first.
    ///
    /// The time depends on the exponent.
    package func power(_ exponent: [UInt64]) -> Fp {
        precondition(exponent.count == 6)
        return Fp(kernel(self.value) { wl_fp_pow($0, $1, exponent) })
    }

    /// The power to `(p - 3) / 4`: times the element itself it is a square root of the element or of its negative,
    /// because `p` is 3 modulo 4.
    package func squareRootFactor() -> Fp { self.power(Self.squareRootExponent) }

    private static let squareRootExponent: [UInt64] = [
        0xee7f_bfff_ffff_eaaa, 0x07aa_ffff_ac54_ffff, 0xd9cc_34a8_3dac_3d89, 0xd91d_d2e1_3ce1_44af,
        0x92c6_e9ed_90d2_eb35, 0x0680_447a_8e5f_f9a6,
    ]

    /// A square root; nil for an element that has none.
    package func squareRoot() -> Fp? {
        let candidate = self.squareRootFactor() * self
        return candidate.squared() == self ? candidate : nil
    }

    /// `sgn0` of RFC 9380 section 4.1: whether the integer is odd.
    package var isOdd: Bool { self.limbs.0 & 1 == 1 }

    /// Whether the integer is greater than that of the negative, which is what the sign of an encoded point says.
    package var isLarger: Bool {
        // From (p + 1) / 2 on, the double is reduced once and so becomes odd.
        (self + self).isOdd
    }
}
