/// Who is to do one piece of a message's work, and who after the window.
package struct Assignment: Hashable, Sendable {
    package let assignee: AccountID
    package let backup: AccountID

    package init(assignee: AccountID, backup: AccountID) {
        self.assignee = assignee
        self.backup = backup
    }
}

/// What a payer orders when a message begins.
package struct TransferOrder: Hashable, Sendable {
    package let message: MessageKey
    package let payer: AccountID
    package let budget: Credits
    /// One for each hop, in order.
    package let hops: [Assignment]
    /// Who brings the receipt back.
    package let acknowledgement: Assignment
    /// The last height at which a slot can be claimed.
    package let deadline: UInt64

    package init(
        message: MessageKey,
        payer: AccountID,
        budget: Credits,
        hops: [Assignment],
        acknowledgement: Assignment,
        deadline: UInt64
    ) {
        self.message = message
        self.payer = payer
        self.budget = budget
        self.hops = hops
        self.acknowledgement = acknowledgement
        self.deadline = deadline
    }

    /// All slots; the acknowledgement is the last.
    var assignments: [Assignment] { self.hops + [self.acknowledgement] }
}

/// What a claim was worth.
package enum ClaimOutcome: Hashable, Sendable {
    /// Within the window.
    case paid(Credits)
    /// After it: the reward without the discount, to the assignee or to its backup.
    case paidLate(Credits)
    /// It was paid to somebody before; the claimant paid the fee of the check.
    case duplicate(fee: Credits)
}

/// What came of a message's time being over.
package struct TimeoutOutcome: Hashable, Sendable {
    /// To whoever brought the proof.
    package let reward: Credits
    /// To the payer.
    package let refund: Credits
    /// The first slot that nobody claimed: where the message stopped.
    package let stoppedAt: UInt8
    /// Of that slot.
    package let assignment: Assignment
}

extension ValueTransfer {
    /// Locks the budget of a message whose transaction begins, and assigns its slots.
    ///
    /// The message's fee goes to the pool at once.
    ///
    /// - Throws: `escrow-exists`, `route-out-of-range`, `deadline-out-of-range`, `budget-too-small`, `backup-is-assignee`,
    ///   `deposit-too-small` or `relay-unbonding` of a relay, `insufficient-credits` of the payer.
    package func lock(_ order: TransferOrder) throws(IncentiveFailure) {
        let parameters = try self.parameters()
        try ensure(try self.escrow(order.message) == nil, .escrowExists, "the message has an escrow")
        let hopsMax = Int(parameters.payments.hopsMax)
        try ensure((1...hopsMax).contains(order.hops.count), .routeOutOfRange, "1 to \(hopsMax) hops")
        let hops = UInt8(order.hops.count)
        let (earliest, latest) = (parameters.deadlineBlocksMin(hops: hops), parameters.periods.deadlineBlocksMax)
        let isInTime =
            order.deadline > self.height && order.deadline - self.height >= earliest
            && order.deadline - self.height <= latest
        try ensure(isInTime, .deadlineOutOfRange, "\(earliest) to \(latest) blocks ahead")
        let needed = max(parameters.payments.budget, parameters.budget(hops: UInt64(hops)) ?? .limit)
        try ensure(order.budget >= needed, .budgetTooSmall, "\(order.budget) of \(needed)")
        let slots = order.assignments
        for assignment in slots {
            try ensure(assignment.assignee != assignment.backup, .backupIsAssignee, "nobody is its own backup")
            try self.requireBonded(assignment.assignee, parameters)
            try self.requireBonded(assignment.backup, parameters)
        }
        let fee = parameters.payments.messageFee
        try self.move(order.budget, from: .free(order.payer), to: .escrow)
        try self.move(fee, from: .escrow, to: .pool)
        let remaining = try Self.difference(order.budget, fee)
        let escrow = Escrow(order, at: self.height, under: parameters, remaining: remaining)
        try self.state.store(escrow, at: IncentiveKey.escrow(order.message))
        for index in 0...hops {
            let reward = index < hops ? parameters.game.reward : parameters.payments.acknowledgementReward
            let slot = RouteSlot(
                slots[Int(index)],
                reward: reward,
                lateReward: parameters.lateReward(reward),
                windowEnd: self.height + (UInt64(index) + 1) * parameters.periods.windowBlocks
            )
            try self.state.store(slot, at: IncentiveKey.slot(order.message, index))
        }
    }

    /// Pays for one slot of a message.
    ///
    /// Its caller has verified that this relay proves the slot's work: the record of the hop, or the receipt. After the
    /// window the assignee and its backup have the same right to the smaller reward, and the first of them gets it.
    ///
    /// - Returns: what was paid; a duplicate is an outcome of its own, since it costs the claimant a fee.
    /// - Throws: `no-such-escrow`, `no-such-slot`, `insufficient-credits` for the fee of a duplicate, `escrow-closed`,
    ///   `past-deadline`, `not-assigned`, `window-open` for a backup that comes too early.
    package func claim(
        _ message: MessageKey,
        slot index: UInt8,
        by relay: AccountID
    ) throws(IncentiveFailure) -> ClaimOutcome {
        guard var escrow = try self.escrow(message) else { throw .rejected(.noSuchEscrow, "nothing is locked") }
        guard var slot = try self.slot(message, index) else { throw .rejected(.noSuchSlot, "no slot \(index)") }
        guard slot.paidTo == nil else { return try self.chargeCheck(of: relay) }
        try ensure(escrow.state == .open, .escrowClosed, "its time was over")
        try ensure(self.height <= escrow.deadline, .pastDeadline, "claims end at \(escrow.deadline)")
        try ensure(relay == slot.assignee || relay == slot.backup, .notAssigned, "somebody else's slot")
        let isInWindow = self.height <= slot.windowEnd
        let mayClaim = relay == slot.assignee || !isInWindow
        try ensure(mayClaim, .windowOpen, "the assigned relay has until \(slot.windowEnd)")
        let reward = isInWindow ? slot.reward : slot.lateReward
        try self.move(reward, from: .escrow, to: .free(relay))
        slot.pay(relay, at: self.height)
        try self.state.store(slot, at: IncentiveKey.slot(message, index))
        escrow.remaining = try Self.difference(escrow.remaining, reward)
        escrow.spent = try Self.sum(escrow.spent, reward)
        escrow.unpaid -= 1
        try self.openWindow(after: index, of: message, escrow)
        if escrow.unpaid == 0 {
            escrow.state = .settled
            _ = try self.refund(&escrow)
        }
        try self.state.store(escrow, at: IncentiveKey.escrow(message))
        return isInWindow ? .paid(reward) : .paidLate(reward)
    }

    /// Ends a message that did not get through in time: rewards whoever brings the proof, and refunds the payer.
    ///
    /// Its caller has verified the proof, which is that the height of the deadline passed without the receipt. Whose slot it
    /// stopped at gets no reward for saying so.
    ///
    /// - Throws: `no-such-escrow`, `escrow-closed`, `not-timed-out`.
    package func timeOut(
        _ message: MessageKey,
        broughtBy bringer: AccountID
    ) throws(IncentiveFailure) -> TimeoutOutcome {
        guard var escrow = try self.escrow(message) else { throw .rejected(.noSuchEscrow, "nothing is locked") }
        try ensure(escrow.state == .open, .escrowClosed, "it is settled, or its time was over before")
        try ensure(self.height > escrow.deadline, .notTimedOut, "claims end at \(escrow.deadline)")
        let (stoppedAt, slot) = try self.firstUnpaid(of: message, escrow)
        let isTheirs = bringer == slot.assignee || bringer == slot.backup
        let reward = isTheirs ? .zero : min(escrow.timeoutReward, escrow.remaining)
        try self.move(reward, from: .escrow, to: .free(bringer))
        escrow.remaining = try Self.difference(escrow.remaining, reward)
        escrow.spent = try Self.sum(escrow.spent, reward)
        escrow.state = .timedOut
        let refund = try self.refund(&escrow)
        try self.state.store(escrow, at: IncentiveKey.escrow(message))
        return TimeoutOutcome(
            reward: reward,
            refund: refund,
            stoppedAt: stoppedAt,
            assignment: Assignment(assignee: slot.assignee, backup: slot.backup)
        )
    }

    /// Pays back, out of the pool, what a message cost that turned out to be a canary.
    ///
    /// Its caller has verified that the message was committed to as a canary before it was locked.
    ///
    /// - Returns: what was paid back.
    /// - Throws: `no-such-escrow`, `escrow-open`, `repaid-already`, `insufficient-pool`.
    package func repayCanary(_ message: MessageKey) throws(IncentiveFailure) -> Credits {
        guard var escrow = try self.escrow(message) else { throw .rejected(.noSuchEscrow, "nothing is locked") }
        try ensure(escrow.state != .open, .escrowOpen, "its slots can still be claimed")
        try ensure(!escrow.isRepaid, .repaidAlready, "the pool paid it back")
        try self.move(escrow.spent, from: .pool, to: .free(escrow.payer))
        escrow.isRepaid = true
        try self.state.store(escrow, at: IncentiveKey.escrow(message))
        return escrow.spent
    }

    private func requireBonded(_ relay: AccountID, _ parameters: IncentiveParameters) throws(IncentiveFailure) {
        let account = try self.account(relay)
        let needed = parameters.game.deposit
        try ensure(account.deposit >= needed, .depositTooSmall, "\(account.deposit) of \(needed)")
        try ensure(account.unbondingAt == 0, .relayUnbonding, "a relay is withdrawing its deposit")
    }

    private func chargeCheck(of relay: AccountID) throws(IncentiveFailure) -> ClaimOutcome {
        let fee = try self.parameters().payments.checkFee
        try self.move(fee, from: .free(relay), to: .pool)
        return .duplicate(fee: fee)
    }

    /// A relay has a whole window after the one before it, whose lateness is not its own.
    private func openWindow(
        after index: UInt8,
        of message: MessageKey,
        _ escrow: Escrow
    ) throws(IncentiveFailure) {
        guard index + 1 < escrow.slots, var next = try self.slot(message, index + 1), next.paidTo == nil else { return }
        let (end, overflow) = self.height.addingReportingOverflow(escrow.windowBlocks)
        guard !overflow, end > next.windowEnd else { return }
        next.windowEnd = end
        try self.state.store(next, at: IncentiveKey.slot(message, index + 1))
    }

    private func firstUnpaid(
        of message: MessageKey,
        _ escrow: Escrow
    ) throws(IncentiveFailure) -> (UInt8, RouteSlot) {
        for index in 0..<escrow.slots {
            if let slot = try self.slot(message, index), slot.paidTo == nil { return (index, slot) }
        }
        throw .rejected(.escrowClosed, "all slots are paid")
    }

    private func refund(_ escrow: inout Escrow) throws(IncentiveFailure) -> Credits {
        let refund = escrow.remaining
        try self.move(refund, from: .escrow, to: .free(escrow.payer))
        escrow.remaining = .zero
        return refund
    }
}
