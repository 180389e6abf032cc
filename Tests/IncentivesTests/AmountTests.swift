import CanonicalBytes
import Testing

@testable import Incentives

@Suite("Amounts") struct AmountTests {
    @Test("no sum goes beyond the limit, and no difference below zero")
    func limits() {
        #expect(Credits.limit.adding(.zero) == .limit)
        #expect(Credits(millionths: 1).flatMap(Credits.limit.adding) == nil)
        #expect(Credits.zero.subtracting(Credits(1)) == nil)
        #expect(Credits(millionths: Credits.limit.millionths + 1) == nil && Credits(millionths: .max) == nil)
        #expect(Credits.limit.times(2) == nil && Credits.limit.times(.max) == nil)
        #expect(Credits(3).times(4) == Credits(12))
        #expect(Millionths(1_000_001) == nil && Millionths(.max) == nil)
    }

    @Test("a share and what is left of it are the amount, at the limit too")
    func shares() throws {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<2_000 {
            let amount = try #require(Credits(millionths: .random(in: 0...Credits.limit.millionths, using: &generator)))
            let share = try #require(Millionths(.random(in: 0...Millionths.scale, using: &generator)))
            let (down, up) = (amount.share(share), amount.shareRoundedUp(share.complement))
            #expect(down.adding(up) == amount)
            let exact = UInt128(amount.millionths) * UInt128(share.count)
            #expect(UInt128(down.millionths) == exact / 1_000_000)
            #expect(UInt128(amount.shareRoundedUp(share).millionths) == (exact + 999_999) / 1_000_000)
        }
        #expect(Credits.limit.share(.one) == .limit && Credits.limit.share(.zero) == .zero)
        #expect(Credits(millionths: 1)?.share(.percent(99)) == .zero)
        #expect(Credits(millionths: 1)?.shareRoundedUp(.smallest) == Credits(millionths: 1))
    }

    @Test(
        "amounts are written without needless zeros",
        arguments: [(0, "0"), (1, "0.000001"), (1_000_000, "1"), (1_500_000, "1.5"), (12_000_340, "12.00034")]
    )
    func texts(_ millionths: UInt64, _ text: String) {
        #expect(Credits(millionths: millionths)?.description == text)
    }

    @Test("identifiers have their length, and names of contracts their characters")
    func identifiers() throws {
        #expect(throws: ProtocolFailure.self) { try AccountID([]) }
        #expect(throws: ProtocolFailure.self) { try AccountID([UInt8](repeating: 65, count: 256)) }
        #expect(throws: ProtocolFailure.self) { try MessageKey([1]) }
        #expect(throws: ProtocolFailure.self) { try FaultID([1]) }
        #expect(throws: ProtocolFailure.self) { try CodeDigest([1]) }
        for name in ["", "Relay", "relay contract", String(repeating: "a", count: 64)] {
            #expect(throws: ProtocolFailure.self) { try CodeName(name) }
        }
        #expect(try CodeName("relay-2").bytes == Array("relay-2".utf8))
    }
}

@Suite("Records of the state") struct RecordTests {
    private func isStrict<Record: CreditRecord>(_ record: Record) -> Bool {
        guard (try? Record(bytes: record.bytes)) == record else { return false }
        let longer = record.bytes + [0]
        return (try? Record(bytes: longer)) == nil && (try? Record(bytes: Array(record.bytes.dropLast()))) == nil
    }

    @Test("every record has one encoding, which fills its bytes")
    func encodings() throws {
        let market = try Market()
        let order = try market.order()
        #expect(self.isStrict(IncentiveParameters.standard))
        #expect(self.isStrict(Account(free: Credits(1), deposit: .limit, unbondingAt: 9)))
        #expect(
            self.isStrict(
                CreditTotals(free: Credits(1), deposit: .zero, escrow: .limit, pool: .zero, supply: Credits(2))
            )
        )
        #expect(self.isStrict(Escrow(order, at: 3, under: .standard, remaining: Credits(4))))
        var slot = RouteSlot(order.hops[0], reward: Credits(1), lateReward: .zero, windowEnd: 8)
        #expect(self.isStrict(slot))
        slot.pay(market.second, at: 7)
        #expect(self.isStrict(slot))
        let version = ContractCode.Version(digest: try digest(1), activeFrom: 4, deposit: Credits(2))
        var code = ContractCode(owner: market.payer, deposit: Credits(3), base: version)
        #expect(self.isStrict(code))
        code.upgrade = version
        #expect(self.isStrict(code))
    }

    @Test("bytes that no contract wrote are damage, not a rejection")
    func damage() throws {
        let market = try Market()
        market.state.set(IncentiveKey.account(market.first), to: [1, 2, 3])
        #expect(throws: IncentiveFailure.damaged(ProtocolFailure(.format, "truncated at byte 0"))) {
            try market.at(2) { m throws(IncentiveFailure) in try m.deposit(Credits(1), by: market.first) }
        }
        #expect(throws: ProtocolFailure.self) { try CreditTotals.recounted(market.state.entries) }
        #expect(throws: ProtocolFailure.self) { try CreditTotals.recounted([([0x7a], [])]) }
    }

    @Test("numbers and words of rejections are different from each other")
    func rejections() {
        let all = IncentiveRejection.allCases
        #expect(Set(all.map(\.rawValue)).count == all.count && Set(all.map(\.name)).count == all.count)
        #expect(all.allSatisfy { (1...99).contains($0.rawValue) })
        #expect(IncentiveRejection.insufficientCredits.name == "insufficient-credits")
        let conditions = Equilibrium.Condition.allCases.map(\.rejection)
        #expect(Set(conditions).count == conditions.count)
    }
}
