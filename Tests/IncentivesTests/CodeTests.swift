import CanonicalBytes
import Testing

@testable import Incentives

@Suite("Contract code") struct CodeTests {
    let market: Market
    let name: CodeName

    init() throws {
        self.market = try Market()
        self.name = try CodeName("relay")
    }

    private func activation(
        _ number: UInt8,
        from height: UInt64,
        by owner: AccountID? = nil
    ) throws -> CodeActivation {
        CodeActivation(
            name: self.name,
            digest: try digest(number),
            owner: owner ?? self.market.payer,
            activeFrom: height
        )
    }

    private func deploy(_ activation: CodeActivation, at height: UInt64) -> IncentiveRejection? {
        self.market.rejection(height) { m throws(IncentiveFailure) in try m.deploy(activation) }
    }

    private func upgrade(_ activation: CodeActivation, at height: UInt64) -> IncentiveRejection? {
        self.market.rejection(height) { m throws(IncentiveFailure) in try m.upgrade(activation) }
    }

    private func active(at height: UInt64) throws -> CodeDigest? {
        try self.market.at(height) { m throws(IncentiveFailure) in try m.code(self.name) }?.active(at: height)
    }

    @Test("a deployment costs a fee and a deposit, and counts from its height on")
    func deployment() throws {
        #expect(self.deploy(try self.activation(1, from: 1_009), at: 10) == .activationOutOfRange)
        #expect(self.deploy(try self.activation(1, from: 10), at: 10) == .activationOutOfRange)
        #expect(self.deploy(try self.activation(1, from: .max), at: 10) == .activationOutOfRange)
        #expect(self.deploy(try self.activation(1, from: 2_000, by: self.market.first), at: 10) == .insufficientCredits)
        #expect(self.deploy(try self.activation(1, from: 1_010), at: 10) == nil)
        #expect(try self.market.free(self.market.payer) == Credits(945) && self.market.pool() == Credits(5))
        #expect(try self.active(at: 1_009) == nil)
        #expect(try self.active(at: 1_010) == digest(1))
        #expect(self.deploy(try self.activation(2, from: 5_000), at: 11) == .codeExists)
        try self.market.requireBalance()
    }

    @Test("an upgrade costs a fee, and a deposit until its trial is over")
    func upgrade() throws {
        #expect(self.upgrade(try self.activation(2, from: 5_000), at: 10) == .noSuchCode)
        #expect(self.deploy(try self.activation(1, from: 1_010), at: 10) == nil)
        #expect(self.upgrade(try self.activation(2, from: 5_000), at: 1_009) == .upgradePending)
        #expect(self.upgrade(try self.activation(1, from: 5_000), at: 2_000) == .sameCode)
        #expect(self.upgrade(try self.activation(2, from: 5_000, by: self.market.first), at: 2_000) == .notTheOwner)
        #expect(self.upgrade(try self.activation(2, from: 2_999), at: 2_000) == .activationOutOfRange)
        #expect(self.upgrade(try self.activation(2, from: 3_000), at: 2_000) == nil)
        #expect(try self.market.free(self.market.payer) == Credits(923))
        #expect(try self.active(at: 2_999) == digest(1))
        #expect(try self.active(at: 3_000) == digest(2))
        #expect(self.upgrade(try self.activation(3, from: 9_500), at: 8_000) == .trialNotOver)
        let release = { (height: UInt64) in
            self.market.rejection(height) { m throws(IncentiveFailure) in
                _ = try m.releaseUpgrade(of: self.name, by: self.market.payer)
            }
        }
        #expect(release(8_000) == .trialNotOver)
        #expect(release(8_001) == nil)
        #expect(release(8_002) == .noUpgradePending)
        #expect(try self.market.free(self.market.payer) == Credits(943))
        #expect(self.upgrade(try self.activation(3, from: 9_500), at: 8_003) == nil)
        #expect(try self.active(at: 9_499) == digest(2) && self.active(at: 9_500) == digest(3))
        try self.market.requireBalance()
    }

    @Test("the next upgrade returns the deposit of the one before")
    func nextUpgrade() throws {
        _ = self.deploy(try self.activation(1, from: 1_010), at: 10)
        #expect(self.upgrade(try self.activation(2, from: 3_000), at: 2_000) == nil)
        #expect(self.upgrade(try self.activation(3, from: 9_500), at: 8_001) == nil)
        #expect(try self.market.free(self.market.payer) == Credits(1_000 - 50 - 5 - 2 - 2 - 20))
        try self.market.requireBalance()
    }

    @Test("an upgrade can be taken back before its activation, for the fee")
    func cancellation() throws {
        _ = self.deploy(try self.activation(1, from: 1_010), at: 10)
        let cancel = { (height: UInt64) in
            self.market.rejection(height) { m throws(IncentiveFailure) in
                try m.cancelUpgrade(of: self.name, by: self.market.payer)
            }
        }
        #expect(cancel(1_500) == .noUpgradePending)
        _ = self.upgrade(try self.activation(2, from: 3_000), at: 2_000)
        #expect(cancel(2_999) == nil)
        #expect(try self.active(at: 3_000) == digest(1))
        #expect(try self.market.free(self.market.payer) == Credits(943))
        _ = self.upgrade(try self.activation(2, from: 5_000), at: 3_000)
        #expect(cancel(5_000) == .noUpgradePending)
        try self.market.requireBalance()
    }

    @Test("what was given up counts no more, and its deposit is free when a relay's would be")
    func retirement() throws {
        _ = self.deploy(try self.activation(1, from: 1_010), at: 10)
        let release = { (height: UInt64) in
            self.market.rejection(height) { m throws(IncentiveFailure) in
                _ = try m.releaseCode(self.name, by: self.market.payer)
            }
        }
        #expect(release(2_000) == .codeInUse)
        try self.market.at(2_000) { m throws(IncentiveFailure) in try m.retireCode(self.name, by: self.market.payer) }
        #expect(try self.active(at: 2_000) == nil && self.active(at: 1_999) == digest(1))
        #expect(self.upgrade(try self.activation(2, from: 9_000), at: 2_001) == .codeRetired)
        #expect(self.deploy(try self.activation(2, from: 9_000), at: 2_001) == .codeExists)
        #expect(release(32_000) == .stillBonded)
        #expect(release(32_001) == nil)
        #expect(try self.market.free(self.market.payer) == Credits(995))
        #expect(release(32_002) == nil)
        #expect(try self.market.free(self.market.payer) == Credits(995), "nothing the second time")
        try self.market.requireBalance()
    }

    @Test("condemned code loses everything that is held for it")
    func forfeiture() throws {
        _ = self.deploy(try self.activation(1, from: 1_010), at: 10)
        _ = self.upgrade(try self.activation(2, from: 3_000), at: 2_000)
        let taken = try self.market.at(2_500) { m throws(IncentiveFailure) in try m.forfeitCode(self.name) }
        #expect(taken == Credits(70))
        #expect(try self.market.pool() == Credits(77))
        #expect(try self.active(at: 3_000) == nil && self.active(at: 2_500) == nil)
        let unknown = try CodeName("other")
        let none = self.market.rejection(5) { m throws(IncentiveFailure) in _ = try m.forfeitCode(unknown) }
        #expect(none == .noSuchCode)
        try self.market.requireBalance()
    }
}
