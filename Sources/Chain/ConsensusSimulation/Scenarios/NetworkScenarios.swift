internal import Consensus

extension Scenario {
    /// S01 to S10: the normal case and a bad network.
    static let network: [Scenario] = [
        Scenario("S01", "all correct, 1,000 transactions: same chain, no view change") { variant in
            var plan = Plan(name: "", seed: variant, size: 4, calmAtMilliseconds: 1_100)
            plan.submit(10, every: 10, from: 20, to: 1_020)
            return plan
        } expectation: { outcome in
            outcome.viewChanges != 0 || outcome.transactions != 1_000 ? "view changes or lost transactions" : nil
        },
        Scenario("S02", "30% loss, 20% duplication, reordering: progress, nothing executed twice") { variant in
            var plan = Plan.steady(variant)
            plan.quality.loss = 30
            plan.quality.duplication = 20
            plan.quality.stalled = 20
            return plan
        },
        Scenario("S03", "a follower is cut off for 200 blocks, then catches up", variants: 5) { variant in
            var plan = Plan.steady(variant, milliseconds: 4_500)
            plan.transactionsPerBlock = 1
            plan.at(100, .partition([[0, 1, 2]]))
            plan.at(4_000, .heal)
            return plan
        } expectation: { outcome in
            outcome.commits(from: 150, to: 4_000) < 200 ? "fewer than 200 blocks without it" : nil
        },
        Scenario("S03-pruned", "the same, and nobody has the old blocks any more: a snapshot, then blocks", variants: 5)
        {
            variant in
            var plan = Plan.steady(variant, milliseconds: 6_000)
            plan.transactionsPerBlock = 1
            plan.snapshotEvery = 20
            plan.at(100, .partition([[0, 1, 2]]))
            plan.at(4_000, .heal)
            // With one of the others gone, nothing is committed without the one that was behind.
            plan.at(4_250, .crash(1, afterEffects: 0, restartAfter: nil))
            return plan
        } expectation: { outcome in
            if outcome.snapshotsInstalled == 0 { return "\(outcome.snapshotsInstalled) snapshots" }
            return outcome.commits(from: 4_260, to: 6_000) == 0 ? "it does not vote" : nil
        },
        Scenario("S04", "the leader is cut off alone: view change, its transactions are proposed once") { variant in
            var plan = Plan.steady(variant)
            plan.at(200 + variant, .partition([[1, 2, 3]]))
            plan.at(1_000, .heal)
            return plan
        } expectation: { outcome in
            outcome.viewChanges == 0 || outcome.commits(from: 600, to: 1_000) == 0 ? "no new leader" : nil
        },
        Scenario("S05", "2-2 split: nothing is committed; healed, progress within two time-outs") { variant in
            var plan = Plan.steady(variant, milliseconds: 2_500)
            plan.at(300, .partition([[0, 1], [2, 3]]))
            plan.at(1_500, .heal)
            return plan
        } expectation: { outcome in
            if outcome.commits(from: 350, to: 1_500) > 0 { return "commits in a minority" }
            return outcome.commits(from: 1_500, to: 1_900) == 0 ? "no progress after 2 time-outs" : nil
        },
        Scenario("S06", "another validator is cut off every 100 ms") { variant in
            var plan = Plan.steady(variant)
            for round in 0..<12 as Range<UInt64> {
                let rest = (0..<4 as Range<UInt16>).filter { UInt64($0) != round % 4 }
                plan.at(150 + round * 100, .partition([rest]))
            }
            plan.at(1_400, .heal)
            return plan
        },
        Scenario("S07", "one direction of one link is dead: progress by the others") { variant in
            var plan = Plan.steady(variant)
            plan.at(100, .cut(from: UInt16(variant % 4), to: UInt16((variant + 1) % 4)))
            return plan
        } expectation: { outcome in
            outcome.commits(from: 700, to: 1_500) == 0 ? "no progress" : nil
        },
        Scenario("S08", "the link from the leader to one follower is ten times slower: no view-change storm") {
            variant in
            var plan = Plan.steady(variant)
            plan.at(100, .slow(from: 0, to: 3, microseconds: 80_000))
            return plan
        } expectation: { outcome in
            outcome.viewChanges > 1 ? "\(outcome.viewChanges) view changes" : nil
        },
        Scenario("S09", "chaos, then calm: everything committed within 20 time-outs") { variant in
            var plan = Plan.steady(variant)
            plan.quality.loss = 50
            plan.quality.stalled = 50
            return plan
        } expectation: { outcome in
            outcome.settledAfter > 4_000_000 ? "settled after \(outcome.settledAfter / 1_000) ms" : nil
        },
        Scenario("S10", "one peer floods everybody: bounded memory, the others are served", variants: 5) { variant in
            var plan = Plan.steady(variant)
            plan.faulty[3] = [.storm, .hugeViews]
            return plan
        } expectation: { outcome in
            if outcome.mostBuffered > 4 * 24 { return "\(outcome.mostBuffered) messages kept" }
            return outcome.commits(from: 500, to: 1_500) == 0 ? "no progress" : nil
        },
    ]
}
