import CanonicalBytes
import Testing

@testable import Incentives

@Suite("Deposits and penalties") struct DepositTests {
    let market: Market

    init() throws { self.market = try Market() }

    private func fault(
        _ number: UInt64,
        _ kind: Fault.Kind,
        of culprit: AccountID? = nil,
        at height: UInt64 = 5
    ) throws -> Fault {
        Fault(id: try faultID(number), kind: kind, culprit: culprit ?? self.market.first, height: height)
    }

    private func slash(_ fault: Fault, by reporter: AccountID, at height: UInt64) throws -> SlashOutcome {
        try self.market.at(height) { m throws(IncentiveFailure) in try m.slash(fault, reportedBy: reporter) }
    }

    private func rejection(_ fault: Fault, at height: UInt64) -> IncentiveRejection? {
        self.market.rejection(height) { m throws(IncentiveFailure) in
            _ = try m.slash(fault, reportedBy: self.market.third)
        }
    }

    @Test(
        "each kind of fault costs its share of the deposit, a fifth of it to the reporter",
        arguments: zip(Fault.Kind.allCases, [1_000, 100_000, 10_000] as [UInt32])
    )
    func penalties(_ kind: Fault.Kind, _ thousandths: UInt32) throws {
        let outcome = try self.slash(try self.fault(1, kind), by: self.market.second, at: 6)
        #expect(outcome.amount == .thousandths(thousandths))
        #expect(outcome.toReporter == .thousandths(thousandths / 5))
        #expect(try self.market.deposit(self.market.first) == .thousandths(100_000 - thousandths))
        #expect(try self.market.free(self.market.second) == .thousandths(50_000 + thousandths / 5))
        #expect(try self.market.pool() == .thousandths(thousandths - thousandths / 5))
        try self.market.requireBalance()
    }

    @Test("a culprit that reports itself gets no share")
    func selfReport() throws {
        let outcome = try self.slash(try self.fault(1, .forging), by: self.market.first, at: 6)
        #expect(outcome.toReporter == .zero && outcome.amount == Credits(100))
        #expect(try self.market.free(self.market.first) == Credits(50))
        #expect(try self.market.pool() == Credits(100))
    }

    @Test("a fault is punished once, in time, and out of what is there")
    func rejections() throws {
        let fault = try self.fault(1, .laziness)
        #expect(self.rejection(fault, at: 4) == .evidenceFromFuture)
        #expect(self.rejection(fault, at: 10_006) == .evidenceTooOld)
        _ = try self.slash(fault, by: self.market.third, at: 10_005)
        #expect(self.rejection(fault, at: 10_005) == .punishedAlready)
        let stranger = try account("stranger")
        #expect(self.rejection(try self.fault(2, .forging, of: stranger), at: 6) == .nothingToSlash)
        _ = try self.slash(try self.fault(3, .forging), by: self.market.third, at: 6)
        #expect(self.rejection(try self.fault(4, .dropping), at: 6) == .nothingToSlash)
        try self.market.requireBalance()
    }

    @Test("a deposit answers for faults until it is withdrawn, which it cannot be while evidence may come")
    func unbonding() throws {
        let market = self.market
        let relay = market.first
        let unbond = { (height: UInt64) in
            market.rejection(height) { m throws(IncentiveFailure) in try m.unbond(relay) }
        }
        let withdraw = { (height: UInt64) in
            market.rejection(height) { m throws(IncentiveFailure) in _ = try m.withdraw(relay) }
        }
        #expect(withdraw(5) == .notUnbonding)
        #expect(unbond(5) == nil)
        #expect(unbond(6) == .unbondingAlready)
        let more = market.rejection(6) { m throws(IncentiveFailure) in try m.deposit(Credits(1), by: relay) }
        #expect(more == .relayUnbonding)
        _ = try self.slash(try self.fault(1, .laziness), by: market.third, at: 10_005)
        #expect(withdraw(30_005) == .stillBonded)
        #expect(withdraw(30_006) == nil)
        #expect(try market.free(relay) == Credits(140) && market.deposit(relay) == .zero)
        #expect(unbond(30_007) == .nothingDeposited)
        #expect(market.rejection(30_007) { m throws(IncentiveFailure) in try m.deposit(Credits(1), by: relay) } == nil)
        try market.requireBalance()
    }

    @Test("amounts are more than nothing and no more than there is")
    func amounts() throws {
        let market = self.market
        let relay = market.first
        let cases: [(IncentiveRejection, (ValueTransfer) throws(IncentiveFailure) -> Void)] = [
            (.amountOutOfRange, { m throws(IncentiveFailure) in try m.deposit(.zero, by: relay) }),
            (.insufficientCredits, { m throws(IncentiveFailure) in try m.deposit(Credits(51), by: relay) }),
            (.amountOutOfRange, { m throws(IncentiveFailure) in try m.issue(.zero, to: relay) }),
            (.supplyExhausted, { m throws(IncentiveFailure) in try m.issue(.limit, to: relay) }),
            (.amountOutOfRange, { m throws(IncentiveFailure) in try m.retire(.zero, from: relay) }),
            (.insufficientCredits, { m throws(IncentiveFailure) in try m.retire(Credits(51), from: relay) }),
        ]
        for (rejection, transition) in cases { #expect(market.rejection(5, transition) == rejection) }
        try market.at(5) { m throws(IncentiveFailure) in try m.retire(Credits(50), from: relay) }
        let totals = try market.at(5) { m throws(IncentiveFailure) in try m.totals() }
        #expect(totals.supply == Credits(1_400))
        try market.requireBalance()
    }

    @Test("an account without anything leaves nothing in the state")
    func emptyAccount() throws {
        let stranger = try account("stranger")
        try self.market.at(2) { m throws(IncentiveFailure) in
            try m.issue(Credits(1), to: stranger)
            try m.retire(Credits(1), from: stranger)
        }
        #expect(self.market.state.value(of: IncentiveKey.account(stranger)) == nil)
    }
}
