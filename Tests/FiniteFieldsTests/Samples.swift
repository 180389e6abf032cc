import FiniteFields

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

/// A field that tests draw elements of, often extreme ones.
protocol SampledElement: FieldElement {
    static func sample(_ generator: inout SplitMix64) -> Self
}

extension Fp: SampledElement {
    static func sample(_ generator: inout SplitMix64) -> Fp {
        let random = Fp(
            limbs: (
                generator.next(), generator.next(), generator.next(), generator.next(), generator.next(),
                generator.next() >> 3
            )
        )
        // The second extreme has 1 as its Montgomery form, the third p - 1.
        let extremes = [Fp.one, Fp(limbs: (0, 0, 0, 0, 0, 1)), -Fp.one, .zero, Fp(2).inverse()]
        let choice = Int(generator.next() % 16)
        return choice < extremes.count ? extremes[choice] : random
    }
}

extension Fp2: SampledElement {
    static func sample(_ generator: inout SplitMix64) -> Fp2 { Fp2(.sample(&generator), .sample(&generator)) }
}

extension Fp6: SampledElement {
    static func sample(_ generator: inout SplitMix64) -> Fp6 {
        Fp6(.sample(&generator), .sample(&generator), .sample(&generator))
    }
}

extension Fp12: SampledElement {
    static func sample(_ generator: inout SplitMix64) -> Fp12 { Fp12(.sample(&generator), .sample(&generator)) }
}

extension Fr: SampledElement {
    static func sample(_ generator: inout SplitMix64) -> Fr {
        let random = Fr(limbs: (generator.next(), generator.next(), generator.next(), generator.next()))
        let extremes = [Fr.one, -Fr.one, .zero, Fr(2).inverse()]
        let choice = Int(generator.next() % 16)
        return choice < extremes.count ? extremes[choice] : random
    }
}
