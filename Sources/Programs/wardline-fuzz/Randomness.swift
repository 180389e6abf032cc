/// The only source of chance: SplitMix64, started from the run's seed and a payload's index.
///
/// Payload `i` depends on nothing else, so any finding can be replayed alone.
struct Randomness: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64, index: UInt64) {
        self.state = Self.mixed(seed &+ 0x9E37_79B9_7F4A_7C15) ^ Self.mixed(index &* 0xD134_2543_DE82_EF95 &+ 1)
    }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mixed(self.state)
    }

    /// A number from 0 up to, not including, `bound`; 0 when the bound is not positive.
    mutating func below(_ bound: Int) -> Int {
        guard bound > 0 else { return 0 }
        return Int(self.next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// True once in `count` times.
    mutating func once(in count: Int) -> Bool { self.below(count) == 0 }

    /// An element of a collection that is not empty.
    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[self.below(elements.count)] }

    /// A small number, large ones exponentially rarer, from 0 up to `limit`.
    mutating func small(_ limit: Int) -> Int {
        let bits = self.below(max(1, Int.bitWidth - limit.leadingZeroBitCount)) + 1
        return min(limit, self.below(1 << bits))
    }

    private static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
