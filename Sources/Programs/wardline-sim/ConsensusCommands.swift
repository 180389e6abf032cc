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

    @Option(help: ArgumentHelp("A scenario; 'scenarios' lists them, 'all' runs all.", valueName: "name"))
    var scenario: String?

    @Option(help: "Only this variant of the scenario.")
    var variant: UInt64?

    @Option(help: "At most so many variants of the scenario.")
    var variantsMax: UInt64?

    @Option(help: "Threads; all cores unless said otherwise.")
    var threads: Int = ParallelRun.cores

    @Flag(help: "Sign with real Ed25519 instead of a fast stand-in.")
    var ed25519 = false

    func validate() throws {
        guard (self.seed == nil) != (self.scenario == nil) else {
            throw ValidationError("Give either --seed or --scenario.")
        }
        guard (1...256).contains(self.threads) else { throw ValidationError("--threads is 1 to 256.") }
        if let name = self.scenario, name != "all", !Scenario.all.contains(where: { $0.name == name }) {
            throw ValidationError("There is no scenario '\(name)'; 'wardline-sim scenarios' lists them.")
        }
    }

    func run() throws {
        if let seed = self.seed {
            let outcome = Fuzzing.run(seed: seed) { $0.signatures = self.signatures }
            guard let outcome else { throw ExitCode.failure }
            print(outcome.summary)
            guard outcome.violation == nil else { throw ExitCode.failure }
        }
        let chosen = Scenario.all.filter { $0.name == self.scenario || self.scenario == "all" }
        let failed = chosen.filter { !self.run($0) }
        guard failed.isEmpty else { throw ExitCode.failure }
    }

    private var signatures: SignatureChoice { self.ed25519 ? .ed25519 : .fast }

    /// - Returns: whether every variant held.
    private func run(_ scenario: Scenario) -> Bool {
        let count = min(scenario.variants, self.variantsMax ?? .max)
        let variants = self.variant.map { $0..<$0 + 1 } ?? 0..<count
        let signatures = self.signatures
        let isSingle = self.variant != nil
        let clock = ContinuousClock()
        let start = clock.now
        let summary = ParallelRun(numbers: variants, threads: self.threads).run { variant in
            scenario.run(variant: variant) { $0.signatures = signatures }
        } each: { variant, outcome in
            if outcome.violation != nil {
                print("\(outcome.summary)\n  again: wardline-sim run --scenario \(scenario.name) --variant \(variant)")
            } else if isSingle {
                print(outcome.summary)
            }
        }
        let seconds = ((clock.now - start) / .seconds(1) * 10).rounded() / 10
        print(
            "\(scenario.name) \(scenario.title): \(summary.runs) runs, \(summary.failures.count) failed, \(seconds) s"
        )
        return summary.failures.isEmpty && UInt64(summary.runs) == UInt64(variants.count)
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
            + "settled \(self.settledAfter / 1_000) ms after the calm, "
            + "state \(String(self.stateHash, radix: 16)), trace \(String(self.trace, radix: 16))"
    }
}
