internal import Consensus

extension Scenario {
    /// S11 to S19, and S34.
    static let crashes: [Scenario] = [
        Scenario("S11", "the leader dies after its proposal reached one follower: kept or lost, never both") {
            variant in
            var plan = Plan.steady(variant)
            plan.at(200 + variant, .cut(from: 0, to: 2))
            plan.at(200 + variant, .cut(from: 0, to: 3))
            plan.at(202 + variant, .crash(0, afterEffects: Int(variant), restartAfter: 600_000))
            return plan
        },
        Scenario("S12", "death after a prepare is durable, before it is sent", variants: 60) { variant in
            var plan = Plan.steady(variant)
            plan.at(200, .crash(1, afterEffects: Int(variant), restartAfter: 40_000))
            plan.at(600, .crash(0, afterEffects: Int(variant), restartAfter: 40_000))
            return plan
        },
        Scenario("S13", "death after a commit is sent, before the decision is durable", variants: 60) { variant in
            var plan = Plan.steady(variant)
            for round in 0..<5 as Range<UInt64> {
                let victim = UInt16((variant + round) % 4)
                plan.at(200 + round * 200, .crash(victim, afterEffects: Int(variant + round), restartAfter: 60_000))
            }
            return plan
        },
        Scenario("S14", "all four die at random points: what was shown stays", variants: 500) { variant in
            var plan = Plan.steady(variant, milliseconds: 1_000)
            var random = RandomSource(seed: variant)
            for victim in 0..<4 as Range<UInt16> {
                let restart = random.within(1_000...200_000)
                plan.at(random.within(200...260), .crash(victim, afterEffects: random.index(30), restartAfter: restart))
            }
            return plan
        },
        Scenario("S15", "the log's tail is torn in a crash: cut off, the validator comes back", variants: 100) {
            variant in
            var plan = Plan.steady(variant)
            var random = RandomSource(seed: variant &+ 15)
            for _ in 0..<8 {
                let victim = UInt16(random.index(4))
                let time = random.within(100...1_300)
                plan.at(
                    time,
                    .crash(victim, afterEffects: random.index(20), restartAfter: random.within(5_000...50_000))
                )
            }
            return plan
        },
        Scenario("S16", "a bit of the log turns over: the validator refuses to start, and says why", variants: 60) {
            variant in
            var plan = Plan.steady(variant)
            plan.compaction = 0
            plan.at(500, .crash(3, afterEffects: 0, restartAfter: 100_000))
            plan.at(550, .flipBit(3, choice: RandomSource(seed: variant).first))
            return plan
        } expectation: { outcome in
            guard outcome.refusals.map(\.number) == [3], outcome.refusals[0].reason.contains("log is damaged") else {
                return "it starts"
            }
            return outcome.commits(from: 800, to: 1_500) > 0 ? nil : "no progress without it"
        },
        Scenario("S17", "a log is deleted: no vote until old votes cannot matter") { variant in
            var plan = Plan.steady(variant, milliseconds: 2_000)
            plan.at(300, .crash(3, afterEffects: 0, restartAfter: nil))
            plan.at(350, .loseLog(3))
            plan.at(400, .restart(3))
            switch variant % 3 {
            case 1:
                // The leader fails later on, and the view in which the votes were lost ends.
                plan.at(900, .cut(from: 0, to: 1))
                plan.at(900, .cut(from: 0, to: 2))
            case 2:
                // The leader does its work, and the others open a view for the one that waits.
                plan.configuration.waitingTicks = 4
                plan.configuration.favourTicks = 12
            default: break
            }
            return plan
        } expectation: { outcome in
            switch outcome.plan.seed % 3 {
            case 0: outcome.silent.isEmpty ? nil : "it is silent for good, though nothing is wrong"
            case 1: outcome.silent == [3] ? nil : "it votes again in the same view"
            default: nil
            }
        },
        Scenario("S18", "death while a snapshot is written: the half file is passed over, the one before is used") {
            variant in
            var plan = Plan.steady(variant, milliseconds: 2_500)
            plan.snapshotEvery = 5
            plan.transactionsPerBlock = 1
            for victim in [1, 0, 2] as [UInt16] {
                let time = 400 + variant * 5 + UInt64(victim) * 400
                plan.at(time, .crashInSnapshot(victim, restartAfter: 50_000 + variant * 3_000))
            }
            return plan
        } expectation: {
            $0.snapshotsIgnored == 3 ? nil : "\($0.snapshotsIgnored) half-written snapshots"
        },
        Scenario("S19", "restart in the middle of a view change: never a vote in a lower view", variants: 60) {
            variant in
            var plan = Plan.steady(variant)
            plan.at(200, .crash(0, afterEffects: 0, restartAfter: 800_000))
            for victim in 1...3 as ClosedRange<UInt16> {
                let time = 380 + (variant * 7 + UInt64(victim) * 31) % 160
                plan.at(time, .crash(victim, afterEffects: Int(variant % 12), restartAfter: 30_000))
            }
            return plan
        },
        Scenario("S34", "one faulty and one dead, more than f: nothing wrong is committed, progress after restart") {
            variant in
            var plan = Plan.steady(variant, milliseconds: 2_500)
            plan.faulty[3] = variant % 2 == 0 ? .mute : [.doubleVote, .hidePrepared]
            plan.at(300, .crash(2, afterEffects: Int(variant), restartAfter: 1_000_000))
            return plan
        } expectation: { outcome in
            outcome.commits(from: 1_500, to: 2_500) == 0 && outcome.settledAfter > 3_000_000 ? "no progress" : nil
        },
    ]
}
