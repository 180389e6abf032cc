/// A repeatable stream of random numbers: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
struct Chance {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var value = self.state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    /// Below a bound above 0.
    mutating func below(_ bound: UInt64) -> UInt64 { self.next().multipliedFullWidth(by: bound).high }

    mutating func happens(_ percent: UInt64) -> Bool { self.below(100) < percent }
}
