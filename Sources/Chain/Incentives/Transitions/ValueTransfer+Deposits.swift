package import CanonicalBytes

/// A fault of one relay, 32 bytes: what makes it one that is punished once.
package struct FaultID: Hashable, Sendable {
    package let bytes: [UInt8]

    /// - Throws: `FORMAT` unless there are 32 bytes.
    package init(_ bytes: [UInt8]) throws(ProtocolFailure) {
        try require(bytes.count == 32, .format, "\(bytes.count) bytes of a fault's identifier")
        self.bytes = bytes
    }
}

/// What a relay was proven to have done.
package struct Fault: Hashable, Sendable {
    package enum Kind: CaseIterable, Sendable {
        /// It had the slot, both neighbours' counters say that the message did not come.
        case dropping
        /// It signed a hop that contradicts its chain, or another hop of its own.
        case forging
        /// It forwarded what it had to refuse.
        case laziness
    }

    package let id: FaultID
    package let kind: Kind
    package let culprit: AccountID
    /// When it happened, in blocks of this chain.
    package let height: UInt64

    package init(id: FaultID, kind: Kind, culprit: AccountID, height: UInt64) {
        self.id = id
        self.kind = kind
        self.culprit = culprit
        self.height = height
    }
}

/// What a fault cost.
package struct SlashOutcome: Hashable, Sendable {
    /// Out of the culprit's deposit.
    package let amount: Credits
    /// The reporter's share; the rest is the pool's.
    package let toReporter: Credits
}

extension ValueTransfer {
    /// Puts free credits down as a deposit.
    ///
    /// - Throws: `amount-out-of-range`, `relay-unbonding`, `insufficient-credits`.
    package func deposit(_ amount: Credits, by id: AccountID) throws(IncentiveFailure) {
        try ensure(amount > .zero, .amountOutOfRange, "nothing to deposit")
        try ensure(try self.account(id).unbondingAt == 0, .relayUnbonding, "the deposit is being withdrawn")
        try self.move(amount, from: .free(id), to: .deposit(id))
    }

    /// Gives notice for the whole deposit: no new slots from now on, and it answers for faults until it is withdrawn.
    ///
    /// - Throws: `nothing-deposited`, `unbonding-already`.
    package func unbond(_ id: AccountID) throws(IncentiveFailure) {
        var account = try self.account(id)
        try ensure(account.deposit > .zero, .nothingDeposited, "there is no deposit")
        try ensure(account.unbondingAt == 0, .unbondingAlready, "since \(account.unbondingAt)")
        account.unbondingAt = self.height
        try self.store(account, of: id)
    }

    /// Takes the deposit back when its time is over.
    ///
    /// - Returns: what is left of it.
    /// - Throws: `not-unbonding`, `still-bonded`.
    package func withdraw(_ id: AccountID) throws(IncentiveFailure) -> Credits {
        var account = try self.account(id)
        try ensure(account.unbondingAt > 0, .notUnbonding, "no notice was given")
        let (until, overflow) = account.unbondingAt.addingReportingOverflow(
            try self.parameters().periods.unbondingBlocks
        )
        try ensure(!overflow && self.height > until, .stillBonded, "until \(until)")
        account.unbondingAt = 0
        let deposit = account.deposit
        try self.store(account, of: id)
        try self.move(deposit, from: .deposit(id), to: .free(id))
        return deposit
    }

    /// Punishes a proven fault out of the culprit's deposit.
    ///
    /// Its caller has verified the evidence. A culprit that reports itself gets no share.
    ///
    /// - Parameters:
    ///   - fault: what is proven.
    ///   - reporter: who brought the evidence first.
    /// - Returns: what it cost, and what the reporter got.
    /// - Throws: `evidence-from-future`, `evidence-too-old`, `punished-already`, `nothing-to-slash`.
    package func slash(_ fault: Fault, reportedBy reporter: AccountID) throws(IncentiveFailure) -> SlashOutcome {
        let parameters = try self.parameters()
        try ensure(fault.height <= self.height, .evidenceFromFuture, "of height \(fault.height)")
        let age = self.height - fault.height
        try ensure(age <= parameters.periods.evidenceBlocks, .evidenceTooOld, "\(age) blocks old")
        let key = IncentiveKey.fault(fault.id)
        try ensure(try self.state.value(of: key) == nil, .punishedAlready, "a fault is punished once")
        let deposit = try self.account(fault.culprit).deposit
        let amount = deposit.shareRoundedUp(parameters.game.slash(for: fault.kind))
        try ensure(amount > .zero, .nothingToSlash, "the culprit has no deposit, or its fault no penalty")
        let share = reporter == fault.culprit ? .zero : amount.share(parameters.game.reporterShare)
        try self.state.set(key, to: self.height.bigEndianBytes)
        try self.move(share, from: .deposit(fault.culprit), to: .free(reporter))
        try self.move(try Self.difference(amount, share), from: .deposit(fault.culprit), to: .pool)
        return SlashOutcome(amount: amount, toReporter: share)
    }
}

extension RelayGame {
    /// The share of the deposit that a fault costs.
    package func slash(for kind: Fault.Kind) -> Millionths {
        switch kind {
        case .dropping: self.dropSlash
        case .forging: self.forgerySlash
        case .laziness: self.lazinessSlash
        }
    }
}
