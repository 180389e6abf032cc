/// Constant-time arithmetic modulo the order of P-256 on four 64-bit limbs, least significant first.
///
/// `n = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551` (SEC 2, secp256r1). Products use
/// Montgomery's method with R = 2^256 (Koç, Acar, Kaliski 1996, CIOS).
enum ScalarField {
    typealias Limbs = P256Scalar.Limbs

    static let order: Limbs = (0xf3b9_cac2_fc63_2551, 0xbce6_faad_a717_9e84, .max, 0xffff_ffff_0000_0000)
    /// `-n^-1 mod 2^64`.
    private static let negatedInverse: UInt64 = 0xccd1_c8aa_ee00_bc4f
    /// `R^2 mod n`.
    private static let rSquared: Limbs = (
        0x8324_4c95_be79_eea2, 0x4699_799c_49bd_6fa6, 0x2845_b239_2b6b_ec59, 0x66e1_2d94_f3d9_5620
    )

    static func isReduced(_ a: Limbs) -> Bool { self.difference(a, self.order).borrow == 1 }

    /// `a mod n` for any 256-bit `a`, which is below `2n`.
    static func reduceOnce(_ a: Limbs) -> Limbs {
        let (reduced, borrow) = self.difference(a, self.order)
        return self.select(a, whenOne: borrow, otherwise: reduced)
    }

    static func add(_ a: Limbs, _ b: Limbs) -> Limbs {
        var carry: UInt64 = 0
        let sum = (
            self.addCarry(a.0, b.0, &carry), self.addCarry(a.1, b.1, &carry), self.addCarry(a.2, b.2, &carry),
            self.addCarry(a.3, b.3, &carry)
        )
        let (reduced, borrow) = self.difference(sum, self.order)
        return self.select(sum, whenOne: borrow & ~carry, otherwise: reduced)
    }

    /// The larger of `a` and `a + n` that is below 2^256; its highest limb is not zero.
    static func lengthened(_ a: Limbs) -> Limbs {
        var carry: UInt64 = 0
        let sum = (
            self.addCarry(a.0, self.order.0, &carry), self.addCarry(a.1, self.order.1, &carry),
            self.addCarry(a.2, self.order.2, &carry), self.addCarry(a.3, self.order.3, &carry)
        )
        return self.select(a, whenOne: carry, otherwise: sum)
    }

    static func subtract(_ a: Limbs, _ b: Limbs) -> Limbs {
        let (result, borrow) = self.difference(a, b)
        let mask = 0 &- borrow
        var carry: UInt64 = 0
        return (
            self.addCarry(result.0, self.order.0 & mask, &carry), self.addCarry(result.1, self.order.1 & mask, &carry),
            self.addCarry(result.2, self.order.2 & mask, &carry), self.addCarry(result.3, self.order.3 & mask, &carry)
        )
    }

    /// `a·R mod n`.
    static func toMontgomery(_ a: Limbs) -> Limbs { self.montgomeryProduct(a, self.rSquared) }

    /// `a·b·R^-1 mod n`.
    static func montgomeryProduct(_ a: Limbs, _ b: Limbs) -> Limbs {
        var t: (UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0)
        self.accumulate(&t, a, b.0)
        self.accumulate(&t, a, b.1)
        self.accumulate(&t, a, b.2)
        self.accumulate(&t, a, b.3)
        let low = (t.0, t.1, t.2, t.3)
        let (reduced, borrow) = self.difference(low, self.order)
        return self.select(low, whenOne: borrow & ~t.4, otherwise: reduced)
    }

    /// `a^(n-2) mod n`, four bits of the public exponent at a time.
    static func inverse(_ a: Limbs) -> Limbs {
        let base = self.toMontgomery(a)
        var powers = [self.toMontgomery((1, 0, 0, 0)), base]
        for index in 2..<16 { powers.append(self.montgomeryProduct(powers[index - 1], base)) }
        let exponent = [self.order.3, self.order.2, self.order.1, self.order.0 - 2]
        var result = powers[0]
        for word in exponent {
            for shift in stride(from: 60, through: 0, by: -4) {
                for _ in 0..<4 { result = self.montgomeryProduct(result, result) }
                result = self.montgomeryProduct(result, powers[Int(word >> UInt64(shift) & 15)])
            }
        }
        return self.montgomeryProduct(result, (1, 0, 0, 0))
    }

    /// One row: `t = (t + a·b + m·n) / 2^64`.
    @inline(__always)
    private static func accumulate(_ t: inout (UInt64, UInt64, UInt64, UInt64, UInt64), _ a: Limbs, _ b: UInt64) {
        var carry: UInt64 = 0
        t.0 = self.multiplyAdd(a.0, b, t.0, &carry)
        t.1 = self.multiplyAdd(a.1, b, t.1, &carry)
        t.2 = self.multiplyAdd(a.2, b, t.2, &carry)
        t.3 = self.multiplyAdd(a.3, b, t.3, &carry)
        var top: UInt64 = 0
        t.4 = self.addCarry(t.4, carry, &top)

        let m = t.0 &* self.negatedInverse
        carry = 0
        _ = self.multiplyAdd(m, self.order.0, t.0, &carry)
        t.0 = self.multiplyAdd(m, self.order.1, t.1, &carry)
        t.1 = self.multiplyAdd(m, self.order.2, t.2, &carry)
        t.2 = self.multiplyAdd(m, self.order.3, t.3, &carry)
        var last: UInt64 = 0
        t.3 = self.addCarry(t.4, carry, &last)
        t.4 = top &+ last
    }

    /// Low word of `a·b + c + carry`; the high word becomes the carry.
    @inline(__always)
    private static func multiplyAdd(_ a: UInt64, _ b: UInt64, _ c: UInt64, _ carry: inout UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        let (first, firstOverflow) = product.low.addingReportingOverflow(c)
        let (second, secondOverflow) = first.addingReportingOverflow(carry)
        carry = product.high &+ self.bit(firstOverflow) &+ self.bit(secondOverflow)
        return second
    }

    @inline(__always)
    private static func addCarry(_ a: UInt64, _ b: UInt64, _ carry: inout UInt64) -> UInt64 {
        let (first, firstOverflow) = a.addingReportingOverflow(b)
        let (second, secondOverflow) = first.addingReportingOverflow(carry)
        carry = self.bit(firstOverflow) | self.bit(secondOverflow)
        return second
    }

    @inline(__always)
    private static func difference(_ a: Limbs, _ b: Limbs) -> (Limbs, borrow: UInt64) {
        var borrow: UInt64 = 0
        let result = (
            self.subtractBorrow(a.0, b.0, &borrow), self.subtractBorrow(a.1, b.1, &borrow),
            self.subtractBorrow(a.2, b.2, &borrow), self.subtractBorrow(a.3, b.3, &borrow)
        )
        return (result, borrow)
    }

    @inline(__always)
    private static func subtractBorrow(_ a: UInt64, _ b: UInt64, _ borrow: inout UInt64) -> UInt64 {
        let (first, firstOverflow) = a.subtractingReportingOverflow(b)
        let (second, secondOverflow) = first.subtractingReportingOverflow(borrow)
        borrow = self.bit(firstOverflow) | self.bit(secondOverflow)
        return second
    }

    /// A flag of the processor as a word; no branch.
    @inline(__always)
    private static func bit(_ flag: Bool) -> UInt64 { UInt64(unsafeBitCast(flag, to: UInt8.self)) }

    @inline(__always)
    private static func select(_ a: Limbs, whenOne choice: UInt64, otherwise b: Limbs) -> Limbs {
        let mask = 0 &- (choice & 1)
        return (
            a.0 & mask | b.0 & ~mask, a.1 & mask | b.1 & ~mask, a.2 & mask | b.2 & ~mask, a.3 & mask | b.3 & ~mask
        )
    }
}
