internal import Consensus

extension Scenario {
    /// S20 to S28: a validator that lies.
    static let byzantine: [Scenario] = [
        Scenario("S20", "two processes run with one key: evidence, one chain") { variant in
            var plan = Plan.steady(variant)
            plan.twins = [0]
            return plan
        } expectation: {
            $0.accuses(0) ? nil : "no evidence"
        },
        Scenario("S21", "the leader proposes A to one half and B to the other: view change, evidence") { variant in
            var plan = Plan.steady(variant)
            plan.faulty[0] = .equivocate
            return plan
        } expectation: {
            $0.accuses(0) && $0.viewChanges > 0 ? nil : "no evidence or no view change"
        },
        Scenario("S22", "the leader proposes a block with a wrong root: no prepare, view change") { variant in
            var plan = Plan.steady(variant)
            plan.faulty[0] = .invalidBlocks
            return plan
        } expectation: {
            $0.viewChanges > 0 && !$0.alarms.isEmpty ? nil : "no view change"
        },
        Scenario("S23", "the leader leaves out one client's transaction: it is committed after a view change") {
            variant in
            var plan = Plan.steady(variant, milliseconds: 4_000)
            plan.at(300, .censor(0, count: 1))
            return plan
        } expectation: {
            $0.viewChanges > 0 && $0.settledAfter < 3_000_000 ? nil : "no view change"
        },
        Scenario("S24", "the leader proposes nothing but is alive: view change by request timers") { variant in
            var plan = Plan.steady(variant)
            plan.faulty[0] = .silentLeader
            return plan
        } expectation: {
            $0.viewChanges > 0 ? nil : "no view change"
        },
        Scenario("S25", "a follower votes for two blocks: counted once, evidence") { variant in
            var plan = Plan.steady(variant, size: 7)
            plan.faulty[0] = .equivocate
            plan.faulty[3] = .doubleVote
            return plan
        } expectation: {
            $0.accuses(3) ? nil : "no evidence"
        },
        Scenario("S26", "a follower commits what it has not prepared: harmless") { variant in
            var plan = Plan.steady(variant)
            plan.faulty[3] = .doubleVote
            return plan
        } expectation: {
            $0.viewChanges == 0 ? nil : "view changes"
        },
        Scenario("S27", "messages of old views are sent again: ignored") { variant in
            var plan = Plan.steady(variant)
            plan.faulty[3] = .replay
            plan.at(300, .partition([[1, 2, 3]]))
            plan.at(800, .heal)
            return plan
        },
        Scenario("S28", "one validator wants view 2^63: nobody moves") { variant in
            var plan = Plan.steady(variant)
            plan.faulty[3] = .hugeViews
            return plan
        } expectation: {
            $0.viewChanges == 0 ? nil : "\($0.viewChanges) view changes"
        },
    ]
}
