import ArgumentParser
internal import ConsensusSimulation

/// Runs one simulated consortium, by its seed or by the name of a scenario.
struct ConsensusRunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a simulated consortium of validators: one random seed, or a named scenario."
    )

    @Option(help: "The seed of a random run; equal seeds give equal runs, event by event.")
    var seed: UInt64?

    @Option(help: ArgumentHelp("A scenario; 'scenarios' lists them.", valueName: "name"))
    var scenario: String?

    @Option(help: "Only this variant of the scenario.")
    var variant: UInt64?

    @Option(help: "At most so many variants of the scenario.")
    var variantsMax: UInt64?

    @Flag(help: "Sign with real Ed25519 instead of a fast stand-in.")
    var ed25519 = false

    func validate() throws {
        guard (self.seed == nil) != (self.scenario == nil) else {
            throw ValidationError("Give either --seed or --scenario.")
        }
        if let name = self.scenario, !Scenario.all.contains(where: { $0.name == name }) {
            throw ValidationError("There is no scenario '\(name)'; 'wardline-sim scenarios' lists them.")
        }
    }

    func run() throws {
        if let seed = self.seed {
            guard let outcome = Fuzzing.run(seed: seed, adjust: self.adjust) else { throw ExitCode.failure }
            print(outcome.summary)
            guard outcome.violation == nil else { throw ExitCode.failure }
        }
        for scenario in Scenario.all where scenario.name == self.scenario { try self.run(scenario) }
    }

    private func run(_ scenario: Scenario) throws {
        let count = min(scenario.variants, self.variantsMax ?? .max)
        let variants = self.variant.map { $0..<$0 + 1 } ?? 0..<count
        var failures = 0
        for variant in variants {
            guard let outcome = scenario.run(variant: variant, adjust: self.adjust) else { throw ExitCode.failure }
            if outcome.violation != nil {
                failures += 1
                print("\(outcome.summary)\n  again: wardline-sim run --scenario \(scenario.name) --variant \(variant)")
            } else if self.variant != nil {
                print(outcome.summary)
            }
        }
        print("\(scenario.name) \(scenario.title): \(variants.count) runs, \(failures) failed")
        guard failures == 0 else { throw ExitCode.failure }
    }

    private func adjust(_ plan: inout Plan) { plan.signatures = self.ed25519 ? .ed25519 : .fast }
}

/// Runs many random seeds.
struct ConsensusFuzzCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fuzz",
        abstract: "Run many random consortia of validators; exit 0 only if no invariant was broken."
    )

    @Option(help: "The first seed.")
    var from: UInt64 = 1

    @Option(help: "How many seeds.")
    var seeds: UInt64 = 200

    @Flag(help: "Sign with real Ed25519 in one run of a hundred.")
    var ed25519 = false

    func run() throws {
        let clock = ContinuousClock()
        let start = clock.now
        let summary = Fuzzing.run(from: self.from, count: self.seeds) { plan in
            if self.ed25519 && plan.seed % 100 == 0 { plan.signatures = .ed25519 }
        } progress: { outcome in
            guard let violation = outcome.violation else { return }
            print("seed \(outcome.plan.seed): \(violation)")
            print("  again: wardline-sim run --seed \(outcome.plan.seed)")
        }
        let seconds = (clock.now - start) / .seconds(1)
        let rate = (Double(summary.runs) / max(seconds, 0.001)).rounded()
        print(
            "\(summary.runs) seeds, \(summary.failures.count) failed; \(summary.blocks) blocks, "
                + "\(summary.viewChanges) view changes, \(summary.steps) events, \(summary.evidence) pieces of evidence; "
                + "slowest settling \(summary.slowest / 1_000) ms; \(Int(rate)) seeds/s"
        )
        guard summary.failures.isEmpty else { throw ExitCode.failure }
    }
}

/// Lists the named scenarios.
struct ConsensusScenariosCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scenarios",
        abstract: "List the named scenarios of the consensus simulation."
    )

    func run() {
        for scenario in Scenario.all { print("\(scenario.name)  \(scenario.title) (\(scenario.variants) variants)") }
    }
}

extension Outcome {
    /// One line for a person.
    fileprivate var summary: String {
        let verdict = self.violation.map { "FAILED: \($0)" } ?? "no violation"
        return "\(self.plan.name) seed \(self.plan.seed), n = \(self.plan.size): \(verdict); height \(self.height), "
            + "\(self.transactions) transactions, \(self.viewChanges) view changes, \(self.steps) events, "
            + "trace \(String(self.trace, radix: 16))"
    }
}
