import FiniteFields

extension Fr {
    /// A scalar that looks random, the same in every run.
    static func random(_ seed: UInt64) -> Fr {
        var generator = SplitMix64(state: seed)
        return Fr(limbs: (generator.next(), generator.next(), generator.next(), generator.next()))
    }

    /// Scalars at the ends of the range, of the digits and of the windows, and some that look random.
    static let samples: [Fr] = {
        let parameter = Fr(0xd201_0000_0001_0000)
        let powers = (1...3).reduce(into: [Fr.one]) { powers, _ in powers.append(powers[powers.count - 1] * parameter) }
        let edges =
            powers.flatMap { [$0, -$0, $0 - .one, $0 + .one] } + [.zero, Fr(2), Fr(15), Fr(16), Fr(17), Fr(31)]
        let dense = [Fr(limbs: (.max, .max, .max, .max >> 2)), Fr(limbs: (0, 0, 0, 1 << 62)), Fr(1 << 63)]
        return edges + dense + (0..<20).map(Fr.random)
    }()
}

/// Random-looking numbers, the same in every run.
///
/// After Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = self.state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
