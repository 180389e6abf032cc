package import CanonicalBytes

/// What a payer locked for one message: `LP(payer) || u64 budget || u64 remaining || u64 spent || u64 timeout reward || u8
/// slots || u8 unpaid || u64 locked at || u64 deadline || u64 window || u8 state || u8 is repaid`.
package struct Escrow: CreditRecord {
    package enum State: UInt8, Sendable {
        /// Slots wait for their relays.
        case open = 1
        /// All slots are paid, the rest is refunded.
        case settled = 2
        /// The deadline passed, the rest is refunded.
        case timedOut = 3
    }

    package let payer: AccountID
    /// What was locked, with the message's fee.
    package let budget: Credits
    /// What is still held.
    package internal(set) var remaining: Credits
    /// Fee and rewards so far; what a canary cost in the end.
    package internal(set) var spent: Credits
    /// What the bringer of the timeout gets, fixed when the message was locked.
    package let timeoutReward: Credits
    /// Hops and the acknowledgement.
    package let slots: UInt8
    package internal(set) var unpaid: UInt8
    package let lockedAt: UInt64
    /// The last height at which a slot can be claimed.
    package let deadline: UInt64
    /// Blocks that an assigned relay has before its backup may come in.
    package let windowBlocks: UInt64
    package internal(set) var state: State
    /// Whether the pool paid the message's cost back, as for a canary.
    package internal(set) var isRepaid: Bool

    init(_ order: TransferOrder, at height: UInt64, under parameters: IncentiveParameters, remaining: Credits) {
        let payments = parameters.payments
        self.payer = order.payer
        self.budget = order.budget
        self.remaining = remaining
        self.spent = payments.messageFee
        self.timeoutReward = payments.timeoutReward
        self.slots = UInt8(order.assignments.count)
        self.unpaid = self.slots
        self.lockedAt = height
        self.deadline = order.deadline
        self.windowBlocks = parameters.periods.windowBlocks
        self.state = .open
        self.isRepaid = false
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.account(self.payer)
        writer.credits(self.budget)
        writer.credits(self.remaining)
        writer.credits(self.spent)
        writer.credits(self.timeoutReward)
        writer.u8(self.slots)
        writer.u8(self.unpaid)
        writer.u64(self.lockedAt)
        writer.u64(self.deadline)
        writer.u64(self.windowBlocks)
        writer.u8(self.state.rawValue)
        writer.u8(self.isRepaid ? 1 : 0)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.payer = try reader.account()
        self.budget = try reader.credits()
        self.remaining = try reader.credits()
        self.spent = try reader.credits()
        self.timeoutReward = try reader.credits()
        self.slots = try reader.u8()
        self.unpaid = try reader.u8()
        try require(self.unpaid <= self.slots, .format, "more slots unpaid than there are")
        self.lockedAt = try reader.u64()
        self.deadline = try reader.u64()
        self.windowBlocks = try reader.u64()
        guard let state = State(rawValue: try reader.u8()) else {
            throw ProtocolFailure(.format, "unknown state of an escrow")
        }
        self.state = state
        self.isRepaid = try reader.flag()
    }
}

/// One piece of work of a message and who is to do it: `LP(assignee) || LP(backup) || u64 reward || u64 late reward || u64
/// window end || u64 paid at || LP(paid to), when it is`.
package struct RouteSlot: CreditRecord {
    package let assignee: AccountID
    package let backup: AccountID
    /// Within the window.
    package let reward: Credits
    /// After it, to whoever of the two comes first.
    package let lateReward: Credits
    /// The last height of the assignee's window.
    package internal(set) var windowEnd: UInt64
    /// 0: not yet.
    package private(set) var paidAt: UInt64
    package private(set) var paidTo: AccountID?

    init(_ assignment: Assignment, reward: Credits, lateReward: Credits, windowEnd: UInt64) {
        self.assignee = assignment.assignee
        self.backup = assignment.backup
        self.reward = reward
        self.lateReward = lateReward
        self.windowEnd = windowEnd
        self.paidAt = 0
        self.paidTo = nil
    }

    mutating func pay(_ relay: AccountID, at height: UInt64) {
        self.paidTo = relay
        self.paidAt = height
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.account(self.assignee)
        writer.account(self.backup)
        writer.credits(self.reward)
        writer.credits(self.lateReward)
        writer.u64(self.windowEnd)
        writer.u64(self.paidAt)
        if let relay = self.paidTo { writer.account(relay) }
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.assignee = try reader.account()
        self.backup = try reader.account()
        self.reward = try reader.credits()
        self.lateReward = try reader.credits()
        self.windowEnd = try reader.u64()
        self.paidAt = try reader.u64()
        self.paidTo = reader.remaining > 0 ? try reader.account() : nil
    }
}
