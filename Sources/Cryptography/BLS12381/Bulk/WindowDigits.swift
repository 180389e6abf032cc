internal import FiniteFields

/// Scalars as signed digits, the digits of one window one after the other.
struct WindowDigits: Sendable {
    /// Bits of a window, from 2 to 15.
    let width: Int
    /// Windows of a scalar; the last one takes the carry.
    let windows: Int
    private let count: Int
    private let digits: [Int16]

    /// The digits of scalars that everyone may know, or that only who computes here knows: the time depends on them.
    init(_ scalars: [Fr], width: Int) {
        precondition((2...15).contains(width))
        let windows = 255 / width + 1
        let count = scalars.count
        self.width = width
        self.windows = windows
        self.count = count
        self.digits = [Int16](unsafeUninitializedCapacity: count * windows) { digits, filled in
            for (index, scalar) in scalars.enumerated() {
                Self.write(scalar, width: width, windows: windows) { digits[$0 * count + index] = $1 }
            }
            filled = count * windows
        }
    }

    /// Digit of a window, least significant first, of a scalar: from -2^(width - 1) + 1 to 2^(width - 1).
    subscript(window: Int, index: Int) -> Int { Int(self.digits[window * self.count + index]) }

    @inline(__always)
    private static func write(_ scalar: Fr, width: Int, windows: Int, _ store: (Int, Int16) -> Void) {
        let limbs = scalar.limbs
        let low = UInt128(limbs.1) << 64 | UInt128(limbs.0)
        let high = UInt128(limbs.3) << 64 | UInt128(limbs.2)
        let half = 1 << (width - 1)
        let mask = (1 << width) - 1
        var carry = 0
        for window in 0..<windows {
            let position = window * width
            let word =
                position >= 128
                ? high >> (position - 128) : position == 0 ? low : low >> position | high << (128 - position)
            var digit = Int(truncatingIfNeeded: word) & mask + carry
            carry = digit > half ? 1 : 0
            digit -= carry << width
            store(window, Int16(truncatingIfNeeded: digit))
        }
    }
}
