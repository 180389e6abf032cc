/// Runs plans one after another and collects what failed.
package enum Fuzzing {
    package struct Summary: Sendable {
        package var runs = 0
        package var failures: [(seed: UInt64, violation: Violation)] = []
        package var steps = 0
        package var blocks: UInt64 = 0
        package var viewChanges = 0
        package var evidence = 0
        /// The longest time from the calm until everything was committed, in microseconds of virtual time.
        package var slowest: UInt64 = 0

        package init() {}
    }

    /// Runs one random seed.
    package static func run(seed: UInt64, adjust: (inout Plan) -> Void = { _ in }) -> Outcome? {
        var plan = Plan.random(seed: seed)
        adjust(&plan)
        return self.run(plan)
    }

    /// Runs a plan; nil when it describes no lawful committee.
    package static func run(_ plan: Plan) -> Outcome? {
        guard var simulation = Simulation(plan) else { return nil }
        return simulation.run()
    }

    /// Runs `count` seeds from `first`; stops after `failuresMax` failures.
    package static func run(
        from first: UInt64,
        count: UInt64,
        failuresMax: Int = .max,
        adjust: (inout Plan) -> Void = { _ in },
        progress: (Outcome) -> Void = { _ in }
    ) -> Summary {
        var summary = Summary()
        for seed in first..<first + count {
            guard let outcome = self.run(seed: seed, adjust: adjust) else { continue }
            summary.runs += 1
            summary.steps += outcome.steps
            summary.blocks += outcome.height
            summary.viewChanges += outcome.viewChanges
            summary.evidence += outcome.evidence.count
            summary.slowest = max(summary.slowest, outcome.settledAfter)
            if let violation = outcome.violation { summary.failures.append((seed, violation)) }
            progress(outcome)
            if summary.failures.count >= failuresMax { break }
        }
        return summary
    }
}
