import CanonicalBytes
import Certificates
import IBTP
import Incentives
import Ledger
import PathProofs
import Testing

@testable import Contracts

/// What carrying messages pays on the relay chain.
@Suite("Credits of gateways") struct CreditTests {
    static let first = "north:relay:g1"
    static let second = "south:relay:g2"
    let world: Archipelago

    init() throws {
        self.world = try Archipelago()
        let hub = self.world.hub
        try #require(try hub.decide(.incentives(.standard)) == 0)
        for (account, credits) in [("alpha", 1_000), (Self.first, 500), (Self.second, 500)] as [(String, UInt64)] {
            let change = ChangeCredits(action: .issue, account: Array(account.utf8), millionths: credits * 1_000_000)
            try #require(try hub.decide(.credits(change)) == 0)
        }
        for name in [Self.first, Self.second] {
            try #require(try hub.call(DepositCredits(millionths: 100_000_000), by: name) == 0)
        }
    }

    private var hub: Consortium { self.world.hub }

    /// Every credit counted anew is what the contract says, and together they are the supply.
    private func requireBalance() throws {
        let prefix = RelayKey.credit([])
        let entries = self.hub.access.values.values.filter { $0.key.starts(with: prefix) }
        let counted = try CreditTotals.recounted(
            entries.map { (key: Array($0.key.dropFirst(prefix.count)), value: $0.value) }
        )
        let bytes = try #require(self.hub.access.values.values[RelayKey.credit(IncentiveKey.totals)])
        let totals = try CreditTotals(bytes: bytes)
        #expect(totals == counted && totals.isBalanced && totals.supply == Credits(2_000))
    }

    private func account(_ name: String) throws -> Account {
        let key = RelayKey.credit(IncentiveKey.account(try AccountID(Array(name.utf8))))
        return try self.hub.access.values.values[key].map { try Account(bytes: $0) } ?? .empty
    }

    private func escrow(_ id: MessageID) throws -> Escrow? {
        let key = RelayKey.credit(IncentiveKey.escrow(try RelayCredits.key(of: id)))
        return try self.hub.access.values.values[key].map { try Escrow(bytes: $0) }
    }

    private func slot(_ id: MessageID, _ index: UInt8) throws -> RouteSlot? {
        let key = RelayKey.credit(IncentiveKey.slot(try RelayCredits.key(of: id), index))
        return try self.hub.access.values.values[key].map { try RouteSlot(bytes: $0) }
    }

    @Test("a message's cost is locked at its begin, and paid to whoever the chains prove to have carried it")
    func carried() throws {
        let asked = try self.world.ask()
        let request = try self.world.message(from: "alpha")
        let id = try request.message.id
        #expect(try self.world.bring(request, by: Self.first) == 0)
        try self.requireBalance()
        let escrow = try #require(try self.escrow(id))
        #expect(escrow.state == .open && escrow.slots == 3 && escrow.unpaid == 2)
        #expect(try self.account("alpha").free == Credits(995))
        let (hop, acknowledgement) = (try #require(try self.slot(id, 1)), try #require(try self.slot(id, 2)))
        let told = try self.world.told("bravo")
        let carrier = String(decoding: hop.assignee.bytes, as: UTF8.self)
        #expect(try self.world.bring(told, carrier: carrier) == 0)
        try self.world.decide(asked.requests[0], on: "bravo")
        #expect(try self.world.finish(id, asked.requests[0]) == 0)
        let answer = try self.world.message(from: "bravo")
        #expect(try answer.message.relayExtension?.carrier == hop.assignee.bytes)
        let bringer = String(decoding: acknowledgement.assignee.bytes, as: UTF8.self)
        #expect(try self.world.bring(answer, by: bringer) == 0)
        #expect(try self.escrow(id)?.state == .settled)
        #expect(try self.slot(id, 1)?.paidTo == hop.assignee && self.slot(id, 2)?.paidTo == acknowledgement.assignee)
        try self.requireBalance()
        let earned = try [Self.first, Self.second].reduce(0) { try $0 + self.account($1).free.millionths }
        #expect(earned == 800_000_000 + 2_500_000)
    }

    @Test("X17: after its window the assigned gateway's slot is the backup's too, for less; before it is not")
    func backup() throws {
        func answered(_ blocks: Int) throws -> (MessageID, RouteSlot) {
            let asked = try self.world.ask()
            let request = try self.world.message(from: "alpha")
            let id = try request.message.id
            #expect(try self.world.bring(request, by: Self.first) == 0)
            let slot = try #require(try self.slot(id, 2))
            try self.world.bring(try self.world.told("bravo"), carrier: "")
            try self.world.decide(asked.requests[0], on: "bravo")
            #expect(try self.world.finish(id, asked.requests[0]) == 0)
            let answer = try self.world.message(from: "bravo")
            for number in 0..<blocks { try self.hub.call(Register(), by: "north:gateway:\(id.index)x\(number)") }
            #expect(try self.world.bring(answer, by: String(decoding: slot.backup.bytes, as: UTF8.self)) == 0)
            return (id, slot)
        }
        let (early, _) = try answered(0)
        #expect(try self.slot(early, 2)?.paidTo == nil)
        let (late, slot) = try answered(61)
        #expect(try self.slot(late, 2)?.paidTo == slot.backup)
        #expect(slot.lateReward < slot.reward)
        try self.requireBalance()
    }

    @Test("what did not get through in time is given back, and whoever says so is paid for it")
    func refund() throws {
        try self.world.ask(timeout: 80)
        let request = try self.world.message(from: "alpha")
        let id = try request.message.id
        #expect(try self.world.bring(request, by: Self.first) == 0)
        let refund = RefundEscrow(id: id)
        #expect(try self.hub.call(refund, by: Self.second) == RejectionCode.incentive(.notTimedOut).number)
        for number in 0..<81 { try self.hub.call(Register(), by: "north:gateway:x\(number)") }
        #expect(try self.hub.call(ExpireExchanges(steps: 512), by: "south:operator:o9") == 0)
        #expect(try self.world.status(id) == .beginRollback)
        #expect(try self.escrow(id)?.state == .timedOut)
        #expect(try self.account("south:operator:o9").free == .thousandths(300))
        // Of five credits: one for the hop that was made, the fee, and the bringer's.
        #expect(try self.account("alpha").free == Credits(millionths: 1_000_000_000 - 1_400_000))
        #expect(try self.hub.call(refund, by: Self.second) == RejectionCode.incentive(.escrowClosed).number)
        try self.requireBalance()
    }

    @Test("X16: a relay in the middle that withholds costs nobody else; one that alters is refused, named and pays")
    func middle() throws {
        let node = "hub:relay:v0"
        let give = ChangeCredits(action: .issue, account: Array(node.utf8), millionths: 100_000_000)
        #expect(try self.hub.decide(.credits(give)) == 0)
        #expect(try self.hub.call(DepositCredits(millionths: 100_000_000), by: node) == 0)
        // Withheld: the request does not reach its destination, its chain has back what was not earned.
        try self.world.ask(timeout: 80)
        let withheld = try self.world.message(from: "alpha")
        #expect(try self.world.bring(withheld, by: Self.first) == 0)
        let before = try self.account("alpha").free.millionths
        for number in 0..<81 { try self.hub.call(Register(), by: "north:gateway:w\(number)") }
        #expect(try self.hub.call(ExpireExchanges(steps: 512), by: Self.second) == 0)
        #expect(try self.escrow(withheld.message.id)?.state == .timedOut)
        #expect(try self.account("alpha").free.millionths > before)
        let block = try #require(self.hub.access.blocks.last)
        #expect(try self.world.bring(try self.world.told("alpha", .timeout, in: block)) == 0)
        // Altered: the relay's own nodes certify another request than they were given.
        try self.world.ask()
        let request = try self.world.message(from: "alpha")
        #expect(try self.world.bring(request, by: Self.first) == 0)
        let good = try self.world.told("bravo")
        let bad = try self.altered(request, good)
        #expect(try self.world.bring(bad) == RejectionCode.anotherMessage.number)
        let (first, second) = (try #require(good.path), try #require(bad.path))
        let report = ReportNodes(first: first, second: second)
        #expect(try self.hub.call(report, by: Self.second) == 0)
        #expect(try self.hub.call(report, by: Self.second) == RejectionCode.faultsKnown.number)
        #expect(try self.account(node).deposit == .zero)
        let faults = try ["hub:relay:v0", "alpha:relay:v0"].map { name in
            let chain = String(name.prefix { $0 != ":" })
            return try self.hub.access.record(NodeConduct.self, at: RelayKey.conduct(chain, 0, name))?.faults ?? 0
        }
        #expect(faults == [1, 0])
        #expect(try self.world.bring(good) == 0)
    }

    /// What the relay chain told, with another request and a path that its verification nodes certify from there on.
    private func altered(_ request: Carried, _ told: Told) throws -> Told {
        var message = request.message
        let content = InterchainContent(function: "share.request", arguments: [[66]])
        message.payload = InterchainPayload(content: content.bytes, hash: PayloadHash.request(content)).bytes
        let start = try self.world.start(of: message, from: "alpha")
        let origin = try #require(request.path?.hops.first)
        let record = try HopRecord(
            previous: start.digest,
            link: origin.record.link,
            anchor: origin.record.anchor,
            certifier: origin.record.certifier,
            expiry: origin.record.expiry
        )
        let taken = try PathProof(message: start, hops: [.init(record: record, certificate: origin.certificate)])
        let hop = try self.world.hop(
            1,
            on: "hub",
            to: "bravo",
            after: taken.digest,
            of: start,
            at: told.proof,
            [[0, 1], [0]]
        )
        var bad = told
        bad.notice = ExchangeNotice(
            side: .destination,
            status: told.notice.status,
            id: told.notice.id,
            requestHash: told.notice.requestHash,
            message: message
        )
        bad.path = try taken.appending(hop)
        return bad
    }

    @Test("a chain that cannot pay begins nothing; one whose gateways have no deposits pays nothing")
    func unpaid() throws {
        try self.world.ask(from: "charlie")
        let poor = try self.world.message(from: "charlie")
        #expect(try self.world.bring(poor) == 0)
        #expect(try self.world.status(poor.message.id) == .beginFailure)
        #expect(try self.hub.call(UnbondDeposit(), by: Self.second) == 0)
        try self.world.ask(from: "charlie")
        let free = try self.world.message(from: "charlie")
        #expect(try self.world.bring(free) == 0)
        #expect(try self.world.status(free.message.id) == .begin && self.escrow(free.message.id) == nil)
        try self.requireBalance()
    }

    @Test("deposits are taken back when no fault of their time can be proven any more")
    func deposits() throws {
        let cases: [(UInt16, RejectionCode?)] = [
            (try self.hub.call(UnbondDeposit(), by: Self.first), nil),
            (try self.hub.call(UnbondDeposit(), by: Self.first), .incentive(.unbondingAlready)),
            (try self.hub.call(WithdrawDeposit(), by: Self.first), .incentive(.stillBonded)),
            (try self.hub.call(DepositCredits(millionths: 1), by: Self.first), .incentive(.relayUnbonding)),
            (try self.hub.call(DepositCredits(millionths: 1 << 40), by: Self.second), .incentive(.insufficientCredits)),
            (try self.hub.call(DepositCredits(millionths: .max), by: Self.second), .incentive(.amountOutOfRange)),
            (try self.hub.call(DepositCredits(millionths: 1), by: "north:steward:s1"), .notAllowed),
        ]
        for (code, expected) in cases { #expect(code == expected?.number ?? 0) }
        let list = try self.hub.access.record(GatewayList.self, at: RelayKey.gateways)
        #expect(list?.accounts == [Array(Self.second.utf8)])
        try self.requireBalance()
    }

    @Test("parameters under which anything but honest work pays are refused, and credits come and go by governors only")
    func governance() throws {
        var greedy = IncentiveParameters.standard
        greedy.game.forgerySlash = .percent(0)
        greedy.game.forgeryAcceptance = .percent(10)
        let proposal = Propose(expires: self.hub.access.now + 1_000, change: .incentives(greedy))
        let code = try self.hub.call(proposal, by: "north:operator:g1")
        #expect((1_170...1_177).contains(code), "\(code)")
        let retire = ChangeCredits(action: .retire, account: Array("alpha".utf8), millionths: 1 << 50)
        #expect(try self.hub.decide(.credits(retire)) == RejectionCode.incentive(.insufficientCredits).number)
        try self.requireBalance()
    }

    @Test("a verification node that certified a lie loses its deposit, a share of it to whoever proves it")
    func slashed() throws {
        let node = "alpha:relay:v0"
        let give = ChangeCredits(action: .issue, account: Array(node.utf8), millionths: 100_000_000)
        #expect(try self.hub.decide(.credits(give)) == 0)
        #expect(try self.hub.call(DepositCredits(millionths: 100_000_000), by: node) == 0)
        try self.world.ask()
        let good = try self.world.message(from: "alpha")
        var message = good.message
        let content = InterchainContent(function: "share.request", arguments: [[66]])
        message.payload = InterchainPayload(content: content.bytes, hash: PayloadHash.request(content)).bytes
        let proof = try OutboundProof.saying(OutboundLeaf.message(message).bytes, on: self.world.chain("alpha"))
        let start = try self.world.start(of: message, from: "alpha")
        let hop = try self.world.hop(
            0,
            on: "alpha",
            to: "hub",
            after: start.digest,
            of: start,
            at: proof,
            [[0, 1], [1]]
        )
        let lie = try PathProof(message: start, hops: [hop])
        let before = try self.account(Self.second).free.millionths
        let report = ReportNodes(first: try #require(good.path), second: lie)
        #expect(try self.hub.call(report, by: Self.second) == 0)
        #expect(try self.account(node).deposit == .zero)
        #expect(try self.account(Self.second).free.millionths > before)
    }
}
