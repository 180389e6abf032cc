internal import FiniteFields

extension CircuitBuilder {
    /// The bits of an integer below 2^count, least significant first: `count + 1` constraints.
    ///
    /// They hold for exactly one choice of bits, and for none unless the value is below 2^count.
    ///
    /// - Precondition: 2^count is below the group order, or another sum of bits would stand for the same element.
    package mutating func bits(_ value: LinearCombination, count: Int) -> [LinearCombination] {
        precondition((1...254).contains(count))
        let bits = (0..<count).map { self.boolean(.bit(value, place: $0)) }
        var power = Fr.one
        let sum = bits.map { bit in
            defer { power = power + power }
            return power * bit
        }.sum
        self.enforceEqual(sum, value)
        return bits
    }

    /// Requires that an integer is below 2^count: `count + 1` constraints.
    package mutating func enforceRange(_ value: LinearCombination, bits count: Int) {
        _ = self.bits(value, count: count)
    }

    /// Requires `value ≥ bound` where `isRequired` is 1, and `value < 2³²` where it is 0.
    ///
    /// Where it is 0 callers give the value 0. The bound is below 2³²; 33 constraints.
    package mutating func enforceAtLeast(
        _ value: LinearCombination,
        _ bound: UInt32,
        where isRequired: LinearCombination
    ) {
        self.enforceRange(value - Fr(UInt64(bound)) * isRequired, bits: 32)
    }

    /// Requires `0 ≤ value ≤ bound` where `isRequired` is 1, and `value = 0` where it is 0: 66 constraints.
    package mutating func enforceAtMost(
        _ value: LinearCombination,
        _ bound: UInt32,
        where isRequired: LinearCombination
    ) {
        self.enforceRange(value, bits: 32)
        self.enforceRange(Fr(UInt64(bound)) * isRequired - value, bits: 32)
    }
}
