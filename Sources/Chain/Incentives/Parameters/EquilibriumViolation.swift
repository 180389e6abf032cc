/// A condition that parameters violate, and the smallest changes that would mend it.
package struct EquilibriumViolation: Hashable, Sendable, CustomStringConvertible {
    /// One number and what it would have to be.
    package enum Mend: Hashable, Sendable, CustomStringConvertible {
        case rewardAtLeast(Credits)
        case acknowledgementAtLeast(Credits)
        case depositAtLeast(Credits)
        case canaryRateAtLeast(Millionths)
        case reporterShareAtLeast(Millionths)
        case reporterShareAtMost(Millionths)
        case budgetAtLeast(Credits)

        package var description: String {
            switch self {
            case .rewardAtLeast(let amount): "a reward of at least \(amount)"
            case .acknowledgementAtLeast(let amount): "a reward for the acknowledgement of at least \(amount)"
            case .depositAtLeast(let amount): "a deposit of at least \(amount)"
            case .canaryRateAtLeast(let rate): "a rate of canaries of at least \(rate)"
            case .reporterShareAtLeast(let share): "a reporter's share of at least \(share)"
            case .reporterShareAtMost(let share): "a reporter's share of at most \(share)"
            case .budgetAtLeast(let amount): "a budget of at least \(amount)"
            }
        }
    }

    package let condition: Equilibrium.Condition
    /// None: no number of those that the contract could change would do.
    package let mends: [Mend]

    /// Whether all of ``mends`` are needed; each is enough otherwise.
    package var needsAllMends: Bool { self.condition == .rationality || self.condition == .budget }

    init(_ condition: Equilibrium.Condition, of parameters: IncentiveParameters) {
        self.condition = condition
        self.mends = Mending(condition, of: parameters).all
    }

    package var description: String {
        let mended = self.mends.map(\.description).joined(separator: self.needsAllMends ? " and " : ", or ")
        return "condition \(self.condition.rawValue) does not hold; "
            + (mended.isEmpty ? "no single number mends it" : "\(mended) would mend it")
    }
}

/// Finds the smallest value of one number with which a condition holds; all conditions are monotonic in each number that is
/// tried.
struct Mending {
    private let condition: Equilibrium.Condition
    private let parameters: IncentiveParameters

    init(_ condition: Equilibrium.Condition, of parameters: IncentiveParameters) {
        self.condition = condition
        self.parameters = parameters
    }

    var all: [EquilibriumViolation.Mend] {
        switch self.condition {
        case .rationality: self.rationality
        case .dropping, .forging, .coalition: self.deposit
        case .laziness: self.canaryRate + self.deposit
        case .selfReporting: self.deposit + self.smallerShare
        case .bribery: self.deposit + self.largerShare
        case .budget: self.budget
        }
    }

    /// Rewards that are too small may both be.
    private var rationality: [EquilibriumViolation.Mend] {
        var mends: [EquilibriumViolation.Mend] = []
        var other = self.parameters
        other.payments.acknowledgementReward = max(other.payments.acknowledgementReward, other.game.cost)
        if !Equilibrium(other).holds(.rationality) {
            mends +=
                Self.amount(Self.holds(.rationality, other) { $0.game.reward = $1 }).map { [.rewardAtLeast($0)] } ?? []
        }
        if self.parameters.payments.acknowledgementReward < self.parameters.game.cost {
            mends.append(.acknowledgementAtLeast(self.parameters.game.cost))
        }
        return mends
    }

    private var deposit: [EquilibriumViolation.Mend] {
        Self.amount(Self.holds(self.condition, self.parameters) { $0.game.deposit = $1 })
            .map { [.depositAtLeast($0)] } ?? []
    }

    private var canaryRate: [EquilibriumViolation.Mend] {
        Self.share(Self.holds(self.condition, self.parameters) { $0.game.canaryRate = $1 })
            .map { [.canaryRateAtLeast($0)] } ?? []
    }

    private var largerShare: [EquilibriumViolation.Mend] {
        Self.share(Self.holds(self.condition, self.parameters) { $0.game.reporterShare = $1 })
            .map { [.reporterShareAtLeast($0)] } ?? []
    }

    /// The largest share is what the smallest rest leaves; there must be one.
    private var smallerShare: [EquilibriumViolation.Mend] {
        let change = Self.holds(self.condition, self.parameters) {
            (other: inout IncentiveParameters, rest: Millionths) in
            other.game.reporterShare = max(rest.complement, .smallest)
        }
        return Self.share(change).map { [.reporterShareAtMost(max($0.complement, .smallest))] } ?? []
    }

    private var budget: [EquilibriumViolation.Mend] {
        let payments = self.parameters.payments
        var mends: [EquilibriumViolation.Mend] = []
        if payments.acknowledgementReward < payments.timeoutReward {
            mends.append(.acknowledgementAtLeast(payments.timeoutReward))
        }
        // A larger acknowledgement asks for a larger budget.
        var other = self.parameters
        other.payments.acknowledgementReward = max(payments.acknowledgementReward, payments.timeoutReward)
        if let needed = other.budget(hops: UInt64(payments.hopsMax)), payments.budget < needed {
            mends.append(.budgetAtLeast(needed))
        }
        return mends
    }

    private static func holds<Value>(
        _ condition: Equilibrium.Condition,
        _ parameters: IncentiveParameters,
        _ change: @escaping (inout IncentiveParameters, Value) -> Void
    ) -> (Value) -> Bool {
        { value in
            var other = parameters
            change(&other, value)
            return Equilibrium(other).holds(condition)
        }
    }

    private static func amount(_ isEnough: (Credits) -> Bool) -> Credits? {
        Self.smallest(upTo: Credits.limit.millionths) { Credits(millionths: $0).map(isEnough) ?? false }
            .flatMap(Credits.init(millionths:))
    }

    private static func share(_ isEnough: (Millionths) -> Bool) -> Millionths? {
        Self.smallest(upTo: UInt64(Millionths.scale)) {
            Millionths(UInt32(truncatingIfNeeded: $0)).map(isEnough) ?? false
        }
        .flatMap { Millionths(UInt32(truncatingIfNeeded: $0)) }
    }

    /// - Returns: nil when the largest is not enough either.
    private static func smallest(upTo largest: UInt64, _ isEnough: (UInt64) -> Bool) -> UInt64? {
        guard isEnough(largest) else { return nil }
        var (low, high): (UInt64, UInt64) = (0, largest)
        while low < high {
            let middle = low + (high - low) / 2
            if isEnough(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
