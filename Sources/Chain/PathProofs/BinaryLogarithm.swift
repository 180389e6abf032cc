/// Logarithms in fixed point, the same on every machine.
enum BinaryLogarithm {
    /// Bits behind the point.
    static let fractionBits = 32

    /// `log2(value)` times 2³², rounded down; the last bits may be off.
    ///
    /// Squares a number between 1 and 2 again and again: every time it passes 2 is a bit of the fraction.
    ///
    /// - Precondition: the value is not zero.
    static func log2(_ value: UInt32) -> UInt64 {
        let exponent = UInt64(31 - value.leadingZeroBitCount)
        // 1 is at bit 62.
        var mantissa = UInt64(value) << (62 - exponent)
        var result = exponent
        for _ in 0..<self.fractionBits {
            let square = mantissa.multipliedFullWidth(by: mantissa)
            mantissa = square.high << 2 | square.low >> 62
            let isTwo = mantissa >> 63
            mantissa >>= isTwo
            result = result << 1 | isTwo
        }
        return result
    }
}

extension Credibility {
    /// `-log2(value / 1,000,000)` times 2³²: what a hop costs when credible ways are short; nil for 0, which no way
    /// leads over.
    var routeCost: UInt64? {
        guard self.value > 0 else { return nil }
        return BinaryLogarithm.log2(Self.scale) - BinaryLogarithm.log2(self.value)
    }

    /// The product, in millionths, rounded down.
    package static func * (a: Credibility, b: Credibility) -> Credibility {
        let product = UInt64(a.value) * UInt64(b.value) / UInt64(Self.scale)
        return (try? Credibility(UInt32(product))) ?? .full
    }
}
