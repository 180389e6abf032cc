import CanonicalBytes
import Testing

@testable import Incentives

/// Long random runs of every transition, lawful or not.
@Suite("Conservation of credits") struct ConservationTests {
    /// One run: a few accounts and messages, so that transitions meet.
    private struct Run {
        let state = AuditedState()
        var generator: SeededGenerator
        var height: UInt64 = 1
        let accounts: [AccountID]
        let names: [CodeName]
        var parameters = IncentiveParameters.standard
        /// How often each rejection was seen.
        var rejections: [IncentiveRejection: Int] = [:]
        var taken = 0
        var supply = Credits.zero

        init(seed: UInt64) throws {
            self.generator = SeededGenerator(seed: seed)
            self.accounts = try (0..<6).map { try account("party-\($0)") }
            self.names = try ["relay", "index"].map { try CodeName($0) }
            self.parameters.periods = IncentiveParameters.Periods(
                windowBlocks: 3,
                deadlineBlocksMax: 40,
                evidenceBlocks: 20,
                trustBlocks: 20,
                unbondingBlocks: 40
            )
            self.parameters.code.noticeBlocks = 3
            self.parameters.code.trialBlocks = 10
        }

        mutating func pick<Element>(_ elements: [Element]) throws -> Element {
            try #require(elements.randomElement(using: &self.generator))
        }

        mutating func number(_ range: ClosedRange<UInt64>) -> UInt64 { .random(in: range, using: &self.generator) }

        mutating func amount() throws -> Credits {
            let large = self.number(0...9) == 0
            let range: ClosedRange<UInt64> = large ? 0...Credits.limit.millionths : 0...200_000_000
            return try #require(Credits(millionths: self.number(range)))
        }

        mutating func order() throws -> TransferOrder {
            let hops = self.number(0...5)
            var assignments: [Assignment] = []
            for _ in 0...hops {
                assignments.append(
                    Assignment(assignee: try self.pick(self.accounts), backup: try self.pick(self.accounts))
                )
            }
            return TransferOrder(
                message: try message(self.number(0...self.height / 3)),
                payer: try self.pick(self.accounts),
                budget: .thousandths(UInt32(self.number(4_000...12_000))),
                hops: Array(assignments.dropLast()),
                acknowledgement: assignments[Int(hops)],
                deadline: self.height + self.number(5...45)
            )
        }

        mutating func activation() throws -> CodeActivation {
            CodeActivation(
                name: try self.pick(self.names),
                digest: try digest(UInt8(self.number(0...3))),
                owner: try self.pick(self.accounts),
                activeFrom: self.height + self.number(0...9)
            )
        }

        /// A random transition with random arguments.
        mutating func transition() throws -> (ValueTransfer) throws(IncentiveFailure) -> Void {
            let (id, other) = (try self.pick(self.accounts), try self.pick(self.accounts))
            let key = try message(self.number(0...self.height / 3))
            let (slot, amount) = (UInt8(self.number(0...4)), try self.amount())
            switch self.number(0...23) {
            case 0: return { m throws(IncentiveFailure) in try m.issue(amount, to: id) }
            case 1: return { m throws(IncentiveFailure) in try m.retire(amount, from: id) }
            case 2, 3: return { m throws(IncentiveFailure) in try m.deposit(amount, by: id) }
            case 4: return { m throws(IncentiveFailure) in try m.unbond(id) }
            case 5: return { m throws(IncentiveFailure) in _ = try m.withdraw(id) }
            case 6...10:
                let order = try self.order()
                return { m throws(IncentiveFailure) in try m.lock(order) }
            case 11...15: return { m throws(IncentiveFailure) in _ = try m.claim(key, slot: slot, by: id) }
            case 16: return { m throws(IncentiveFailure) in _ = try m.timeOut(key, broughtBy: id) }
            case 17: return { m throws(IncentiveFailure) in _ = try m.repayCanary(key) }
            case 18:
                let fault = Fault(
                    id: try faultID(self.number(0...99)),
                    kind: try self.pick(Fault.Kind.allCases),
                    culprit: id,
                    height: self.number((self.height > 25 ? self.height - 25 : 0)...(self.height + 1))
                )
                return { m throws(IncentiveFailure) in _ = try m.slash(fault, reportedBy: other) }
            case 19:
                let activation = try self.activation()
                return { m throws(IncentiveFailure) in try m.deploy(activation) }
            case 20:
                let activation = try self.activation()
                return { m throws(IncentiveFailure) in try m.upgrade(activation) }
            case 21: return try self.codeTransition(by: id)
            case 22:
                var parameters = self.parameters
                parameters.game.deposit = Credits(UInt32(self.number(70...160)))
                parameters.payments.checkFee = .thousandths(UInt32(self.number(0...60)))
                return { m throws(IncentiveFailure) in try m.set(parameters) }
            default: return try self.likelyClaim()
            }
        }

        private mutating func codeTransition(by id: AccountID) throws -> (ValueTransfer) throws(IncentiveFailure) ->
            Void
        {
            let name = try self.pick(self.names)
            switch self.number(0...20) {
            case 0...6: return { m throws(IncentiveFailure) in try m.cancelUpgrade(of: name, by: id) }
            case 7...13: return { m throws(IncentiveFailure) in _ = try m.releaseUpgrade(of: name, by: id) }
            case 14: return { m throws(IncentiveFailure) in try m.retireCode(name, by: id) }
            case 15: return { m throws(IncentiveFailure) in _ = try m.forfeitCode(name) }
            default: return { m throws(IncentiveFailure) in _ = try m.releaseCode(name, by: id) }
            }
        }

        /// A claim by somebody who is assigned.
        private mutating func likelyClaim() throws -> (ValueTransfer) throws(IncentiveFailure) -> Void {
            let key = try message(self.number(0...self.height / 3))
            let index = UInt8(self.number(0...2))
            let isBackup = self.number(0...1) == 0
            return { m throws(IncentiveFailure) in
                guard let slot = try m.slot(key, index) else { return }
                _ = try m.claim(key, slot: index, by: isBackup ? slot.backup : slot.assignee)
            }
        }

        /// One step; whatever it was, no credit is made or lost.
        mutating func step() throws {
            if self.number(0...3) == 0 { self.height += 1 }
            let transition = try self.transition()
            let before = self.state.fingerprint
            do throws(IncentiveFailure) {
                try self.state.attempt(at: self.height, transition)
                self.taken += 1
            } catch {
                guard case .rejected(let rejection, _) = error else { throw error }
                self.rejections[rejection, default: 0] += 1
                #expect(self.state.fingerprint == before, "\(rejection) changed the state")
            }
        }

        func requireBalance() throws {
            let totals = try self.state.attempt(at: self.height) { m throws(IncentiveFailure) in try m.totals() }
            #expect(totals.isBalanced && self.state.agrees(with: totals))
        }
    }

    @Test(
        "no transition makes or loses a credit, and a rejected one changes nothing",
        arguments: 1...6 as ClosedRange<UInt64>
    )
    func conservation(_ seed: UInt64) throws {
        var run = try Run(seed: seed)
        try run.state.attempt(at: 1) { m throws(IncentiveFailure) in
            try m.set(run.parameters)
            for id in run.accounts {
                try m.issue(Credits(2_000), to: id)
                try m.deposit(Credits(400), by: id)
            }
        }
        for _ in 0..<3_000 {
            try run.step()
            try run.requireBalance()
        }
        #expect(try CreditTotals.recounted(run.state.entries).isBalanced)
        #expect(run.taken > 400 && run.rejections.count > 20, "\(run.taken) \(run.rejections)")
    }

    @Test("books that do not balance are noticed")
    func imbalance() throws {
        let market = try Market()
        let key = IncentiveKey.account(market.payer)
        market.state.set(key, to: Account(free: Credits(1_001), deposit: .zero, unbondingAt: 0).bytes)
        let totals = try market.at(1) { m throws(IncentiveFailure) in try m.totals() }
        #expect(try CreditTotals.recounted(market.state.entries) != totals)
        #expect(try !CreditTotals.recounted(market.state.entries).isBalanced)
        var other = totals
        other.pool = Credits(1)
        #expect(!other.isBalanced)
        other = CreditTotals(free: .limit, deposit: .limit, escrow: .limit, pool: .limit, supply: .zero)
        #expect(!other.isBalanced, "a sum beyond 64 bits is no balance")
    }
}
