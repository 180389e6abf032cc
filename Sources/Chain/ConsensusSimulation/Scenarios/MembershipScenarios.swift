internal import Consensus

extension CommitteeChange {
    fileprivate init(_ numbers: ClosedRange<UInt16>) {
        self.init(epoch: 1, members: numbers.map { ReplicaID($0) })
    }
}

extension Scenario {
    /// S36 to S38, rotation and the black list.
    static let membership: [Scenario] = [
        Scenario("S36", "a validator joins while the leader is down: certified by the old committee") { variant in
            var plan = Plan.steady(variant)
            plan.spare = 1
            plan.at(200, .crash(0, afterEffects: 0, restartAfter: 900_000))
            plan.at(300 + variant, .change(CommitteeChange(0...4)))
            return plan
        } expectation: {
            $0.epoch == 1 && $0.heights[4] == $0.height ? nil : "the newcomer is not in"
        },
        Scenario("S37", "the leader is removed: no gap, its later votes are ignored") { variant in
            var plan = Plan.steady(variant, size: 5)
            plan.at(300 + variant, .change(CommitteeChange(1...4)))
            return plan
        } expectation: {
            $0.epoch == 1 && $0.commits(from: 600, to: 1_500) > 0 ? nil : "no progress without it"
        },
        Scenario("S38", "two conflicting changes of membership: one takes effect, the same everywhere") { variant in
            var plan = Plan.steady(variant, size: 5)
            plan.spare = 1
            plan.at(300, .change(CommitteeChange(0...5)))
            plan.at(300, .change(CommitteeChange(1...4)))
            return plan
        } expectation: {
            $0.epoch == 1 ? nil : "epoch \($0.epoch)"
        },
        Scenario("rotation", "the lead goes on after every two blocks: no view change") { variant in
            var plan = Plan.steady(variant)
            plan.blocksPerLeader = 2
            return plan
        } expectation: {
            $0.viewChanges == 0 && $0.height > 10 ? nil : "view changes"
        },
        Scenario("black-list", "a barred validator that is dead never has the lead: no view change") { variant in
            var plan = Plan.steady(variant)
            plan.blocksPerLeader = 1
            plan.barred = [2]
            plan.faulty[2] = .mute
            return plan
        } expectation: {
            $0.viewChanges == 0 && $0.height > 10 ? nil : "view changes"
        },
        TwinsEnumeration.scenario(depth: 4, name: "S33", variants: 65_536),
        TwinsEnumeration.scenario(depth: 6, name: "S33-samples", variants: 100_000),
    ]
}
