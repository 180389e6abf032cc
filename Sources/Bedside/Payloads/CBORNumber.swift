internal import Units

/// Numbers that are more than an integer (RFC 8949 §3.3, §3.4.3, §3.4.4).
extension CBORReader {
    /// Adds a simple value or floating-point number.
    func simple(
        _ head: CBORHead,
        at start: Int,
        key: PayloadTree.Span,
        into tree: inout PayloadTree
    ) throws(DecodeFailure) {
        switch head.info {
        case 20, 21: try tree.add(head.info == 21, key: key)
        case 22, 23: try tree.addNull(key: key)
        case 24 where head.argument < 32:
            throw DecodeFailure(.malformed, "a simple value in two bytes that must be in one", offset: start)
        case 25:
            let half = Float16(bitPattern: UInt16(truncatingIfNeeded: head.argument))
            try self.add(half, decimal: Self.decimal(half), key: key, into: &tree)
        case 26:
            let single = Float(bitPattern: UInt32(truncatingIfNeeded: head.argument))
            try self.add(single, decimal: ExactDecimal(single), key: key, into: &tree)
        case 27:
            let double = Double(bitPattern: head.argument)
            try self.add(double, decimal: ExactDecimal(double), key: key, into: &tree)
        case 31: throw DecodeFailure(.malformed, "a break without an indefinite length", offset: start)
        default: throw DecodeFailure(.unsupported, "an unassigned simple value", offset: start)
        }
    }

    private func add(
        _ float: some BinaryFloatingPoint,
        decimal: ExactDecimal?,
        key: PayloadTree.Span,
        into tree: inout PayloadTree
    ) throws(DecodeFailure) {
        if let decimal {
            try tree.add(decimal, key: key)
        } else if float.isNaN {
            try tree.add(PayloadTree.Absence.notANumber, key: key)
        } else {
            try tree.add(
                float.sign == .minus ? PayloadTree.Absence.negativeInfinity : PayloadTree.Absence.positiveInfinity,
                key: key
            )
        }
    }

    /// The shortest decimal that reads back as `half`; nil for NaN and infinities.
    private static func decimal(_ half: Float16) -> ExactDecimal? {
        guard half.isFinite else { return nil }
        // No half-precision integer needs more than 16 bits; "65504.0" would claim a digit too many.
        if let whole = Int(exactly: half) { return ExactDecimal(whole) }
        return ExactDecimal(parsing: half.description.utf8)
    }

    /// Reads what tags 2 to 4 tag; nil, with nothing read, for other tags.
    mutating func taggedNumber(_ tag: UInt64) throws(DecodeFailure) -> ExactDecimal? {
        switch tag {
        case 2: return ExactDecimal(significand: try self.bignum(try self.head()), exponent: 0)
        case 3: return ExactDecimal(significand: -1 - (try self.bignum(try self.head())), exponent: 0)
        case 4: return try self.decimalFraction()
        default: return nil
        }
    }

    /// The magnitude of a bignum, whose leading zeros count for nothing (RFC 8949 §3.4.3).
    private mutating func bignum(_ head: CBORHead) throws(DecodeFailure) -> Int128 {
        let start = self.position
        guard head.major == .bytes else {
            throw DecodeFailure(.malformed, "a bignum is not a byte string", offset: start)
        }
        guard !head.isIndefinite else {
            throw DecodeFailure(.unsupported, "a bignum of indefinite length", offset: start)
        }
        var magnitude: Int128 = 0
        for position in try self.content(head) {
            // 34 decimal digits are 113 bits, so the shift below cannot lose a bit of what is accepted.
            magnitude = magnitude << 8 | Int128(self.bytes[position])
            guard magnitude < Self.significandLimit else {
                throw DecodeFailure(
                    .unsupported,
                    "a number has more than \(ExactDecimal.maximumDigits) digits",
                    offset: start
                )
            }
        }
        return magnitude
    }

    /// Reads `[exponent, mantissa]`.
    private mutating func decimalFraction() throws(DecodeFailure) -> ExactDecimal {
        let start = self.position
        let head = try self.head()
        guard head.major == .array, head.isIndefinite || head.argument == 2 else {
            throw DecodeFailure(.malformed, "a decimal fraction is not an array of two", offset: start)
        }
        let exponent = try self.integer(try self.head())
        let mantissa = try self.mantissa()
        if head.isIndefinite, try !self.skipBreak() {
            throw DecodeFailure(.malformed, "a decimal fraction is not an array of two", offset: start)
        }
        guard exponent.magnitude <= UInt128(ExactDecimal.maximumExponent) else {
            throw DecodeFailure(.unsupported, "the exponent of a decimal fraction is too large", offset: start)
        }
        return ExactDecimal(significand: mantissa, exponent: Int(exponent))
    }

    private mutating func mantissa() throws(DecodeFailure) -> Int128 {
        let start = self.position
        let head = try self.head()
        guard head.major == .tag else { return try self.integer(head) }
        switch head.argument {
        case 2: return try self.bignum(try self.head())
        case 3: return -1 - (try self.bignum(try self.head()))
        default: throw DecodeFailure(.malformed, "the mantissa of a decimal fraction is no integer", offset: start)
        }
    }

    private func integer(_ head: CBORHead) throws(DecodeFailure) -> Int128 {
        switch head.major {
        case .unsigned: return Int128(head.argument)
        case .negative: return -1 - Int128(head.argument)
        default:
            throw DecodeFailure(.malformed, "part of a decimal fraction is no integer", offset: self.position)
        }
    }

    /// 10^34 - 1: above it, also for the `-1 - n` of negative bignums, digits would be lost.
    private static let significandLimit: Int128 = 9_999_999_999_999_999_999_999_999_999_999_999
}
