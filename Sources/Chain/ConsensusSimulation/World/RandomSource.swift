/// A repeatable stream of random numbers: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
package struct RandomSource: Sendable {
    private var state: UInt64

    package init(seed: UInt64) { self.state = seed }

    /// The first number of the stream.
    var first: UInt64 {
        var copy = self
        return copy.next()
    }

    package mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        return mix(self.state)
    }

    /// A number below `bound`, which must not be 0.
    package mutating func below(_ bound: UInt64) -> UInt64 { self.next().multipliedFullWidth(by: bound).high }

    /// An index below `bound`, which must not be 0.
    package mutating func index(_ bound: Int) -> Int { Int(self.below(UInt64(bound))) }

    package mutating func within(_ range: ClosedRange<UInt64>) -> UInt64 {
        range.lowerBound + self.below(range.upperBound - range.lowerBound + 1)
    }

    /// True in `percent` of 100 cases.
    package mutating func chance(_ percent: Int) -> Bool { self.index(100) < percent }

    package mutating func pick<Element>(_ list: [Element]) -> Element { list[self.index(list.count)] }

    package mutating func shuffle<Element>(_ list: [Element]) -> [Element] {
        var list = list
        for index in stride(from: list.count - 1, to: 0, by: -1) { list.swapAt(index, self.index(index + 1)) }
        return list
    }
}

/// SplitMix64's output function.
func mix(_ value: UInt64) -> UInt64 {
    var value = value
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
}
