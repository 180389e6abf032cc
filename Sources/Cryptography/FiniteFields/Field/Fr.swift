package import CFieldKernels
package import CanonicalBytes

/// A scalar of BLS12-381: an integer modulo the group order `r`.
package struct Fr: FieldElement {
    /// In Montgomery form, below `r`.
    package var value: wl_fr

    package init(_ value: wl_fr) { self.value = value }

    package static let zero = Fr(wl_fr())
    package static let one = Fr(1)
    /// Bytes of an encoded scalar.
    package static let byteCount = 32

    /// The scalar that stands for a small integer.
    package init(_ integer: UInt64) { self.init(limbs: (integer, 0, 0, 0)) }

    /// The scalar that stands for an integer below 2^256, taken modulo `r`, least significant limb first.
    package init(limbs: (UInt64, UInt64, UInt64, UInt64)) {
        // The second operand may be any integer, the first must be below r.
        self.init(kernel(Self.montgomerySquare, wl_fr(limb: limbs), wl_fr_mul))
    }

    /// 2^512 modulo r, which brings an integer into Montgomery form.
    private static let montgomerySquare = wl_fr(
        limb: (0xc999_e990_f3f2_9c6d, 0x2b6c_edcb_8792_5c23, 0x05d3_1496_7254_398f, 0x0748_d9d9_9f59_ff11)
    )

    /// The integer below `r`, least significant limb first.
    package var limbs: (UInt64, UInt64, UInt64, UInt64) {
        kernel(self.value, wl_fr(limb: (1, 0, 0, 0)), wl_fr_mul).limb
    }

    package static func == (a: Fr, b: Fr) -> Bool { equalLimbs(a.value, b.value) }
    package static func + (a: Fr, b: Fr) -> Fr { Fr(kernel(a.value, b.value, wl_fr_add)) }
    package static func - (a: Fr, b: Fr) -> Fr { Fr(kernel(a.value, b.value, wl_fr_sub)) }
    package static func * (a: Fr, b: Fr) -> Fr { Fr(kernel(a.value, b.value, wl_fr_mul)) }
    package static prefix func - (a: Fr) -> Fr { Fr(kernel(a.value, wl_fr_neg)) }
    package func squared() -> Fr { self * self }
    package func inverse() -> Fr { Fr(kernel(self.value, wl_fr_inv)) }

    /// The power to an integer.
    ///
    /// The time depends on the exponent.
    package func power(_ exponent: UInt64) -> Fr {
        var result = Fr.one
        for bit in (0..<64 - exponent.leadingZeroBitCount).reversed() {
            result = result.squared()
            if exponent >> bit & 1 == 1 { result = result * self }
        }
        return result
    }
}

extension Fr {
    /// Decodes 32 bytes, most significant first; zero is accepted (specification section 3.1).
    ///
    /// - Throws: ``ProtocolFailure`` with code `FORMAT` for another length, `SCALAR` for an integer not below `r`.
    package init(_ encoded: [UInt8]) throws(ProtocolFailure) {
        try require(encoded.count == Self.byteCount, .format, "a scalar has 32 bytes, not \(encoded.count)")
        let limbs = Self.limbs(encoded[...])
        self.init(limbs: limbs)
        try require(equalLimbs(limbs, self.limbs), .scalar, "the scalar is not below the group order")
    }

    /// Decodes 32 bytes that must not be zero.
    ///
    /// - Throws: ``ProtocolFailure`` with code `FORMAT` or `SCALAR`.
    package init(nonzero encoded: [UInt8]) throws(ProtocolFailure) {
        try self.init(encoded)
        try require(!self.isZero, .scalar, "the scalar is zero")
    }

    /// The integer of at most 64 bytes, most significant first, modulo `r`.
    package init(reducing bytes: [UInt8]) {
        precondition(bytes.count <= 64)
        let padded = [UInt8](repeating: 0, count: 64 - bytes.count) + bytes
        let high = Fr(limbs: Self.limbs(padded[..<32]))
        let low = Fr(limbs: Self.limbs(padded[32...]))
        self = high * Self.twoTo256 + low
    }

    /// 2^256, whose Montgomery form is 2^512.
    private static let twoTo256 = Fr(Fr.montgomerySquare)

    /// The integer in 32 bytes, most significant first.
    package var bytes: [UInt8] {
        let limbs = self.limbs
        return [limbs.3, limbs.2, limbs.1, limbs.0].flatMap { limb in
            withUnsafeBytes(of: limb.bigEndian) { Array($0) }
        }
    }

    /// Four digits to the base `0xd201000000010000`, least significant first.
    ///
    /// That is the absolute value of the curve's parameter, which the groups' endomorphisms multiply by. In constant
    /// time.
    package var parameterDigits: (UInt64, UInt64, UInt64, UInt64) {
        let limbs = self.limbs
        let integer = [limbs.0, limbs.1, limbs.2, limbs.3]
        return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 4) { digits in
            guard let start = digits.baseAddress else { return (0, 0, 0, 0) }
            wl_fr_digits(start, integer)
            return (digits[0], digits[1], digits[2], digits[3])
        }
    }

    private static func limbs(_ bytes: ArraySlice<UInt8>) -> (UInt64, UInt64, UInt64, UInt64) {
        var limbs: [UInt64] = [0, 0, 0, 0]
        for (place, byte) in bytes.enumerated() {
            limbs[3 - place / 8] = limbs[3 - place / 8] << 8 | UInt64(byte)
        }
        return (limbs[0], limbs[1], limbs[2], limbs[3])
    }
}
