import CanonicalBytes
import Incentives
import Ledger
import Testing

@testable import Contracts

/// Contracts' code on the relay chain, and what stands behind it.
@Suite("Code of contracts") struct CodeTests {
    static let owner = "north:operator:o1"
    let world: Archipelago
    let name: CodeName

    init() throws {
        self.world = try Archipelago()
        self.name = try CodeName("north-broker")
        var parameters = IncentiveParameters.standard
        parameters.code.noticeBlocks = 3
        parameters.code.trialBlocks = 2
        try #require(try self.world.hub.decide(.incentives(parameters)) == 0)
        let give = ChangeCredits(action: .issue, account: Array(Self.owner.utf8), millionths: 200_000_000)
        try #require(try self.world.hub.decide(.credits(give)) == 0)
    }

    private var hub: Consortium { self.world.hub }

    /// The block that the next call comes into.
    private func height() throws -> UInt64 { try #require(self.hub.access.blocks.last).block.header.height + 1 }

    private func code(_ digest: UInt8, from height: UInt64) throws -> AnnouncedCode {
        AnnouncedCode(name: self.name, digest: try CodeDigest(id(digest)), activeFrom: height)
    }

    private func record() throws -> ContractCode? {
        let key = RelayKey.credit(IncentiveKey.code(self.name))
        return try self.hub.access.values.values[key].map { try ContractCode(bytes: $0) }
    }

    private func free() throws -> Credits {
        let key = RelayKey.credit(IncentiveKey.account(try AccountID(Array(Self.owner.utf8))))
        return try self.hub.access.values.values[key].map { try Account(bytes: $0).free } ?? .zero
    }

    private func settle(_ action: SettleCode.Action, by party: String = owner) throws -> UInt16 {
        try self.hub.call(SettleCode(name: self.name, action: action), by: party)
    }

    /// Lets blocks pass.
    private func wait(until height: UInt64) throws {
        var next = try self.height()
        while next < height {
            try self.hub.call(Register(), by: "north:gateway:w\(next)")
            next = try self.height()
        }
    }

    @Test("a digest counts from its height on; deploying and upgrading cost a fee and hold a deposit")
    func deployed() throws {
        let soon = DeployCode(try self.code(1, from: self.height() + 2))
        #expect(try self.hub.call(soon, by: Self.owner) == RejectionCode.incentive(.activationOutOfRange).number)
        let start = try self.height() + 3
        #expect(try self.hub.call(DeployCode(self.code(1, from: start)), by: Self.owner) == 0)
        #expect(try self.free() == Credits(145))
        let first = try #require(try self.record())
        #expect(first.active(at: start - 1) == nil && first.active(at: start)?.bytes == id(1))
        let again = DeployCode(try self.code(2, from: start + 10))
        #expect(try self.hub.call(again, by: Self.owner) == RejectionCode.incentive(.codeExists).number)
        try self.wait(until: start)
        let next = try self.height() + 5
        let upgrade = UpgradeCode(try self.code(2, from: next))
        #expect(try self.hub.call(upgrade, by: "south:operator:o2") == RejectionCode.incentive(.notTheOwner).number)
        #expect(try self.hub.call(upgrade, by: Self.owner) == 0)
        #expect(try self.free() == Credits(123))
        let second = try #require(try self.record())
        #expect(second.active(at: next - 1)?.bytes == id(1) && second.active(at: next)?.bytes == id(2))
        #expect(try self.settle(.releaseUpgrade) == RejectionCode.incentive(.trialNotOver).number)
        try self.wait(until: next + 3)
        #expect(try self.settle(.releaseUpgrade) == 0)
        #expect(try self.free() == Credits(143))
        #expect(try self.settle(.cancelUpgrade) == RejectionCode.incentive(.noUpgradePending).number)
        #expect(try self.settle(.release) == RejectionCode.incentive(.codeInUse).number)
        #expect(try self.settle(.retire, by: "south:operator:o2") == RejectionCode.incentive(.notTheOwner).number)
        #expect(try self.settle(.retire) == 0)
        #expect(try self.settle(.release) == RejectionCode.incentive(.stillBonded).number)
        let last = try #require(try self.record())
        let now = try self.height()
        #expect(last.active(at: now) == nil)
    }

    @Test("governors end a contract, and the pool gets what was held for it")
    func condemned() throws {
        let unknown = Propose(expires: self.hub.access.now + 1_000, change: .condemnCode(self.name))
        #expect(try self.hub.call(unknown, by: "north:operator:g1") == RejectionCode.incentive(.noSuchCode).number)
        let start = try self.height() + 3
        #expect(try self.hub.call(DeployCode(self.code(1, from: start)), by: Self.owner) == 0)
        #expect(try self.hub.decide(.condemnCode(self.name)) == 0)
        let code = try #require(try self.record())
        #expect(code.deposit == .zero && code.retiredAt > 0 && code.active(at: .max) == nil)
        #expect(try self.free() == Credits(145))
        #expect(try self.settle(.retire) == RejectionCode.incentive(.codeRetired).number)
        let bytes = try #require(self.hub.access.values.values[RelayKey.credit(IncentiveKey.totals)])
        let totals = try CreditTotals(bytes: bytes)
        #expect(totals.isBalanced && totals.pool == Credits(55))
    }
}
