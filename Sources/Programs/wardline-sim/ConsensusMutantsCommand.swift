import ArgumentParser
internal import ConsensusSimulation

/// Shows that the simulator notices when a rule of the protocol is missing.
struct ConsensusMutantsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mutants",
        abstract: "Switch off one rule of the protocol at a time; exit 0 only if every mutant is caught."
    )

    @Option(help: "The first seed.")
    var from: UInt64 = 1

    @Option(help: "At most so many seeds for each mutant.")
    var seeds: UInt64 = 10_000

    @Option(help: ArgumentHelp("Only this rule.", valueName: "rule"))
    var only: String?

    func validate() throws {
        if let only = self.only, !Mutant.all.contains(where: { $0.name == only }) {
            throw ValidationError("no rule '\(only)'; there are \(Mutant.all.map(\.name).joined(separator: ", "))")
        }
    }

    func run() throws {
        print(Self.row("rule switched off", "seeds", "broken invariant"))
        var survivors = 0
        for mutant in Mutant.all where self.only.map({ $0 == mutant.name }) ?? true {
            let summary = mutant.run(from: self.from, count: self.seeds)
            let caught = summary.failures.first.map { "\($0.violation.invariant.rawValue) (seed \($0.seed))" }
            if caught == nil { survivors += 1 }
            print(Self.row(mutant.name, "\(summary.runs)", caught ?? "NOT CAUGHT"))
        }
        guard survivors == 0 else { throw ExitCode.failure }
    }

    private static func row(_ name: String, _ seeds: String, _ result: String) -> String {
        let blanks = String(repeating: " ", count: max(1, 28 - name.count))
        let indent = String(repeating: " ", count: max(0, 6 - seeds.count))
        return "\(name)\(blanks)\(indent)\(seeds)  \(result)"
    }
}
