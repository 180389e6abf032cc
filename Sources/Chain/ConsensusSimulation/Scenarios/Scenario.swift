internal import Consensus

/// A named situation: plans, and what must hold at the end besides the invariants.
///
/// The names are those of the list of forty PBFT fault scenarios that the chain is tested against.
package struct Scenario: Sendable {
    package let name: String
    package let title: String
    /// Different plans of this scenario.
    package let variants: UInt64
    private let plan: @Sendable (UInt64) -> Plan
    private let expectation: @Sendable (Outcome) -> String?

    /// Describes a scenario.
    ///
    /// `plan` makes the plan of one variant; `expectation` says what is wrong with an outcome, or nil.
    init(
        _ name: String,
        _ title: String,
        variants: UInt64 = 20,
        plan: @escaping @Sendable (UInt64) -> Plan,
        expectation: @escaping @Sendable (Outcome) -> String? = { _ in nil }
    ) {
        self.name = name
        self.title = title
        self.variants = variants
        self.plan = plan
        self.expectation = expectation
    }

    /// Runs one variant.
    package func run(variant: UInt64, adjust: (inout Plan) -> Void = { _ in }) -> Outcome? {
        var plan = self.plan(variant)
        plan.name = self.name
        adjust(&plan)
        guard var outcome = Fuzzing.run(plan) else { return nil }
        if outcome.violation == nil, let complaint = self.expectation(outcome) {
            outcome.violation = Violation(invariant: .scenario, detail: complaint, time: 0)
        }
        return outcome
    }

    /// All scenarios, by name.
    package static let all = Self.network + Self.crashes + Self.byzantine + Self.views + Self.membership
}

extension Plan {
    /// A consortium under steady load without faults: what most scenarios start from.
    static func steady(_ variant: UInt64, size: Int = 4, milliseconds: UInt64 = 1_500) -> Plan {
        var plan = Plan(name: "", seed: variant + 1, size: size, calmAtMilliseconds: milliseconds)
        plan.submit(1, every: 15, from: 20, to: milliseconds)
        return plan
    }
}

extension Outcome {
    /// Heights first committed between two times.
    func commits(from start: UInt64, to end: UInt64) -> Int {
        self.commitTimes.count { $0 > start * 1_000 && $0 < end * 1_000 }
    }

    /// Correct validators that showed a certificate of this one's to be forged.
    func unmasks(_ number: UInt16) -> Bool {
        self.evidence.contains {
            if case .forgedCertificate(let viewChange) = $0 { viewChange.replica.number == number } else { false }
        }
    }

    func accuses(_ number: UInt16) -> Bool { self.evidence.contains { $0.culprit.number == number } }
}
