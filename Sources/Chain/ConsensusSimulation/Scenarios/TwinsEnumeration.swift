internal import Consensus

/// Two processes with the key of the leader of views 0 and 2, and every way of splitting the five processes in two
/// (Bano et al., *Twins: BFT Systems Made Robust*, OPODIS 2021).
package enum TwinsEnumeration {
    /// Ways to put five processes into two groups: the first is always in group 0.
    static let splits: UInt64 = 16

    /// Milliseconds that one split lasts: a little more than a time-out.
    static let round: UInt64 = 60

    /// A run in which the splits follow each other.
    ///
    /// `splits` has one number below 16 for each round; bit `i` is the group of process `i + 1`.
    package static func plan(splits: [UInt64], seed: UInt64) -> Plan {
        var plan = Plan(name: "S33", seed: seed, size: 4, calmAtMilliseconds: UInt64(splits.count) * Self.round)
        plan.configuration.progressTimeout = 35
        plan.configuration.tick = 30
        plan.configuration.window = 2
        plan.quality.delay = 300...4_000
        plan.twins = [0]
        // Replicas 0 and 1 take turns: 0, with its twin, leads views 0 and 2.
        plan.barred = [2, 3]
        plan.submit(1, every: 20, from: 2, to: UInt64(splits.count) * Self.round)
        for (round, split) in splits.enumerated() {
            let groups = [0] + (0..<4).map { UInt8(split >> UInt64($0) & 1) }
            plan.at(UInt64(round) * Self.round, .split(groups))
        }
        return plan
    }

    /// The scenario of all splits to a depth, or of samples when there are fewer variants than splits.
    static func scenario(depth: Int, name: String, variants: UInt64) -> Scenario {
        Scenario(name, "twins lead views 0 and 2, \(depth) splits in two in a row: one chain", variants: variants) {
            let total = (0..<depth).reduce(1 as UInt64) { product, _ in product * Self.splits }
            var number = total == variants ? $0 : RandomSource.sample($0, below: total)
            var splits: [UInt64] = []
            for _ in 0..<depth {
                splits.append(number % Self.splits)
                number /= Self.splits
            }
            return Self.plan(splits: splits, seed: $0)
        }
    }
}

extension RandomSource {
    fileprivate static func sample(_ seed: UInt64, below bound: UInt64) -> UInt64 {
        var random = RandomSource(seed: seed)
        return random.below(bound)
    }
}
