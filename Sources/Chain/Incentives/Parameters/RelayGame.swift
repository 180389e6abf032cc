package import CanonicalBytes

/// What one hop of a message is worth to whoever relays it, honestly or not.
///
/// A relay plays it again and again; what it would earn by honest work later counts as `γ / (1 − γ) · (reward − cost)`
/// today. Rewards and penalties are the contract's; the other numbers are what its members take the world to be.
package struct RelayGame: Hashable, Sendable {
    /// r: for a hop relayed within the window.
    package var reward: Credits
    /// c: of relaying a hop honestly, verification included.
    package var cost: Credits
    /// v: of the verification, a part of the cost.
    package var verificationCost: Credits
    /// d: what every assigned relay has deposited, at least.
    package var deposit: Credits
    /// γ: what a credit of the next message counts for today; below one.
    package var discount: Millionths
    /// b: messages that must be refused, canaries included.
    package var canaryRate: Millionths

    /// p_D: that dropping a message is proven.
    package var dropDetection: Millionths
    /// s_D: share of the deposit.
    package var dropSlash: Millionths
    /// e_D: that a relay proven to drop loses its place.
    package var dropEjection: Millionths
    /// g_D: what somebody pays for a message that does not arrive.
    package var droppingGain: Credits

    /// p_F: that a forgery is proven.
    package var forgeryDetection: Millionths
    /// s_F: share of the deposit.
    package var forgerySlash: Millionths
    /// q_F: that a forgery of one relay alone is accepted before.
    package var forgeryAcceptance: Millionths
    /// g_F: what all its forgeries until the proof bring one relay.
    package var forgeryGain: Credits

    /// p_L: that somebody who forwards what must be refused is convicted.
    package var lazinessDetection: Millionths
    /// s_L: share of the deposit.
    package var lazinessSlash: Millionths

    /// k₀: the fewest signers who can certify a falsehood.
    package var coalitionMin: UInt16
    /// The signers that there are.
    package var coalitionMax: UInt16
    /// G: what a certified falsehood brings all of them together.
    package var coalitionGain: Credits
    /// ρ: share of a penalty for whoever proves the fault.
    package var reporterShare: Millionths
    /// What a coalition may offer a reporter for silence.
    package var bribe: Credits

    /// The numbers with which the documentation and the simulation begin: signers of a committee of four.
    package static let standard = RelayGame(
        reward: Credits(1),
        cost: .thousandths(200),
        verificationCost: .thousandths(120),
        deposit: Credits(100),
        discount: .percent(99),
        canaryRate: .perMille(5),
        dropDetection: .percent(99),
        dropSlash: .percent(1),
        dropEjection: .percent(5),
        droppingGain: Credits(1),
        forgeryDetection: .one,
        forgerySlash: .one,
        forgeryAcceptance: .zero,
        forgeryGain: Credits(5_000),
        lazinessDetection: .one,
        lazinessSlash: .percent(10),
        coalitionMin: 2,
        coalitionMax: 4,
        coalitionGain: Credits(150),
        reporterShare: .percent(20),
        bribe: Credits(30)
    )
}

extension RelayGame: CreditRecord {
    package func write(to writer: inout CanonicalWriter) {
        for amount in [self.reward, self.cost, self.verificationCost, self.deposit] { writer.credits(amount) }
        for share in [self.discount, self.canaryRate, self.dropDetection, self.dropSlash, self.dropEjection] {
            writer.millionths(share)
        }
        writer.credits(self.droppingGain)
        for share in [self.forgeryDetection, self.forgerySlash, self.forgeryAcceptance] { writer.millionths(share) }
        writer.credits(self.forgeryGain)
        writer.millionths(self.lazinessDetection)
        writer.millionths(self.lazinessSlash)
        writer.u16(self.coalitionMin)
        writer.u16(self.coalitionMax)
        writer.credits(self.coalitionGain)
        writer.millionths(self.reporterShare)
        writer.credits(self.bribe)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.reward = try reader.credits()
        self.cost = try reader.credits()
        self.verificationCost = try reader.credits()
        self.deposit = try reader.credits()
        self.discount = try reader.millionths()
        self.canaryRate = try reader.millionths()
        self.dropDetection = try reader.millionths()
        self.dropSlash = try reader.millionths()
        self.dropEjection = try reader.millionths()
        self.droppingGain = try reader.credits()
        self.forgeryDetection = try reader.millionths()
        self.forgerySlash = try reader.millionths()
        self.forgeryAcceptance = try reader.millionths()
        self.forgeryGain = try reader.credits()
        self.lazinessDetection = try reader.millionths()
        self.lazinessSlash = try reader.millionths()
        self.coalitionMin = try reader.u16()
        self.coalitionMax = try reader.u16()
        self.coalitionGain = try reader.credits()
        self.reporterShare = try reader.millionths()
        self.bribe = try reader.credits()
    }
}
