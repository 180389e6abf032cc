/// Whether honest relay is what pays best under given parameters, in exact arithmetic.
///
/// The conditions compare the value of an honest hop, `reward − cost + F` with `F = γ / (1 − γ) · (reward − cost)`, with that
/// of every deviation (`docs/incentives.md`). All are multiplied out until only integers are left: amounts below 2^62, shares
/// of 2^20, so that products fit in 128 bits, or in the two halves of a full-width product.
package struct Equilibrium: Sendable {
    /// What must hold, in the order in which a refusal names it.
    package enum Condition: String, CaseIterable, Sendable {
        /// IR: relaying pays, in time, late and for the acknowledgement.
        case rationality = "IR"
        /// D: withholding pays less, whoever pays for it, and with the reward for the timeout.
        case dropping = "D"
        /// F: a lone forgery pays less.
        case forging = "F"
        /// L: forwarding without verification pays less.
        case laziness = "L"
        /// No coalition that can certify a falsehood gains by it.
        case coalition = "C"
        /// Nor if one of its own brings the evidence and takes the reporter's share.
        case selfReporting = "S"
        /// A reporter's share is worth more than what a coalition may offer for silence.
        case bribery = "B"
        /// What is locked for a message covers the longest route.
        case budget = "φ"

        package var rejection: IncentiveRejection {
            switch self {
            case .rationality: .relayingDoesNotPay
            case .dropping: .droppingPays
            case .forging: .forgingPays
            case .laziness: .lazinessPays
            case .coalition: .coalitionPays
            case .selfReporting: .selfReportingPays
            case .bribery: .briberyPays
            case .budget: .budgetDoesNotCover
            }
        }
    }

    private static let one = Int128(Millionths.scale)

    private let parameters: IncentiveParameters
    private let game: RelayGame

    /// - Parameter parameters: with a discount below one.
    package init(_ parameters: IncentiveParameters) {
        self.parameters = parameters
        self.game = parameters.game
    }

    /// The conditions that do not hold, with what would mend each alone.
    package var violations: [EquilibriumViolation] {
        Condition.allCases.filter { !self.holds($0) }.map { EquilibriumViolation($0, of: self.parameters) }
    }

    package func holds(_ condition: Condition) -> Bool {
        switch condition {
        case .rationality: self.relayingPays
        case .dropping: self.droppingDoesNotPay
        case .forging: self.forgingDoesNotPay
        case .laziness: self.lazinessDoesNotPay
        case .coalition: self.sizes.allSatisfy(self.coalitionDoesNotPay)
        case .selfReporting: self.selfReportingDoesNotPay
        case .bribery: self.briberyDoesNotPay
        case .budget: self.budgetCovers
        }
    }

    /// The smallest coalition and all larger ones.
    private var sizes: ClosedRange<Int128> {
        Int128(self.game.coalitionMin)...Int128(max(self.game.coalitionMin, self.game.coalitionMax))
    }

    /// r − c, which may be negative.
    private var margin: Int128 { Int128(self.game.reward.millionths) - Int128(self.game.cost.millionths) }

    /// 1 − γ.
    private var impatience: Int128 { Self.one - Int128(self.game.discount.count) }

    private var relayingPays: Bool {
        let late = self.parameters.lateReward(self.game.reward)
        return late >= self.game.cost && self.parameters.payments.acknowledgementReward >= self.game.cost
    }

    /// r − c + p_D (s_D d + e_D F) ≥ g_D + r_t, times 10^12 (1 − γ).
    private var droppingDoesNotPay: Bool {
        let square = Self.one * Self.one
        let slash = Int128(self.game.dropSlash.count) * Int128(self.game.deposit.millionths) * self.impatience
        let future = Int128(self.game.dropEjection.count) * Int128(self.game.discount.count) * self.margin
        let gain =
            Int128(self.game.droppingGain.millionths) + Int128(self.parameters.payments.timeoutReward.millionths)
        let kept = self.margin * square * self.impatience + Int128(self.game.dropDetection.count) * (slash + future)
        return kept >= gain * square * self.impatience
    }

    /// p_F (s_F d + r − c + F) ≥ q_F g_F, times 10^12 (1 − γ); r − c + F = (r − c) / (1 − γ).
    private var forgingDoesNotPay: Bool {
        let slash = Int128(self.game.forgerySlash.count) * Int128(self.game.deposit.millionths) * self.impatience
        let loss = slash + self.margin * Self.one * Self.one
        let gain = Int128(self.game.forgeryAcceptance.count) * Int128(self.game.forgeryGain.millionths)
        return Int128(self.game.forgeryDetection.count) * loss >= gain * Self.one * self.impatience
    }

    /// b p_L (s_L d + r − c + v + F) ≥ v, times 10^18 (1 − γ): up to 142 bits.
    private var lazinessDoesNotPay: Bool {
        let saved = Int128(self.game.verificationCost.millionths)
        let slash = Int128(self.game.lazinessSlash.count) * Int128(self.game.deposit.millionths) * self.impatience
        let loss = slash + saved * Self.one * self.impatience + self.margin * Self.one * Self.one
        let chance = Int128(self.game.canaryRate.count) * Int128(self.game.lazinessDetection.count)
        guard loss >= 0 else { return saved == 0 && chance == 0 }
        return Self.product(chance, loss, isAtLeast: (saved * Self.one * Self.one, Self.one * self.impatience))
    }

    /// k p_F s_F d ≥ G, without what the members would earn later.
    private func coalitionDoesNotPay(_ size: Int128) -> Bool {
        self.penalty(size) >= Int128(self.game.coalitionGain.millionths) * Self.one * Self.one
    }

    /// 0 < ρ < 1 and k p_F s_F d (1 − ρ) ≥ G: up to 138 bits.
    private var selfReportingDoesNotPay: Bool {
        let share = self.game.reporterShare
        guard share > .zero, share < .one else { return false }
        let gain = Int128(self.game.coalitionGain.millionths) * Self.one * Self.one
        return self.sizes.allSatisfy { size in
            Self.product(self.penalty(size), Int128(share.complement.count), isAtLeast: (gain, Self.one))
        }
    }

    /// ρ k₀ s_F d ≥ bribe.
    private var briberyDoesNotPay: Bool {
        let slash = Int128(self.game.forgerySlash.count) * Int128(self.game.deposit.millionths)
        let share = Int128(self.game.reporterShare.count) * Int128(self.game.coalitionMin) * slash
        return share >= Int128(self.game.bribe.millionths) * Self.one * Self.one
    }

    /// φ ≥ Σ r + r_ack + fee, and after all hops there is enough left for the timeout: r_ack ≥ r_t.
    private var budgetCovers: Bool {
        let payments = self.parameters.payments
        guard let needed = self.parameters.budget(hops: UInt64(payments.hopsMax)) else { return false }
        return payments.budget >= needed && payments.acknowledgementReward >= payments.timeoutReward
    }

    /// k p_F s_F d, times 10^12.
    private func penalty(_ size: Int128) -> Int128 {
        size * Int128(self.game.forgeryDetection.count) * Int128(self.game.forgerySlash.count)
            * Int128(self.game.deposit.millionths)
    }

    /// Compares two products in full width; no factor is negative.
    private static func product(_ first: Int128, _ second: Int128, isAtLeast other: (Int128, Int128)) -> Bool {
        let left = UInt128(first).multipliedFullWidth(by: UInt128(second))
        let right = UInt128(other.0).multipliedFullWidth(by: UInt128(other.1))
        return (left.high, left.low) >= (right.high, right.low)
    }
}
