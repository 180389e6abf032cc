internal import FiniteFields

extension CircuitBuilder {
    /// 1 when all booleans are 1, else 0: one constraint for each but the first.
    ///
    /// - Precondition: there is one.
    package mutating func conjunction(_ children: [LinearCombination]) -> LinearCombination {
        precondition(!children.isEmpty)
        return children.dropFirst().reduce(children[0]) { self.product($0, $1) }
    }

    /// 1 when any boolean is 1, else 0: one constraint for each but the first.
    ///
    /// - Precondition: there is one.
    package mutating func disjunction(_ children: [LinearCombination]) -> LinearCombination {
        .one - self.conjunction(children.map { .one - $0 })
    }

    /// A boolean that may be 1 only when at least `threshold` of the booleans are 1: `bitlen(n) + 2` constraints.
    ///
    /// It may be 0 in any case: a prover can only do worse by that where gates are monotone.
    ///
    /// - Precondition: the threshold is from 1 to the number of children.
    package mutating func threshold(_ threshold: Int, of children: [LinearCombination]) -> LinearCombination {
        precondition((1...children.count).contains(threshold))
        let sum = children.sum
        let isMet = self.boolean(.atLeast(sum, UInt64(threshold)))
        let length = Int.bitWidth - children.count.leadingZeroBitCount
        self.enforceRange(sum - Fr(UInt64(threshold)) * isMet, bits: length)
        return isMet
    }

    /// A gate of a policy: AND for `n` of `n`, OR for 1 of `n`, else a threshold (specification section 8.4).
    package mutating func gate(threshold: Int, _ children: [LinearCombination]) -> LinearCombination {
        if threshold == children.count { return self.conjunction(children) }
        if threshold == 1 { return self.disjunction(children) }
        return self.threshold(threshold, of: children)
    }
}
