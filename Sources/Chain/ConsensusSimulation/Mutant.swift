internal import Consensus

/// The protocol without one of its rules: what the simulator must notice.
package struct Mutant: Sendable {
    package let name: String
    let rule: BrokenRules

    /// One for every rule.
    package static let all = BrokenRules.all.map { Mutant(name: $0.name, rule: $0.rule) }

    /// Runs random seeds until one breaks an invariant.
    package func run(from first: UInt64, count: UInt64) -> Fuzzing.Summary {
        Fuzzing.run(from: first, count: count, failuresMax: 1) { plan in
            plan.broken = self.rule
        }
    }
}
