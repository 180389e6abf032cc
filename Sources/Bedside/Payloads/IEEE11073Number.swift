package import Units

/// A number of a personal health device: IEEE 11073-20601 SFLOAT-Type (16 bits) or FLOAT-Type (32 bits).
///
/// Both are `mantissa * 10^exponent` with a signed two's complement mantissa and exponent, so the decimal is exact and
/// carries the device's resolution: `F014` is 20e-1, "2.0". Five mantissas are codes instead of numbers, but only
/// together with exponent 0 (IEEE 11073-20601, FLOAT-Type); `17FF` is the ordinary number 2047e1.
package enum IEEE11073Number: Equatable, Sendable {
    /// A measured number with its precision.
    case number(ExactDecimal)
    /// One of the special codes: NaN, ±INFINITY; NRes (not at this resolution) and reserved give `error`.
    case absent(PayloadTree.Absence)

    /// Decodes an SFLOAT: the upper 4 bits are the exponent, the lower 12 the mantissa.
    package init(sfloat raw: UInt16) {
        let mantissa = Int32(Int16(bitPattern: raw << 4) >> 4)
        let exponent = Int(Int16(bitPattern: raw) >> 12)
        self.init(mantissa: mantissa, exponent: exponent, limit: 0x7FF)
    }

    /// Decodes a FLOAT: the upper 8 bits are the exponent, the lower 24 the mantissa.
    package init(float raw: UInt32) {
        let mantissa = Int32(bitPattern: raw << 8) >> 8
        let exponent = Int(Int8(bitPattern: UInt8(raw >> 24)))
        self.init(mantissa: mantissa, exponent: exponent, limit: 0x7F_FFFF)
    }

    /// The measured number; nil for a special code.
    package var number: ExactDecimal? {
        switch self {
        case .number(let value): value
        case .absent: nil
        }
    }

    /// Sorts the special codes, which lie at both ends of the mantissa's range, from the numbers.
    private init(mantissa: Int32, exponent: Int, limit: Int32) {
        let isSpecial = exponent == 0 && abs(mantissa) >= limit - 1
        guard isSpecial else {
            self = .number(ExactDecimal(significand: Int128(mantissa), exponent: exponent))
            return
        }
        switch mantissa {
        case limit: self = .absent(.notANumber)
        case limit - 1: self = .absent(.positiveInfinity)
        case 1 - limit: self = .absent(.negativeInfinity)
        default: self = .absent(.error)
        }
    }
}
