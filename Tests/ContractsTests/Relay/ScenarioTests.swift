import CanonicalBytes
import Certificates
import IBTP
import Ledger
import PathProofs
import Records
import Testing

@testable import Contracts

/// The cross-chain scenarios by their numbers in the list of the design.
@Suite("Cross-chain scenarios") struct ScenarioTests {
    let world: Archipelago

    init() throws { self.world = try Archipelago() }

    private func code(_ refusal: InterchainRefusal, on name: String = "relay") -> UInt16 {
        RejectionCode.ofBook(refusal, on: name)
    }

    @Test("X01: a request, its delivery, its answer and its end are each taken once, whoever brings them again")
    func duplicates() throws {
        try self.world.ask()
        let request = try self.world.message(from: "alpha")
        let asked = try self.world.bring(request)
        #expect(try asked == 0 && self.world.bring(request, by: "south:relay:g2") == self.code(.indexExists))
        try self.world.hub.call(RepeatNotice(notice: self.told(request)), by: Archipelago.gateway)
        let told = try self.world.told("bravo")
        #expect(try self.world.bring(told) == 0)
        #expect(try self.world.bring(told) == self.code(.indexExists, on: "interchain"))
    }

    private func told(_ request: Carried) throws -> ExchangeNotice {
        ExchangeNotice(
            side: .destination,
            status: .begin,
            id: try request.message.id,
            requestHash: request.message.hash.bytes,
            message: request.message
        )
    }

    @Test("X01: an answer and the end at the source are taken once")
    func duplicateAnswers() throws {
        try self.world.exchange()
        let answer = try self.world.message(from: "bravo")
        #expect(try self.world.bring(answer) == 0)
        let end = try self.world.told("alpha")
        #expect(try self.world.bring(answer) == self.code(.indexExists))
        #expect(try self.world.bring(end) == 0)
        #expect(try self.world.bring(end) == self.code(.indexExists, on: "interchain"))
    }

    @Test("X02, X03: an ordered service takes no request before its turn; once the gap is filled it does")
    func ordered() throws {
        let world = try Archipelago(isOrdered: true)
        var carried: [Carried] = []
        for _ in 0..<3 {
            try world.ask()
            carried.append(try world.message(from: "alpha"))
        }
        #expect(try world.bring(carried[1]) == self.code(.indexGap(expected: 1)))
        #expect(try world.bring(carried[0]) == 0)
        #expect(try world.bring(carried[2]) == self.code(.indexGap(expected: 2)))
        #expect(try world.bring(carried[1]) == 0)
        #expect(try world.bring(carried[2]) == 0)
        #expect(try world.bring(carried[0]) == self.code(.indexExists))
    }

    @Test("X04: an unordered service takes requests in any order, each once")
    func unordered() throws {
        var carried: [Carried] = []
        for _ in 0..<3 {
            try self.world.ask()
            carried.append(try self.world.message(from: "alpha"))
        }
        for place in [2, 0, 1] {
            #expect(try self.world.bring(carried[place]) == 0)
            #expect(try self.world.bring(try self.world.told("bravo")) == 0)
        }
        for place in 0..<3 { #expect(try self.world.bring(carried[place]) == self.code(.indexExists)) }
    }

    @Test("X05: an answer that the destination never gave is refused, whoever signs for it")
    func fakeAnswer() throws {
        try self.world.ask()
        let request = try self.world.message(from: "alpha")
        try self.world.bring(request)
        let told = try self.world.told("bravo")
        let result = InterchainResult(data: [[id(1), id(2)]], statuses: [true])
        let payload = InterchainPayload(content: result.bytes, hash: PayloadHash.receipt(result))
        let receipt = InterchainMessage(
            from: request.message.from,
            to: request.message.to,
            index: 1,
            type: .receiptSuccess,
            payload: payload.bytes
        )
        let leaf = OutboundLeaf.message(receipt).bytes
        // Beside the leaf of another message; with a leaf that no block has; and in a block of another chain, which says
        // it indeed.
        var fake = request
        fake.message = receipt
        #expect(try self.world.bring(fake) == RejectionCode.anotherLeaf.number)
        fake.proof = OutboundProof.forged(request.proof, leaf: leaf)
        #expect(try self.world.bring(fake) == RejectionCode.badSourceProof.number)
        try self.world.bring(told)
        let charlie = try OutboundProof.saying(leaf, on: self.world.chain("charlie"))
        fake.proof = charlie
        #expect(try self.world.bring(fake) == RejectionCode.badSourceProof.number)
        #expect(try self.world.status(request.message.id) == .begin)
    }

    @Test("X06: an answer to a request that the relay chain never saw is refused")
    func neverSent() throws {
        try self.world.exchange()
        let answer = try self.world.message(from: "bravo")
        let fresh = try Archipelago()
        #expect(try fresh.bring(answer) == self.code(.unknownRequest))
        // Nor does a source close what it never opened.
        try self.world.bring(answer)
        let end = try self.world.told("alpha")
        #expect(try self.world.bring(end) == 0)
        var moved = end
        moved.notice = ExchangeNotice(
            side: .source,
            status: .success,
            id: try MessageID(end.notice.id.pair, index: 9),
            requestHash: end.notice.requestHash,
            message: nil
        )
        #expect(try self.world.bring(moved) == RejectionCode.anotherMessage.number)
    }

    @Test("X07: a payload, a group, a proof or a path that is not the source's own is refused")
    func mismatches() throws {
        try self.world.ask()
        let good = try self.world.message(from: "alpha")
        var payload = good
        payload.message.payload = try self.payload([7])
        #expect(try self.world.bring(payload) == RejectionCode.anotherLeaf.number)
        var group = good
        group.message.group = try ServiceIndices([.init(service: "hub:bravo:share", index: 1)])
        #expect(group.message.hash == good.message.hash)
        #expect(try self.world.bring(group) == RejectionCode.anotherLeaf.number)
        var hash = good.toRelay
        var message = hash.message
        message.proof = id(1)
        hash = RelayMessage(message: message, bundle: hash.bundle)
        #expect(try self.world.hub.call(hash, by: Archipelago.gateway) == RejectionCode.wrongBundleHash.number)
        #expect(try self.world.bring(good) == 0)
        let told = try self.world.told("bravo")
        var other = told.relayed.message
        other?.payload = try self.payload([8])
        let deliver = DeliverMessage(relayed: RelayedMessage(message: other, bundle: told.relayed.bundle))
        let bravo = try self.world.chain("bravo")
        #expect(try bravo.call(deliver, by: Archipelago.gateway) == RejectionCode.anotherMessage.number)
        let bare = DeliverMessage(relayed: RelayedMessage(message: nil, bundle: told.relayed.bundle))
        #expect(try bravo.call(bare, by: Archipelago.gateway) == RejectionCode.anotherMessage.number)
        var wrong = told.relayed.message
        wrong?.proof = id(2)
        let unproven = DeliverMessage(relayed: RelayedMessage(message: wrong, bundle: told.relayed.bundle))
        #expect(try bravo.call(unproven, by: Archipelago.gateway) == RejectionCode.wrongProofHash.number)
        #expect(try self.world.bring(told) == 0)
    }

    private func payload(_ argument: [UInt8]) throws -> [UInt8] {
        let content = InterchainContent(function: "share.request", arguments: [argument])
        return InterchainPayload(content: content.bytes, hash: PayloadHash.request(content)).bytes
    }

    @Test("X08: a proof of another chain, of another height, or for another chain is refused")
    func anotherChain() throws {
        try self.world.ask()
        let first = try self.world.message(from: "alpha")
        try self.world.ask()
        let second = try self.world.message(from: "alpha")
        var swapped = second
        swapped.proof = first.proof
        #expect(try self.world.bring(swapped) == RejectionCode.anotherLeaf.number)
        var path = second
        path.path = first.path
        #expect(try self.world.bring(path) == RejectionCode.ofPath(.wrongPayload))
        try self.world.bring(first)
        let told = try self.world.told("bravo")
        let charlie = try self.world.chain("charlie")
        let deliver = DeliverMessage(relayed: told.relayed)
        #expect(try charlie.call(deliver, by: Archipelago.gateway) == RejectionCode.notForThisChain.number)
        let alpha = try self.world.chain("alpha")
        #expect(try alpha.call(deliver, by: Archipelago.gateway) == RejectionCode.notForThisChain.number)
        let close = CloseCall(relayed: told.relayed)
        let bravo = try self.world.chain("bravo")
        #expect(try bravo.call(close, by: Archipelago.gateway) == RejectionCode.notForThisChain.number)
    }

    @Test("X09: what a committee certified is refused a trust period after it has gone, and taken from a newer block")
    func outdated() throws {
        try self.world.ask()
        let old = try self.world.message(from: "alpha")
        let alpha = try self.world.chain("alpha")
        #expect(try alpha.decide(alpha.committeeChange(1, [1, 2, 3, 5])) == 0)
        #expect(try self.world.hub.call(self.step("alpha"), by: Archipelago.gateway) == 0)
        for _ in 0..<3 {
            self.world.wait(43_200_000)
            try alpha.call(Register(), by: "north:gateway:g\(self.world.hub.access.blocks.count)")
            try self.world.hub.call(self.header("alpha"), by: Archipelago.gateway)
        }
        #expect(try self.world.bring(old) == RejectionCode.sourceCommitteeOutdated.number)
        #expect(try alpha.call(RepeatMessage(message: old.message), by: Archipelago.gateway) == 0)
        #expect(try self.world.bring(try self.world.message(from: "alpha")) == 0)
    }

    /// The change of a chain's committee, for the relay chain.
    private func step(_ name: String) throws -> FollowChain {
        let follow = try self.world.chain(name).follow()
        let step = ClientStep(header: follow.header, certificate: follow.certificate, next: follow.next)
        return FollowChain(chain: name, step: step)
    }

    /// The newest header of a chain, for the relay chain.
    private func header(_ name: String) throws -> FollowChain {
        let block = try #require(try self.world.chain(name).access.blocks.last)
        let step = ClientStep(header: block.block.header, certificate: block.certificate, next: nil)
        return FollowChain(chain: name, step: step)
    }

    @Test("X10: after its time a late success is refused, and the destination undoes what it did, once")
    func late() throws {
        let (id, request) = try self.world.exchange(timeout: 2)
        let answer = try self.world.message(from: "bravo")
        let hub = self.world.hub
        for number in 0..<3 { try hub.call(Register(), by: "north:gateway:x\(number)") }
        #expect(try self.world.bring(answer) == self.code(.unexpectedReceipt(.beginRollback)))
        #expect(try hub.call(ExpireExchanges(steps: 100), by: Archipelago.gateway) == 0)
        let block = try #require(hub.access.blocks.last)
        #expect(block.block.header.crossChainTimeoutRoot != BlockHeader.noRoot)
        #expect(block.block.header.crossChainOutRoot == BlockHeader.noRoot)
        let (undo, end) = try (
            self.world.told("bravo", .timeout, in: block), self.world.told("alpha", .timeout, in: block)
        )
        #expect(undo.notice.status == .beginRollback && undo.path == nil)
        #expect(try self.world.bring(end) == 0)
        #expect(try self.world.call(id)?.status == .beginRollback)
        #expect(try self.world.bring(undo) == 0)
        let bravo = try self.world.chain("bravo")
        let events = try #require(bravo.access.blocks.last).receipts[0].events.map(\.topic)
        #expect(events == ["access.permission-revoked", "interchain.undone", "interchain.out"])
        let filed = try bravo.access.record(AccessRequest.self, at: AccessKey.request(request.request))
        let permission = try bravo.access.record(Permission.self, at: AccessKey.permission(filed?.permission ?? []))
        #expect(permission?.revoked != 0)
        let undone = try self.world.message(from: "bravo")
        #expect(undone.message.type == .receiptRollback)
        #expect(try self.world.bring(undo) == self.code(.indexExists, on: "interchain"))
        // The index channel learns of the revocation by a proof of the very transaction.
        let proof = try #require(bravo.access.blocks.dropLast().last).proof()
        #expect(try bravo.call(BringPermissionRevocation(proof: proof), by: Archipelago.gateway) == 0)
        #expect(try self.world.bring(undone) == 0)
        #expect(try self.world.status(id) == .rollback)
        #expect(try self.world.bring(answer) == self.code(.indexExists))
    }

    @Test(
        "X11: a request to a service that is put off, unknown or not open to the source begins as failed, and both learn"
    )
    func frozenService() throws {
        let hub = self.world.hub
        try self.world.ask()
        let request = try self.world.message(from: "alpha")
        let frozen = RegisterService(chain: "bravo", service: "share", isOrdered: false, isFrozen: true)
        #expect(try hub.call(frozen, by: Archipelago.operatorName) == 0)
        #expect(try self.world.bring(request) == 0)
        let id = try request.message.id
        #expect(try self.world.status(id) == .beginFailure)
        #expect(try self.world.bring(try self.world.told("alpha")) == 0)
        #expect(try self.world.call(id)?.status == .beginFailure)
        let block = try #require(hub.access.blocks.last)
        #expect(try self.world.bring(try self.world.told("bravo", in: block)) == 0)
        #expect(try self.world.bring(try self.world.message(from: "bravo")) == 0)
        #expect(try self.world.status(id) == .failure)

        let closed = RegisterService(
            chain: "bravo",
            service: "share",
            isOrdered: false,
            allowed: ["hub:charlie", "hub:delta:share"]
        )
        #expect(try hub.call(closed, by: Archipelago.operatorName) == 0)
        try self.world.ask()
        let second = try self.world.message(from: "alpha")
        #expect(try self.world.bring(second) == 0)
        #expect(try self.world.status(second.message.id) == .beginFailure)
        try self.world.ask(from: "charlie")
        let third = try self.world.message(from: "charlie")
        #expect(try self.world.bring(third) == 0)
        #expect(try self.world.status(third.message.id) == .begin)
        let byGovernors = ChangeStanding(chain: "bravo", service: "share", action: .freeze)
        #expect(try hub.decide(.standing(byGovernors)) == 0)
        try self.world.ask(from: "charlie")
        let fourth = try self.world.message(from: "charlie")
        #expect(try self.world.bring(fourth) == 0)
        #expect(try self.world.status(fourth.message.id) == .beginFailure)
    }

    @Test("X14: without a header for a trust period a chain counts as frozen, and governors vouch for it anew")
    func trustPeriod() throws {
        try self.world.ask()
        let request = try self.world.message(from: "alpha")
        self.world.wait((Archipelago.trustSeconds + 10) * 1_000)
        #expect(try self.world.bring(request) == RejectionCode.chainExpired.number)
        let alpha = try self.world.chain("alpha")
        #expect(try self.world.ask().code == RejectionCode.relayFrozen.number)
        let next = ReanchorChain(chain: "alpha", anchor: try self.world.anchor("alpha"), list: nil)
        #expect(try self.world.hub.decide(.reanchor(next)) == 0)
        // Its record has run out as well: the verification nodes sign anew.
        #expect(try self.world.bring(request) == RejectionCode.ofPath(.expired))
        #expect(try alpha.call(RepeatMessage(message: request.message), by: Archipelago.gateway) == 0)
        let again = try self.world.message(from: "alpha")
        #expect(try self.world.bring(again) == 0)
        // Bravo has heard nothing either, so that nothing can begin with it.
        #expect(try self.world.status(request.message.id) == .beginFailure)
        let told = try self.world.told("bravo")
        #expect(try self.world.bring(told) == RejectionCode.relayFrozen.number)
        let bravo = try self.world.chain("bravo")
        let anew = ConnectRelay(name: "bravo", anchor: try self.world.anchor("hub"), lists: [])
        #expect(try bravo.decide(.connect(anew)) == 0)
        #expect(try self.world.bring(told) == 0)
        let other = ConnectRelay(name: "zulu", anchor: try self.world.anchor("hub"), lists: [])
        let proposal = Propose(expires: bravo.access.now + 1_000, change: .connect(other))
        #expect(try bravo.call(proposal, by: "north:operator:g1") == RejectionCode.connectedOtherwise.number)
    }

    @Test("X15: lists and committees change while messages are on their way")
    func rotation() throws {
        try self.world.ask()
        let early = try self.world.message(from: "alpha")
        let (alpha, hub) = (try self.world.chain("alpha"), self.world.hub)
        let old = try self.world.list("alpha")
        let next = try old.adding(key: 20)
        let height = alpha.access.header.height + 1
        let succession = try old.succession(to: next, at: height)
        let follow = FollowNodeList(chain: "alpha", succession: succession)
        #expect(try hub.call(follow, by: Archipelago.gateway) == 0)
        #expect(try hub.call(follow, by: Archipelago.gateway) == RejectionCode.sourceListKnown.number)
        let bravo = try self.world.chain("bravo")
        #expect(try bravo.call(BringNodeList(source: .succession(succession)), by: Archipelago.gateway) == 0)
        // Signed by the list of its height, which has gone since.
        #expect(try self.world.bring(early) == 0)
        #expect(try self.world.bring(try self.world.told("bravo")) == 0)
        // The old list does not speak for new heights any more, the new one does.
        try self.world.ask()
        let stale = try self.world.message(from: "alpha")
        #expect(try self.world.bring(stale) == RejectionCode.ofPath(.listNotValid))
        self.world.hand(over: "alpha", to: next)
        #expect(try self.world.bring(try self.world.message(from: "alpha")) == 0)
        #expect(try self.world.bring(try self.world.told("bravo")) == 0)
        // The committee changes too; its blocks count when the change is known.
        #expect(try alpha.decide(alpha.committeeChange(1, [1, 2, 3, 5])) == 0)
        try self.world.ask()
        let unknown = try self.world.message(from: "alpha")
        #expect(try self.world.bring(unknown) == RejectionCode.sourceCommitteeUnknown.number)
        #expect(try hub.call(self.step("alpha"), by: Archipelago.gateway) == 0)
        #expect(try hub.call(self.step("alpha"), by: Archipelago.gateway) == RejectionCode.sourceFollowedAlready.number)
        #expect(try self.world.bring(unknown) == 0)
        // So does the relay chain's.
        #expect(try hub.decide(hub.committeeChange(1, [1, 2, 3, 5])) == 0)
        let change = try hub.follow()
        try self.world.ask()
        #expect(try self.world.bring(try self.world.message(from: "alpha")) == 0)
        let told = try self.world.told("bravo")
        #expect(try self.world.bring(told) == RejectionCode.relayCommitteeUnknown.number)
        let step = ClientStep(header: change.header, certificate: change.certificate, next: change.next)
        #expect(try bravo.call(FollowRelay(step: step), by: Archipelago.gateway) == 0)
        #expect(try self.world.bring(told) == 0)
    }

    @Test("X19: a group succeeds when all have, and each source's answer comes with its own result")
    func group() throws {
        let asked = try self.world.ask(["bravo", "charlie"])
        #expect(asked.code == 0)
        let requests = try [0, 1].map { try self.world.message(from: "alpha", $0) }
        var told: [Told] = []
        for request in requests {
            #expect(try self.world.bring(request) == 0)
            told.append(try self.world.told(try request.message.id.to.chain))
        }
        for one in told { #expect(try self.world.bring(one) == 0) }
        var answers: [Carried] = []
        for (request, name) in zip(asked.requests, ["bravo", "charlie"]) {
            try self.world.decide(request, on: name)
            #expect(try self.world.finish(told[answers.count].notice.id, request) == 0)
            answers.append(try self.world.message(from: name))
        }
        #expect(try self.world.bring(answers[0]) == 0)
        let hub = try #require(self.world.hub.access.blocks.last)
        #expect(try self.world.leaves(hub).isEmpty)
        #expect(try self.world.bring(answers[1]) == 0)
        let block = try #require(self.world.hub.access.blocks.last)
        for place in 0..<2 {
            let end = try self.world.told("alpha", at: place, in: block)
            #expect(end.notice.status == .success && end.notice.message == answers[place].message)
            #expect(try self.world.bring(end) == 0)
            #expect(try self.world.call(end.notice.id)?.status == .success)
        }
    }

    @Test("a group fails as a whole: who had succeeded undoes it")
    func failedGroup() throws {
        let asked = try self.world.ask(["bravo", "charlie"])
        let requests = try [0, 1].map { try self.world.message(from: "alpha", $0) }
        for (place, request) in requests.enumerated() {
            try self.world.bring(request)
            try self.world.bring(try self.world.told(["bravo", "charlie"][place]))
        }
        try self.world.decide(asked.requests[0], on: "bravo")
        #expect(try self.world.finish(requests[0].message.id, asked.requests[0]) == 0)
        #expect(try self.world.bring(try self.world.message(from: "bravo")) == 0)
        try self.world.decide(asked.requests[1], on: "charlie", isPermitted: false)
        #expect(try self.world.finish(requests[1].message.id, asked.requests[1]) == 0)
        #expect(try self.world.bring(try self.world.message(from: "charlie")) == 0)
        let block = try #require(self.world.hub.access.blocks.last)
        #expect(try self.world.bring(try self.world.told("bravo", in: block)) == 0)
        let undone = try self.world.message(from: "bravo")
        #expect(undone.message.type == .receiptFailure)
        #expect(try self.world.bring(undone) == 0)
        #expect(try self.world.status(requests[0].message.id) == .failure)
        for place in 0..<2 { #expect(try self.world.bring(try self.world.told("alpha", at: place, in: block)) == 0) }
        #expect(self.world.hub.access.values.values.keys.allSatisfy { !$0.starts(with: "relay\0answer".utf8) })
    }
}

extension OutboundProof {
    /// A block that says something and that a chain's real committee certified, though no executor made it.
    static func saying(_ leaf: [UInt8], on chain: Consortium) throws -> OutboundProof {
        let tip = chain.access.header
        let receipt = TransactionReceipt(
            transaction: id(1),
            code: 0,
            cost: 1,
            events: [ContractEvent(topic: OutboundTree.out.topic, data: leaf)]
        )
        let header = BlockHeader(
            chain: tip.chain,
            channel: tip.channel,
            epoch: tip.epoch,
            height: tip.height,
            parent: tip.parent,
            transactionRoot: tip.transactionRoot,
            receiptRoot: tip.receiptRoot,
            stateRoot: tip.stateRoot,
            validatorsRoot: tip.validatorsRoot,
            crossChainOutRoot: OutboundTree.out.root(of: [receipt]),
            evidenceRoot: tip.evidenceRoot,
            time: tip.time
        )
        let certificate = chain.access.certify(header, by: chain.access.committee)
        return try #require(OutboundProof(0, of: .out, header: header, receipts: [receipt], certificate: certificate))
    }

    /// The proof with another leaf in its place.
    static func forged(_ proof: OutboundProof, leaf: [UInt8]) -> OutboundProof {
        let old = proof.bytes
        guard let range = old.firstRange(of: proof.leaf) else { return proof }
        let length = UInt32(leaf.count)
        let bytes =
            Array(old[..<(range.lowerBound - 4)]) + length.bigEndianBytes + leaf + Array(old[range.upperBound...])
        return (try? OutboundProof(bytes: bytes)) ?? proof
    }
}
