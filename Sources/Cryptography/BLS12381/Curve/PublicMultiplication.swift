internal import FiniteFields

/// The digits of an integer in width-5 non-adjacent form: zero or odd, from -15 to 15, with four zeros behind each that
/// is not zero.
struct NonAdjacentForm {
    /// Least significant first.
    let digits: [Int8]

    init(_ integer: UInt128) {
        var digits: [Int8] = []
        digits.reserveCapacity(130)
        var rest = integer
        var carry: UInt128 = 0
        while rest != 0 || carry != 0 {
            let window = Int8(truncatingIfNeeded: (rest & 31) &+ carry)
            if window & 1 == 0 {
                digits.append(0)
                // A carry with an odd rest makes an even window and stays a carry.
                carry = carry & rest & 1
            } else {
                digits.append(window > 16 ? window - 32 : window)
                carry = window > 16 ? 1 : 0
                digits.append(contentsOf: [0, 0, 0, 0])
                rest >>= 4
            }
            rest >>= 1
        }
        self.digits = digits
    }
}

extension EndomorphicGroup {
    /// The product with a scalar that everyone may know; the time depends on it.
    func multipliedPublicly(by scalar: Fr) -> Self { Self.sumPublicly([(scalar, self)]) }

    /// The sum of products with scalars that everyone may know, with shared doublings.
    static func sumPublicly(_ terms: [(Fr, Self)]) -> Self {
        var rows: [[Int8]] = []
        var odd: [Self] = []
        odd.reserveCapacity(terms.count * Self.digitCount * Self.oddCount)
        for (scalar, element) in terms {
            let multiples = element.oddMultiples()
            for (power, digit) in Self.digits(of: scalar).enumerated() {
                rows.append(NonAdjacentForm(digit).digits)
                odd += power == 0 ? multiples : multiples.map { $0.multipliedByBase(power: power) }
            }
        }
        var result = Self.identity
        var pending: Int32 = 0
        for position in (0..<(rows.map(\.count).max() ?? 0)).reversed() {
            pending += 1
            for row in rows.indices where position < rows[row].count && rows[row][position] != 0 {
                let digit = rows[row][position]
                if pending > 0 { result = result.doubled(times: pending) }
                pending = 0
                let index = row * Self.oddCount + Int(digit.magnitude / 2)
                result = result.combined(with: digit < 0 ? odd[index].negated() : odd[index])
            }
        }
        return result.doubled(times: pending)
    }

    private static var oddCount: Int { 8 }

    /// The products with 1, 3, …, 15.
    private func oddMultiples() -> [Self] {
        let double = self.doubled(times: 1)
        return (1..<Self.oddCount).reduce(into: [self]) { odd, index in
            odd.append(odd[index - 1].combined(with: double))
        }
    }
}
