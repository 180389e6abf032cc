package import CanonicalBytes

/// The numbers of the value-transfer contract, which change together or not at all: game, payments, periods, code.
package struct IncentiveParameters: CreditRecord {
    /// What messages pay besides the reward of a hop.
    package struct Payments: Hashable, Sendable {
        /// For bringing the destination's receipt back to the source.
        package var acknowledgementReward: Credits
        /// For bringing the proof that a message's time is over; out of what its payer locked.
        package var timeoutReward: Credits
        /// To the pool, for every message.
        package var messageFee: Credits
        /// To the pool, from whoever claims what is paid already.
        package var checkFee: Credits
        /// δ: what a reward loses after the window.
        package var lateDiscount: Millionths
        /// What is locked for a message at least.
        package var budget: Credits
        /// Hops of a route, at most; 1 to ``IncentiveParameters/hopsLimit``.
        package var hopsMax: UInt8
    }

    /// Heights of the chain that the contract runs on.
    package struct Periods: Hashable, Sendable {
        /// Blocks for which only the assigned relay may claim a slot.
        package var windowBlocks: UInt64
        /// From the lock to the deadline, at most.
        package var deadlineBlocksMax: UInt64
        /// For which a fault can be punished after it.
        package var evidenceBlocks: UInt64
        /// For which other chains trust what this one's lists certified.
        package var trustBlocks: UInt64
        /// From the notice to the withdrawal of a deposit; not below the two before together.
        package var unbondingBlocks: UInt64
    }

    /// What a contract's code costs.
    package struct Code: Hashable, Sendable {
        /// Held while the contract exists.
        package var deploymentDeposit: Credits
        package var deploymentFee: Credits
        /// Held until the upgrade's trial is over.
        package var upgradeDeposit: Credits
        package var upgradeFee: Credits
        /// From the announcement to the activation, at least.
        package var noticeBlocks: UInt64
        /// From the activation to the end of the trial.
        package var trialBlocks: UInt64
    }

    /// Hops of any route, at most: a path has five chains at most.
    package static let hopsLimit: UInt8 = 4
    /// Blocks of any period, at most.
    package static let blocksLimit: UInt64 = 1 << 40

    package var game: RelayGame
    package var payments: Payments
    package var periods: Periods
    package var code: Code

    package init(game: RelayGame, payments: Payments, periods: Periods, code: Code) {
        self.game = game
        self.payments = payments
        self.periods = periods
        self.code = code
    }

    package static let standard = IncentiveParameters(
        game: .standard,
        payments: Payments(
            acknowledgementReward: .thousandths(500),
            timeoutReward: .thousandths(300),
            messageFee: .thousandths(100),
            checkFee: .thousandths(50),
            lateDiscount: .percent(20),
            budget: Credits(5),
            hopsMax: 4
        ),
        periods: Periods(
            windowBlocks: 20,
            deadlineBlocksMax: 2_000,
            evidenceBlocks: 10_000,
            trustBlocks: 20_000,
            unbondingBlocks: 30_000
        ),
        code: Code(
            deploymentDeposit: Credits(50),
            deploymentFee: Credits(5),
            upgradeDeposit: Credits(20),
            upgradeFee: Credits(2),
            noticeBlocks: 1_000,
            trialBlocks: 5_000
        )
    )

    /// The reward of a slot after its window.
    package func lateReward(_ reward: Credits) -> Credits { reward.share(self.payments.lateDiscount.complement) }

    /// What a message over so many hops can cost: rewards, acknowledgement and fee.
    ///
    /// - Returns: nil beyond the limit of credits.
    package func budget(hops: UInt64) -> Credits? {
        self.game.reward.times(hops)?.adding(self.payments.acknowledgementReward)?.adding(self.payments.messageFee)
    }

    package func write(to writer: inout CanonicalWriter) {
        self.game.write(to: &writer)
        let payments = self.payments
        for amount in [
            payments.acknowledgementReward, payments.timeoutReward, payments.messageFee, payments.checkFee,
        ] { writer.credits(amount) }
        writer.millionths(payments.lateDiscount)
        writer.credits(payments.budget)
        writer.u8(payments.hopsMax)
        let periods = self.periods
        for blocks in [
            periods.windowBlocks, periods.deadlineBlocksMax, periods.evidenceBlocks, periods.trustBlocks,
            periods.unbondingBlocks,
        ] { writer.u64(blocks) }
        let code = self.code
        for amount in [code.deploymentDeposit, code.deploymentFee, code.upgradeDeposit, code.upgradeFee] {
            writer.credits(amount)
        }
        writer.u64(code.noticeBlocks)
        writer.u64(code.trialBlocks)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.game = try RelayGame(from: &reader)
        self.payments = Payments(
            acknowledgementReward: try reader.credits(),
            timeoutReward: try reader.credits(),
            messageFee: try reader.credits(),
            checkFee: try reader.credits(),
            lateDiscount: try reader.millionths(),
            budget: try reader.credits(),
            hopsMax: try reader.u8()
        )
        self.periods = Periods(
            windowBlocks: try reader.u64(),
            deadlineBlocksMax: try reader.u64(),
            evidenceBlocks: try reader.u64(),
            trustBlocks: try reader.u64(),
            unbondingBlocks: try reader.u64()
        )
        self.code = Code(
            deploymentDeposit: try reader.credits(),
            deploymentFee: try reader.credits(),
            upgradeDeposit: try reader.credits(),
            upgradeFee: try reader.credits(),
            noticeBlocks: try reader.u64(),
            trialBlocks: try reader.u64()
        )
    }
}

extension IncentiveParameters {
    /// Requires that every number is one that the contract can work with, and that honest relay is what pays best.
    ///
    /// - Throws: `parameter-out-of-range`, `unbonding-too-short`, or the rejection of the first violated condition of
    ///   ``Equilibrium``, with what would mend it.
    package func requireLawful() throws(IncentiveFailure) {
        try self.requireRanges()
        guard let violation = Equilibrium(self).violations.first else { return }
        throw .rejected(violation.condition.rejection, violation.description)
    }

    private func requireRanges() throws(IncentiveFailure) {
        let game = self.game
        let periods = self.periods
        let payments = self.payments
        let blocks = 1...Self.blocksLimit
        let rules: [(Bool, String)] = [
            (game.reward > .zero, "reward"),
            (game.deposit > .zero, "deposit"),
            (game.verificationCost <= game.cost, "the verification is a part of the cost"),
            (game.discount < .one, "discount"),
            (game.coalitionMin >= 1 && game.coalitionMin <= game.coalitionMax, "coalition"),
            (payments.hopsMax >= 1 && payments.hopsMax <= Self.hopsLimit, "hops"),
            (blocks.contains(periods.windowBlocks), "window"),
            (blocks.contains(periods.deadlineBlocksMax), "deadline"),
            (periods.deadlineBlocksMax >= self.deadlineBlocksMin(hops: payments.hopsMax), "deadline of a route"),
            (blocks.contains(periods.evidenceBlocks), "time for evidence"),
            (blocks.contains(periods.trustBlocks), "trust period"),
            (periods.unbondingBlocks <= 2 * Self.blocksLimit, "unbonding"),
            (blocks.contains(self.code.noticeBlocks), "notice"),
            (blocks.contains(self.code.trialBlocks), "trial"),
        ]
        for (holds, name) in rules { try ensure(holds, .parameterOutOfRange, name) }
        let unbondingMin = periods.evidenceBlocks + periods.trustBlocks
        try ensure(periods.unbondingBlocks >= unbondingMin, .unbondingTooShort, "at least \(unbondingMin) blocks")
    }

    /// Blocks from lock to deadline in which every slot of a route has a window for each of its two relays.
    package func deadlineBlocksMin(hops: UInt8) -> UInt64 {
        // At most 5 slots of 2^40 blocks.
        (UInt64(hops) + 2) * min(self.periods.windowBlocks, Self.blocksLimit)
    }
}
