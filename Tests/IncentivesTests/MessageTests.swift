import CanonicalBytes
import Testing

@testable import Incentives

@Suite("Messages and their escrow") struct MessageTests {
    let market: Market

    init() throws { self.market = try Market() }

    /// Claims, and requires the outcome.
    private func claim(_ slot: UInt8, by relay: AccountID, at height: UInt64) throws -> ClaimOutcome {
        let message = try message(1)
        return try self.market.at(height) { m throws(IncentiveFailure) in
            try m.claim(message, slot: slot, by: relay)
        }
    }

    private func claimRejection(_ slot: UInt8, by relay: AccountID, at height: UInt64) throws -> IncentiveRejection? {
        let message = try message(1)
        return self.market.rejection(height) { m throws(IncentiveFailure) in
            _ = try m.claim(message, slot: slot, by: relay)
        }
    }

    private func lock(_ order: TransferOrder? = nil) throws {
        let order = try order ?? self.market.order()
        try self.market.at(10) { m throws(IncentiveFailure) in try m.lock(order) }
    }

    private func escrow() throws -> Escrow {
        let message = try message(1)
        return try #require(try self.market.at(1) { m throws(IncentiveFailure) in try m.escrow(message) })
    }

    @Test("a message that arrives pays its relays and the fee, and refunds the rest")
    func happyPath() throws {
        try self.lock()
        #expect(try self.market.free(self.market.payer) == Credits(995))
        #expect(try self.claim(0, by: self.market.first, at: 12) == .paid(Credits(1)))
        #expect(try self.claim(1, by: self.market.second, at: 15) == .paid(.thousandths(500)))
        #expect(try self.escrow().state == .settled && self.escrow().spent == .thousandths(1_600))
        #expect(try self.market.free(self.market.first) == Credits(51))
        #expect(try self.market.free(self.market.second) == .thousandths(50_500))
        #expect(try self.market.free(self.market.payer) == .thousandths(998_400))
        #expect(try self.market.pool() == .thousandths(100))
        try self.market.requireBalance()
    }

    @Test("a relay that withholds earns nothing: timeout, reward for its proof, refund")
    func withholding() throws {
        try self.lock()
        let message = try message(1)
        for height: UInt64 in [11, 100] {
            let early = self.market.rejection(height) { m throws(IncentiveFailure) in
                _ = try m.timeOut(message, broughtBy: self.market.third)
            }
            #expect(early == .notTimedOut)
        }
        let outcome = try self.market.at(101) { m throws(IncentiveFailure) in
            try m.timeOut(message, broughtBy: self.market.third)
        }
        #expect(outcome.reward == .thousandths(300) && outcome.refund == .thousandths(4_600))
        #expect(outcome.stoppedAt == 0 && outcome.assignment.assignee == self.market.first)
        #expect(try self.market.free(self.market.first) == Credits(50))
        #expect(try self.market.free(self.market.third) == .thousandths(50_300))
        #expect(try self.market.free(self.market.payer) == .thousandths(999_600))
        #expect(try self.escrow().state == .timedOut && self.escrow().remaining == .zero)
        #expect(try self.claimRejection(0, by: self.market.first, at: 102) == .escrowClosed)
        let again = self.market.rejection(102) { m throws(IncentiveFailure) in
            _ = try m.timeOut(message, broughtBy: self.market.third)
        }
        #expect(again == .escrowClosed)
        try self.market.requireBalance()
    }

    @Test("a middle relay that withholds costs those before it nothing")
    func withholdingInTheMiddle() throws {
        let relays = [self.market.first, self.market.second, self.market.third]
        var order = try self.market.order(deadline: 200)
        order = TransferOrder(
            message: order.message,
            payer: order.payer,
            budget: order.budget,
            hops: relays.indices.map { Assignment(assignee: relays[$0], backup: relays[($0 + 1) % 3]) },
            acknowledgement: order.acknowledgement,
            deadline: 200
        )
        try self.lock(order)
        #expect(try self.claim(0, by: self.market.first, at: 12) == .paid(Credits(1)))
        let outcome = try self.market.at(201) { m throws(IncentiveFailure) in
            try m.timeOut(order.message, broughtBy: self.market.first)
        }
        #expect(outcome.stoppedAt == 1 && outcome.assignment.assignee == self.market.second)
        #expect(outcome.refund == .thousandths(3_600))
        #expect(try self.market.free(self.market.first) == .thousandths(51_300))
        #expect(try self.market.free(self.market.second) == Credits(50))
    }

    @Test("whose slot it stopped at earns nothing by bringing the timeout", arguments: [true, false])
    func ownTimeout(_ isAssignee: Bool) throws {
        try self.lock()
        let message = try message(1)
        let bringer = isAssignee ? self.market.first : self.market.second
        let outcome = try self.market.at(101) { m throws(IncentiveFailure) in
            try m.timeOut(message, broughtBy: bringer)
        }
        #expect(outcome.reward == .zero && outcome.refund == .thousandths(4_900))
        try self.market.requireBalance()
    }

    @Test("after the window the backup is paid, less, and the late relay gets nothing and pays the check")
    func lateRelay() throws {
        try self.lock()
        #expect(try self.claimRejection(0, by: self.market.second, at: 30) == .windowOpen)
        #expect(try self.claim(0, by: self.market.second, at: 31) == .paidLate(.thousandths(800)))
        #expect(try self.claim(0, by: self.market.first, at: 32) == .duplicate(fee: .thousandths(50)))
        #expect(try self.market.free(self.market.first) == .thousandths(49_950))
        #expect(try self.market.free(self.market.second) == .thousandths(50_800))
        #expect(try self.market.pool() == .thousandths(150))
        try self.market.requireBalance()
    }

    @Test("a late relay that still comes before its backup is paid the smaller reward")
    func lateButFirst() throws {
        try self.lock()
        #expect(try self.claim(0, by: self.market.first, at: 31) == .paidLate(.thousandths(800)))
        #expect(try self.claim(0, by: self.market.second, at: 31) == .duplicate(fee: .thousandths(50)))
        #expect(try self.claim(1, by: self.market.second, at: 40) == .paid(.thousandths(500)))
        // What lateness saved is the payer's.
        #expect(try self.market.free(self.market.payer) == .thousandths(998_600))
    }

    @Test("what is relayed already costs whoever relays it again the fee of the check, and nobody else anything")
    func alreadyRelayed() throws {
        try self.lock()
        #expect(try self.claim(0, by: self.market.first, at: 12) == .paid(Credits(1)))
        let before = try self.escrow()
        for relay in [self.market.first, self.market.second, self.market.third] {
            let had = try self.market.free(relay)
            #expect(try self.claim(0, by: relay, at: 13) == .duplicate(fee: .thousandths(50)))
            #expect(try self.market.free(relay).adding(.thousandths(50)) == had)
        }
        #expect(try self.escrow() == before)
        let poor = try account("stranger")
        #expect(try self.claimRejection(0, by: poor, at: 13) == .insufficientCredits)
        #expect(try self.claim(1, by: self.market.second, at: 14) == .paid(.thousandths(500)))
        #expect(try self.claim(0, by: self.market.third, at: 500) == .duplicate(fee: .thousandths(50)))
        try self.market.requireBalance()
    }

    @Test("a relay has a whole window after the one before it was paid")
    func movingWindow() throws {
        try self.lock()
        #expect(try self.claim(0, by: self.market.first, at: 45) == .paidLate(.thousandths(800)))
        #expect(try self.claimRejection(1, by: self.market.third, at: 65) == .windowOpen)
        #expect(try self.claim(1, by: self.market.second, at: 65) == .paid(.thousandths(500)))
    }

    @Test("a slot can be claimed before the one ahead of it, whose relay loses nothing")
    func outOfOrder() throws {
        try self.lock()
        #expect(try self.claim(1, by: self.market.second, at: 12) == .paid(.thousandths(500)))
        #expect(try self.escrow().state == .open)
        #expect(try self.claim(0, by: self.market.first, at: 13) == .paid(Credits(1)))
        #expect(try self.escrow().state == .settled)
    }

    @Test("claims are for those who are assigned, for slots that there are, and until the deadline")
    func claimRejections() throws {
        #expect(try self.claimRejection(0, by: self.market.first, at: 11) == .noSuchEscrow)
        try self.lock()
        #expect(try self.claimRejection(2, by: self.market.first, at: 11) == .noSuchSlot)
        #expect(try self.claimRejection(255, by: self.market.first, at: 11) == .noSuchSlot)
        #expect(try self.claimRejection(0, by: self.market.third, at: 50) == .notAssigned)
        #expect(try self.claimRejection(0, by: self.market.first, at: 101) == .pastDeadline)
        #expect(try self.claim(0, by: self.market.first, at: 100) == .paidLate(.thousandths(800)))
    }

    @Test("an order must have a route, time, money, and relays whose deposits answer for them")
    func lockRejections() throws {
        let market = self.market
        let good = try market.order()
        func order(
            budget: Credits = Credits(5),
            hops: [Assignment]? = nil,
            payer: AccountID? = nil,
            deadline: UInt64 = 100
        ) -> TransferOrder {
            TransferOrder(
                message: good.message,
                payer: payer ?? good.payer,
                budget: budget,
                hops: hops ?? good.hops,
                acknowledgement: good.acknowledgement,
                deadline: deadline
            )
        }
        let stranger = try account("stranger")
        let alone = Assignment(assignee: market.first, backup: market.first)
        let unbonded = Assignment(assignee: market.first, backup: stranger)
        let cases: [(TransferOrder, IncentiveRejection)] = [
            (order(hops: []), .routeOutOfRange),
            (order(hops: [Assignment](repeating: good.hops[0], count: 5)), .routeOutOfRange),
            (order(deadline: 69), .deadlineOutOfRange), (order(deadline: 10), .deadlineOutOfRange),
            (order(deadline: 2_011), .deadlineOutOfRange), (order(deadline: .max), .deadlineOutOfRange),
            (order(deadline: 0), .deadlineOutOfRange), (order(budget: .thousandths(4_999)), .budgetTooSmall),
            (order(hops: [alone]), .backupIsAssignee), (order(hops: [unbonded]), .depositTooSmall),
            (order(payer: stranger), .insufficientCredits), (order(budget: Credits(1_001)), .insufficientCredits),
        ]
        let before = market.state.entries.map(\.value)
        for (order, rejection) in cases {
            #expect(market.rejection(10) { m throws(IncentiveFailure) in try m.lock(order) } == rejection)
        }
        #expect(market.state.entries.map(\.value) == before)
        try market.at(9) { m throws(IncentiveFailure) in try m.unbond(market.first) }
        #expect(market.rejection(10) { m throws(IncentiveFailure) in try m.lock(good) } == .relayUnbonding)
        let empty = MemoryCreditState()
        #expect(throws: IncentiveFailure.rejected(.notConfigured, "no parameters are set")) {
            try empty.attempt(at: 1) { m throws(IncentiveFailure) in try m.lock(good) }
        }
    }

    @Test("a message has one escrow, also when it is settled")
    func escrowOnce() throws {
        try self.lock()
        let order = try self.market.order()
        let again = { self.market.rejection(20) { m throws(IncentiveFailure) in try m.lock(order) } }
        #expect(again() == .escrowExists)
        _ = try self.claim(0, by: self.market.first, at: 20)
        _ = try self.claim(1, by: self.market.second, at: 20)
        #expect(again() == .escrowExists)
    }

    @Test("messages under way keep what they were locked with when parameters change")
    func changedParameters() throws {
        try self.lock()
        var other = IncentiveParameters.standard
        other.game.reward = Credits(2)
        other.payments.budget = Credits(20)
        other.payments.timeoutReward = .thousandths(400)
        other.periods.windowBlocks = 5
        try self.market.at(11) { m throws(IncentiveFailure) in try m.set(other) }
        #expect(try self.claim(0, by: self.market.first, at: 30) == .paid(Credits(1)))
        #expect(try self.claimRejection(1, by: self.market.third, at: 50) == .windowOpen)
        let message = try message(1)
        let outcome = try self.market.at(101) { m throws(IncentiveFailure) in
            try m.timeOut(message, broughtBy: self.market.first)
        }
        #expect(outcome.reward == .thousandths(300))
    }

    @Test("the pool pays back what a canary cost, once, when it is over")
    func canaries() throws {
        try self.lock()
        let message = try message(1)
        let repay = { (height: UInt64) in
            self.market.rejection(height) { m throws(IncentiveFailure) in _ = try m.repayCanary(message) }
        }
        #expect(repay(11) == .escrowOpen)
        _ = try self.claim(0, by: self.market.first, at: 20)
        _ = try self.claim(1, by: self.market.second, at: 20)
        #expect(repay(21) == .insufficientPool)
        let fault = Fault(id: try faultID(1), kind: .laziness, culprit: self.market.third, height: 20)
        try self.market.at(21) { m throws(IncentiveFailure) in
            _ = try m.slash(fault, reportedBy: self.market.first)
        }
        let paid = try self.market.at(22) { m throws(IncentiveFailure) in try m.repayCanary(message) }
        #expect(paid == .thousandths(1_600))
        #expect(try self.market.free(self.market.payer) == Credits(1_000))
        #expect(repay(23) == .repaidAlready)
        let unknown = try MessageKey([UInt8](repeating: 9, count: 32))
        let none = self.market.rejection(23) { m throws(IncentiveFailure) in _ = try m.repayCanary(unknown) }
        #expect(none == .noSuchEscrow)
        try self.market.requireBalance()
    }

    @Test("a payer may relay its own message: its credits are counted once")
    func ownMessage() throws {
        let market = self.market
        let order = TransferOrder(
            message: try message(1),
            payer: market.first,
            budget: Credits(5),
            hops: [Assignment(assignee: market.first, backup: market.second)],
            acknowledgement: Assignment(assignee: market.first, backup: market.second),
            deadline: 100
        )
        try self.lock(order)
        _ = try self.claim(0, by: market.first, at: 11)
        _ = try self.claim(1, by: market.first, at: 11)
        #expect(try market.free(market.first) == .thousandths(49_900))
        try market.requireBalance()
    }
}
