internal import Consensus

extension Scenario {
    /// A leader that goes in the middle of work, so that the next ones must repeat blocks.
    private static func interrupted(_ variant: UInt64, size: Int = 4, faulty: [UInt16: Misdeeds]) -> Plan {
        var plan = Plan.steady(variant, size: size)
        plan.faulty = faulty
        plan.quality.loss = 15
        let others = (1..<UInt16(size)).map { $0 }
        plan.at(150 + variant * 3, .partition([others]))
        plan.at(700, .heal)
        plan.at(800 + variant * 2, .crash(2, afterEffects: 3, restartAfter: 100_000))
        plan.at(900, .quality(.calm))
        return plan
    }

    /// S29 to S35 and S39, S40: view changes under attack and under load.
    static let views: [Scenario] = [
        Scenario("S29", "a view change that hides its own prepared block: committed blocks survive", variants: 40) {
            Self.interrupted($0, faulty: [3: .hidePrepared])
        },
        Scenario("S30", "a forged prepared certificate in a view change: refused, its signer is unmasked", variants: 40)
        {
            Self.interrupted($0, faulty: [3: .forgePrepared])
        } expectation: {
            $0.unmasks(3) ? nil : "no evidence"
        },
        Scenario("S31", "a new leader that skips a prepared block: refused, next view", variants: 40) {
            Self.interrupted($0, faulty: [1: .skipRepeated])
        },
        Scenario("S32", "a new leader opens its view in two ways: at most one is usable", variants: 40) {
            Self.interrupted($0, faulty: [1: .equivocate])
        },
        Scenario("S35", "commits of different views for one block never make a certificate", variants: 100) { variant in
            var plan = Plan.steady(variant)
            plan.configuration.progressTimeout = 15
            plan.configuration.tick = 30
            plan.configuration.doublings = 7
            plan.quality.loss = 30
            plan.quality.delay = 300...12_000
            plan.faulty[3] = [.doubleVote, .hidePrepared]
            return plan
        },
        Scenario("S39", "the window is full when the leader goes: no hole, no reordering", variants: 60) { variant in
            var plan = Plan.steady(variant)
            plan.configuration.window = 8
            plan.transactionsPerBlock = 1
            plan.quality.loss = 10
            plan.submit(20, every: 150, from: 100, to: 900)
            plan.at(252 + variant, .crash(0, afterEffects: Int(variant % 10), restartAfter: 400_000))
            plan.at(702 + variant, .partition([[0, 2, 3]]))
            plan.at(1_100, .heal)
            return plan
        },
        Scenario("S40", "100,000 waiting transactions and a leader change: each executed once, none lost", variants: 1)
        {
            var plan = Plan(name: "", seed: $0, size: 4, calmAtMilliseconds: 1_000)
            plan.transactionsPerBlock = 2_000
            plan.at(20, .submit(100_000))
            plan.at(100, .crash(0, afterEffects: 5, restartAfter: 500_000))
            return plan
        } expectation: {
            $0.transactions == 100_000 && $0.viewChanges > 0 ? nil : "lost, or no view change"
        },
    ]
}
