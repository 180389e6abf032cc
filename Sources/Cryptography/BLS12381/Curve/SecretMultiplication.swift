internal import FiniteFields

/// A digit from -16 to 16 of a window of five bits.
struct BoothDigit {
    /// Bits that one window consumes.
    static let width = 5
    /// Largest magnitude.
    static let magnitudeMax = 16

    /// 0 to 16.
    let magnitude: UInt64
    /// 1 for a negative digit.
    let sign: UInt64

    /// The digit of the window whose lowest bit is at `position`; digits times their places add up to the integer.
    ///
    /// - Parameter bits: the integer shifted so that the bit below the window is the lowest one.
    init(bits: UInt64) {
        let window = bits & 63
        self.sign = window >> 5
        let mask = 0 &- self.sign
        self.magnitude = ((window &+ 1) & ~mask | (64 &- window) & mask) >> 1
    }

    /// The digit of window `index` of an integer.
    init(_ integer: UInt128, window index: Int) {
        let position = index * Self.width
        self.init(bits: UInt64(truncatingIfNeeded: position == 0 ? integer << 1 : integer >> (position - 1)))
    }
}

extension EndomorphicGroup {
    /// The product with a scalar that may be secret: operations and addresses do not depend on it.
    ///
    /// Fixed windows, tables that are read as a whole, and complete additions, which have no special cases.
    func multipliedInConstantTime(by scalar: Fr) -> Self {
        let digits = Self.digits(of: scalar)
        let table = self.multiples(BoothDigit.magnitudeMax)
        // One more bit than the digit has, for the carry of the signed windows.
        let windows = Self.digitBits / BoothDigit.width + 1
        var result = Self.identity
        for window in (0..<windows).reversed() {
            if window < windows - 1 { result = result.doubled(times: Int32(BoothDigit.width)) }
            for (power, digit) in digits.enumerated() {
                let booth = BoothDigit(digit, window: window)
                let multiple = Self.selected(booth.magnitude, from: table)
                result = result.combined(with: multiple.multipliedByBase(power: power).negated(ifOne: booth.sign))
            }
        }
        return result
    }
}

/// Multiples of one element that is multiplied often, for scalars that may be secret.
struct FixedBaseTable<Group: EndomorphicGroup>: Sendable {
    /// Windows of five bits in the 255 of a scalar and a carry.
    private static var windowCount: Int { 52 }

    /// For each window, the products of its place with 1 to 16.
    private let windows: [[Group]]

    init(_ base: Group) {
        var place = base
        self.windows = (0..<Self.windowCount).map { _ in
            defer { place = place.doubled(times: Int32(BoothDigit.width)) }
            return place.multiples(BoothDigit.magnitudeMax)
        }
    }

    /// The product of the base with a scalar, in constant time.
    func multiplied(by scalar: Fr) -> Group {
        let limbs = scalar.limbs
        let low = UInt128(limbs.1) << 64 | UInt128(limbs.0)
        let high = UInt128(limbs.3) << 64 | UInt128(limbs.2)
        var result = Group.identity
        for (index, window) in self.windows.enumerated() {
            let booth = BoothDigit(bits: Self.bits(low, high, below: index * BoothDigit.width))
            let multiple = Group.selected(booth.magnitude, from: window)
            result = result.combined(with: multiple.negated(ifOne: booth.sign))
        }
        return result
    }

    /// The integer shifted so that the bit below `position` comes first.
    private static func bits(_ low: UInt128, _ high: UInt128, below position: Int) -> UInt64 {
        if position == 0 { return UInt64(truncatingIfNeeded: low << 1) }
        let shift = position - 1
        if shift >= 128 { return UInt64(truncatingIfNeeded: high >> (shift - 128)) }
        return UInt64(truncatingIfNeeded: low >> shift | high << (128 - shift))
    }
}
