internal import CanonicalBytes

/// A numeric attribute as one attribute a bit, which lets a tree compare it (specification section 7.3).
struct BagOfBits {
    static let bitCount = UInt16.bitWidth
    let name: String

    /// The attributes that stand for a value, highest bit first.
    func attributes(of value: UInt16) -> [String] {
        (0..<Self.bitCount).reversed().map { self.attribute(bit: $0, value >> $0 & 1) }
    }

    /// The tree that holds for the values that satisfy the comparison.
    ///
    /// - Throws: `POLICY` when all values or none satisfy it.
    func tree(_ comparison: PolicyComparison, _ bound: UInt16) throws(ProtocolFailure) -> AccessTree {
        switch comparison {
        case .equal: return .gate(threshold: Self.bitCount, self.attributes(of: bound).map(AccessTree.leaf))
        case .atLeast: return try self.range(from: bound)
        case .atMost: return try self.range(through: bound)
        case .greater:
            try require(bound < .max, .policy, "a comparison that is never true")
            return try self.range(from: bound + 1)
        case .less:
            try require(bound > 0, .policy, "a comparison that is never true")
            return try self.range(through: bound - 1)
        }
    }

    /// Leaves of the tree of a comparison that some numbers satisfy and some do not.
    static func leafCount(_ comparison: PolicyComparison, _ bound: UInt16) -> Int {
        guard let range = comparison.values(bound) else { return 0 }
        // A tree looks at the bits down to the last one that matters.
        return switch comparison {
        case .equal: self.bitCount
        case .atLeast, .greater: self.bitCount - range.lowerBound.trailingZeroBitCount
        case .atMost, .less: self.bitCount - (~range.upperBound).trailingZeroBitCount
        }
    }

    /// The fewest leaves of the tree of a comparison that a number satisfies it with; nil when it does not.
    static func leavesUsed(by value: UInt16, _ comparison: PolicyComparison, _ bound: UInt16) -> Int? {
        guard let range = comparison.values(bound), range.contains(value) else { return nil }
        switch comparison {
        case .equal: return self.bitCount
        case .atLeast, .greater: return self.leavesUsed(by: value, bound: range.lowerBound, winningBit: 1)
        case .atMost, .less: return self.leavesUsed(by: value, bound: range.upperBound, winningBit: 0)
        }
    }

    /// Down to the first bit that alone decides, or to the last that the tree asks for.
    private static func leavesUsed(by value: UInt16, bound: UInt16, winningBit: UInt16) -> Int {
        var used = 0
        for bit in (0..<self.bitCount).reversed() {
            let lowBits = UInt16.max >> (self.bitCount - 1 - bit)
            if bound & lowBits == (winningBit == 1 ? 0 : lowBits) { break }
            let isForced = bound >> bit & 1 == winningBit
            if isForced || value >> bit & 1 == winningBit { used += 1 }
            if !isForced, value >> bit & 1 == winningBit { break }
        }
        return used
    }

    private func range(from bound: UInt16) throws(ProtocolFailure) -> AccessTree {
        try self.nonTrivial(self.tree(bound: bound, winningBit: 1, bit: Self.bitCount - 1))
    }

    private func range(through bound: UInt16) throws(ProtocolFailure) -> AccessTree {
        try self.nonTrivial(self.tree(bound: bound, winningBit: 0, bit: Self.bitCount - 1))
    }

    private func nonTrivial(_ tree: AccessTree?) throws(ProtocolFailure) -> AccessTree {
        guard let tree else { throw ProtocolFailure(.policy, "a comparison that is always true") }
        return tree
    }

    /// `R(i)`: what bits `i` to 0 must be when the higher ones equal the bound's; nil when all values will do.
    private func tree(bound: UInt16, winningBit: UInt16, bit: Int) -> AccessTree? {
        let lowBits = UInt16.max >> (Self.bitCount - 1 - bit)
        let losing = winningBit == 1 ? 0 : lowBits
        guard bit >= 0, bound & lowBits != losing else { return nil }
        let leaf = AccessTree.leaf(self.attribute(bit: bit, winningBit))
        guard let rest = self.tree(bound: bound, winningBit: winningBit, bit: bit - 1) else { return leaf }
        // Where the bound has the winning bit the value needs it too; elsewhere it alone decides.
        return bound >> bit & 1 == winningBit ? leaf.and(rest) : leaf.or(rest)
    }

    private func attribute(bit: Int, _ value: UInt16) -> String { "\(self.name)#\(bit)=\(value)" }
}

extension AccessTree {
    /// Both; the children of an AND on the right become children of this one.
    fileprivate func and(_ right: AccessTree) -> AccessTree {
        if case .gate(let threshold, let children) = right, threshold == children.count {
            return .gate(threshold: threshold + 1, [self] + children)
        }
        return .gate(threshold: 2, [self, right])
    }

    /// Either; the children of an OR on the right become children of this one.
    fileprivate func or(_ right: AccessTree) -> AccessTree {
        if case .gate(threshold: 1, let children) = right { return .gate(threshold: 1, [self] + children) }
        return .gate(threshold: 1, [self, right])
    }
}
