/// Runs plans and collects how they ended.
package enum Fuzzing {
    /// What became of many runs; two summaries of disjoint seeds can be put together.
    package struct Summary: Sendable {
        package private(set) var runs = 0
        /// In the order of the runs; merging sorts them by seed.
        package private(set) var failures: [(seed: UInt64, violation: Violation)] = []
        package private(set) var steps = 0
        package private(set) var blocks: UInt64 = 0
        package private(set) var viewChanges = 0
        package private(set) var evidence = 0
        /// Snapshots that validators installed in place of pruned blocks.
        package private(set) var snapshots = 0
        /// Validators that refused to start from a damaged log.
        package private(set) var refusals = 0
        /// Logs that were lost on purpose, and validators that were silent to the end because of that.
        package private(set) var losses = 0
        package private(set) var silent = 0
        /// Runs by the size of the first committee.
        package private(set) var sizes: [Int: Int] = [:]
        /// Milliseconds of virtual time from the calm until everything was committed, of every run without a
        /// violation.
        package private(set) var settleTimes: [UInt32] = []
        /// Milliseconds of the longest time without a commit after the calm, of the same runs.
        package private(set) var stallTimes: [UInt32] = []
        /// The run that took longest after the calm.
        package private(set) var slowest: (seed: UInt64, milliseconds: UInt32)?

        package init() {}

        package mutating func add(_ outcome: Outcome) {
            self.runs += 1
            self.steps += outcome.steps
            self.blocks += outcome.height
            self.viewChanges += outcome.viewChanges
            self.evidence += outcome.evidence.count
            self.snapshots += outcome.snapshotsInstalled
            self.refusals += outcome.refusals.count
            self.losses += outcome.plan.script.count { $0.fault.isLoss }
            self.silent += outcome.silent.count
            self.sizes[outcome.plan.size, default: 0] += 1
            if let violation = outcome.violation {
                self.failures.append((outcome.plan.seed, violation))
            } else {
                let settled = UInt32(outcome.settledAfter / 1_000)
                self.settleTimes.append(settled)
                self.stallTimes.append(UInt32(outcome.longestStall / 1_000))
                self.noteSlow(outcome.plan.seed, settled)
            }
        }

        package mutating func merge(_ other: Summary) {
            self.runs += other.runs
            self.steps += other.steps
            self.blocks += other.blocks
            self.viewChanges += other.viewChanges
            self.evidence += other.evidence
            self.snapshots += other.snapshots
            self.refusals += other.refusals
            self.losses += other.losses
            self.silent += other.silent
            self.sizes.merge(other.sizes, uniquingKeysWith: +)
            self.settleTimes += other.settleTimes
            self.stallTimes += other.stallTimes
            self.failures = (self.failures + other.failures).sorted { $0.seed < $1.seed }
            if let slow = other.slowest { self.noteSlow(slow.seed, slow.milliseconds) }
        }

        private mutating func noteSlow(_ seed: UInt64, _ milliseconds: UInt32) {
            guard let known = self.slowest else {
                self.slowest = (seed, milliseconds)
                return
            }
            // Equal times: the lower seed, so that the order of merging shows nowhere.
            if (milliseconds, known.seed) > (known.milliseconds, seed) { self.slowest = (seed, milliseconds) }
        }

        /// The times that these thousandths of all runs do not exceed; empty without runs.
        package static func quantiles(_ times: [UInt32], _ thousandths: [Int]) -> [UInt32] {
            guard !times.isEmpty else { return [] }
            let sorted = times.sorted()
            return thousandths.map { sorted[min(sorted.count - 1, sorted.count * $0 / 1_000)] }
        }
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
            summary.add(outcome)
            progress(outcome)
            if summary.failures.count >= failuresMax { break }
        }
        return summary
    }
}

extension Fault {
    fileprivate var isLoss: Bool {
        if case .loseLog = self { true } else { false }
    }
}
