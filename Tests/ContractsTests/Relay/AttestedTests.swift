import CanonicalBytes
import Certificates
import EVMProofs
import IBTP
import Ledger
import PathProofs
import Records
import Testing

@testable import Contracts

@Suite("Chains with an EVM at the relay chain") struct AttestedTests {
    let scene: AttestedScene
    var world: Archipelago { self.scene.world }

    init() throws { self.scene = try AttestedScene() }

    /// A request that another chain's service can serve, and its share request.
    private func shareRequest() throws -> (log: EVMLog, request: RequestAccess) {
        let bravo = try self.world.chain("bravo")
        let request = RequestAccess(
            request: id32(90),
            scope: id(7),
            policy: id(8),
            organization: "north",
            purpose: "TREAT",
            nonce: id(9),
            expires: bravo.access.now + 600_000
        )
        let digest = ShareRequest.digest(
            request,
            by: try bravo.pseudonym("ada").certificate.digest,
            asker: ShareRequest.asker(of: try ServiceID(AttestedScene.account), certificate: nil)
        )
        let extra = try RelayExtension(
            pathNonce: id(201),
            expiry: self.world.hub.access.now / 1_000 + 7_200,
            shareRequest: digest
        )
        return (try self.scene.request(1, content: self.content, extra: extra.bytes), request)
    }

    private let content = InterchainContent(function: "share.request", arguments: [[1, 2, 3]])

    // MARK: - Exchanges

    @Test("an EVM chain asks an alliance: the request is taken and delivered, the answer taken and told")
    func asking() throws {
        try self.scene.introduce(to: "bravo")
        let (log, request) = try self.shareRequest()
        let asked = try self.scene.say(log)
        #expect(try self.scene.bring(asked) == 0)
        let exchange = try asked.message.id
        #expect(try self.world.status(exchange) == .begin)
        #expect(try self.world.bring(try self.world.told("bravo")) == 0)
        try self.world.decide(request, on: "bravo")
        #expect(try self.world.finish(exchange, request) == 0)
        #expect(try self.world.bring(try self.world.message(from: "bravo")) == 0)
        #expect(try self.world.status(exchange) == .success)
        let told = try self.world.told(AttestedScene.name).notice
        #expect(told.side == .source && told.status == .success && told.id == exchange)
        #expect(told.requestHash == asked.message.hash.bytes && told.message?.type == .receiptSuccess)
        // What the relay chain tells is what attesters sign for the broker.
        let answer = try #require(told.message)
        _ = try BrokerStatement(message: answer, status: told.status, requestHash: told.requestHash)
    }

    @Test("an alliance asks an EVM chain: the request is told, its answer taken once, and the alliance closes")
    func asked() throws {
        try self.scene.introduce(to: "alpha")
        let request = try self.askEVM()
        let told = try self.world.told(AttestedScene.name).notice
        #expect(told.side == .destination && told.status == .begin && told.message == request.message)
        _ = try BrokerStatement(message: request.message, status: .begin, requestHash: told.requestHash)
        let exchange = try request.message.id
        let log = try self.scene.receipt(of: exchange, .receiptSuccess, requestHash: request.message.hash.bytes)
        let answer = try self.scene.say(log)
        #expect(try self.scene.bring(answer) == 0)
        #expect(try self.world.status(exchange) == .success)
        let end = try self.world.told("alpha")
        #expect(try self.world.bring(end) == 0)
        #expect(try self.world.call(exchange)?.status == .success)
        #expect(try self.scene.bring(answer) == RejectionCode.ofBook(.indexExists))
    }

    @Test("an account of an EVM chain cannot ask about another's request, and have the permission taken back")
    func anothersRequest() throws {
        try self.scene.introduce(to: "bravo")
        let asked = try self.world.ask()
        let carried = try self.world.message(from: "alpha")
        try #require(try self.world.bring(carried) == 0)
        try #require(try self.world.bring(try self.world.told("bravo")) == 0)
        try self.world.decide(asked.requests[0], on: "bravo")
        let exchange = try carried.message.id
        // All of the extension is in the open: the digest, and the certificate that asks.
        let copied = try self.scene.say(self.scene.request(1, content: self.content, extra: carried.message.extra))
        try #require(try self.scene.bring(copied) == 0)
        try #require(try self.world.bring(try self.world.told("bravo")) == 0)
        let other = RejectionCode.anotherShareRequest.number
        #expect(try self.world.finish(try copied.message.id, asked.requests[0]) == other)
        #expect(try self.world.finish(exchange, asked.requests[0]) == 0)
    }

    @Test(
        "a request that no broker can hold fails at once, and its index is told without its content",
        arguments: 0..<4
    )
    func tooLarge(_ number: Int) throws {
        let contents = [
            InterchainContent(function: "share.request", arguments: [[UInt8](repeating: 1, count: 8_193)]),
            InterchainContent(function: "ask", arguments: [[UInt8]](repeating: [1], count: 5)),
            InterchainContent(function: String(repeating: "a", count: 65), arguments: []),
            InterchainContent(function: "share.request", arguments: [[UInt8](repeating: 1, count: 8_192)]),
        ]
        try self.scene.introduce(to: "bravo")
        try self.scene.introduce(to: "alpha")
        // Only share requests of one argument leave an alliance by people's calls; others are said for them here.
        let content = contents[number]
        guard content.arguments.count == 1 else {
            var message = InterchainMessage(from: "hub:alpha:share", to: AttestedScene.account, index: 1)
            message.payload = InterchainPayload(content: content.bytes, hash: PayloadHash.request(content)).bytes
            #expect(!EVMSource().canHold(message))
            return
        }
        let payload = InterchainPayload(content: content.bytes, hash: PayloadHash.request(content)).bytes
        let request = try self.askEVM(payload: payload)
        let exchange = try request.message.id
        let fits = number == 3
        #expect(try self.world.status(exchange) == (fits ? .begin : .beginFailure))
        let block = try #require(self.world.hub.access.blocks.last)
        let told = try self.world.leaves(block).compactMap { leaf -> ExchangeNotice? in
            guard case .notice(let notice) = leaf, notice.chain == AttestedScene.name else { return nil }
            return notice
        }
        #expect(told.map(\.status) == [fits ? .begin : .beginFailure])
        let hash = request.message.hash.bytes
        let undone = try BrokerStatement(message: request.message, status: .beginFailure, requestHash: hash)
        #expect((undone.callData(signatures: []).count < 2_048) == !fits)
        guard !fits else { return }
        #expect(throws: ProtocolFailure.self) {
            try BrokerStatement(message: request.message, status: .begin, requestHash: hash)
        }
    }

    private func askEVM(timeout: UInt64 = 0, payload: [UInt8]? = nil) throws -> Carried {
        let asked = try self.world.ask(timeout: timeout) { target in
            target = CallService.Target(
                to: AttestedScene.account,
                payload: payload ?? target.payload,
                extra: target.extra
            )
        }
        try #require(asked.code == 0)
        let carried = try self.world.message(from: "alpha")
        try #require(try self.world.bring(carried) == 0)
        return carried
    }

    @Test("an answer of the EVM chain that is of another request, of none or of somebody else's is refused")
    func otherAnswers() throws {
        let request = try self.askEVM()
        let exchange = try request.message.id
        let wrong = try self.scene.say(self.scene.receipt(of: exchange, .receiptSuccess, requestHash: id32(1)))
        #expect(try self.scene.bring(wrong) == RejectionCode.answersAnother.number)
        let never = try MessageID(exchange.pair, index: 2)
        let hash = request.message.hash.bytes
        let early = try self.scene.say(self.scene.receipt(of: never, .receiptSuccess, requestHash: hash))
        #expect(try self.scene.bring(early) == RejectionCode.ofBook(.unknownRequest))
        // The broker of one chain says nothing for another chain's services.
        try self.world.ask(from: "alpha", ["bravo"], as: "bob")
        let other = try self.world.message(from: "alpha")
        try #require(try self.world.bring(other) == 0)
        let log = try self.scene.receipt(of: other.message.id, .receiptSuccess, requestHash: other.message.hash.bytes)
        let block = try self.scene.block([log])
        let forged = try self.scene.message(in: block)
        #expect(try self.scene.bring(forged) == RejectionCode.badSourceProof.number)
    }

    @Test("a request to a service that there is not fails at once, one whose time is over is undone; both are told")
    func failures() throws {
        let nowhere = try self.scene.say(self.scene.request(1, to: "hub:bravo:nothing"))
        #expect(try self.scene.bring(nowhere) == 0)
        #expect(try self.world.status(nowhere.message.id) == .beginFailure)
        let failed = try self.world.told(AttestedScene.name).notice
        #expect(failed.status == .beginFailure && failed.side == .source && failed.message == nil)
        let late = try self.scene.say(self.scene.request(1, timeout: 1))
        #expect(try self.scene.bring(late) == 0)
        // A relay chain grows by its transactions.
        try self.world.hub.call(TakeLease(lane: "x", seconds: 1), by: Archipelago.gateway)
        try self.world.hub.call(TakeLease(lane: "y", seconds: 1), by: Archipelago.gateway)
        #expect(try self.world.hub.call(ExpireExchanges(steps: 5), by: Archipelago.gateway) == 0)
        #expect(try self.world.status(late.message.id) == .beginRollback)
        let undone = try self.world.told(AttestedScene.name, .timeout).notice
        let exchange = try late.message.id
        #expect(undone.status == .beginRollback && undone.id == exchange)
        let receiptless = try BrokerStatement.receiptless(undone.id, undone.status)
        _ = try BrokerStatement(message: receiptless, status: undone.status, requestHash: undone.requestHash)
    }

    // MARK: - Proofs

    @Test("no byte of the proof may be another", arguments: 0..<4)
    func everyByte(_ part: Int) throws {
        let good = try self.scene.message(in: self.scene.block([self.scene.request(1), self.scene.request(2)]), 1)
        #expect(try self.scene.trial(good) == 0)
        for place in stride(from: part, to: good.source.count, by: 4) {
            var changed = good
            changed.source[place] ^= 1 << UInt8(place % 8)
            let code = try self.scene.trial(changed)
            #expect(code == RejectionCode.badSourceProof.number, "byte \(place)")
        }
        for count in [0, 1, good.source.count - 1] where part == 0 {
            var cut = good
            cut.source = Array(good.source.prefix(count))
            #expect(try self.scene.trial(cut) == RejectionCode.badSourceProof.number)
        }
    }

    @Test("another block than the certified one, another contract, another place or a failed transaction is refused")
    func otherBlocks() throws {
        let bad = RejectionCode.badSourceProof.number
        let log = try self.scene.request(1)
        let block = try self.scene.block([log])
        let good = try self.scene.message(in: block)
        // The same transaction in the block that a reorganisation put into this one's place.
        let reorganised = try EVMSampleBlock([log], height: block.header.number, salt: 1)
        var moved = good
        moved.source = try reorganised.proof().bytes
        #expect(try self.scene.trial(moved) == bad)
        let stranger = try EVMAddress([UInt8](repeating: 0xB1, count: 20))
        let foreign = try self.scene.block([self.scene.request(1, by: stranger)])
        var forged = good
        forged.source = try foreign.proof().bytes
        forged.path = try self.scene.path(of: good.message, at: foreign.anchor, signers: [[0, 2], [1]])
        #expect(try self.scene.trial(forged) == bad)
        for place in [(UInt32(0), UInt16(0)), (0, 2), (1, 0)] {
            var wrong = good
            wrong.source = try block.proof(place.0, log: place.1).bytes
            #expect(try self.scene.trial(wrong) == bad)
        }
        let reverted = try EVMSampleBlock([log], height: 500, isSuccess: false)
        var failed = good
        failed.source = try reverted.proof().bytes
        failed.path = try self.scene.path(of: good.message, at: reverted.anchor, signers: [[0, 2], [1]])
        #expect(try self.scene.trial(failed) == bad)
        #expect(try self.scene.trial(good) == 0)
    }

    @Test("a message that the broker did not say, in any of its fields, is refused")
    func otherMessages() throws {
        let good = try self.scene.say(self.scene.request(1))
        let another = RejectionCode.anotherLeaf.number
        let content = InterchainContent(function: "ask", arguments: [[9]])
        let payload = InterchainPayload(content: content.bytes, hash: PayloadHash.request(content))
        let group = try ServiceIndices(
            ["hub:bravo:share", "hub:charlie:share"].map { ServiceIndices.Entry(service: $0, index: 1) }
        )
        let changes: [(inout InterchainMessage) -> Void] = [
            { $0.timeoutHeight = 5 }, { $0.extra = [1] }, { $0.group = group }, { $0.payload = payload.bytes },
        ]
        for (place, change) in changes.enumerated() {
            var lie = good
            change(&lie.message)
            #expect(try self.scene.trial(lie) == another, "change \(place)")
        }
        #expect(try self.scene.trial(good) == 0)
    }

    @Test("a block that too few certify, or that is named without its proof, is refused")
    func certificates() throws {
        let block = try self.scene.block([self.scene.request(1)])
        let cases: [([[Int]], PathRefusal.Reason)] = [
            ([[0, 1, 2], []], .missingSubgroup), ([[1], [0, 1]], .belowThreshold),
        ]
        for (signers, reason) in cases {
            let message = try self.scene.message(in: block, signers: signers)
            #expect(try self.scene.trial(message) == RejectionCode.ofPath(reason))
        }
        var bare = try self.scene.message(in: block)
        bare.path = nil
        #expect(try self.scene.trial(bare) == RejectionCode.sourcePathMissing.number)
        var native = try self.scene.message(in: block)
        native.kind = .outbound
        #expect(try self.scene.trial(native) == RejectionCode.badSourceProof.number)
        // What verification nodes of another block signed.
        var elsewhere = try self.scene.message(in: block)
        let other = try self.scene.block([])
        elsewhere.path = try self.scene.path(of: elsewhere.message, at: other.anchor, signers: [[0, 2], [1]])
        #expect(try self.scene.trial(elsewhere) == RejectionCode.badSourceProof.number)
    }

    @Test("a request that is certified again after a reorganisation is known; with other content it is a conflict")
    func reorganisations() throws {
        let log = try self.scene.request(1)
        let block = try self.scene.block([log])
        #expect(try self.scene.bring(self.scene.message(in: block)) == 0)
        let again = try EVMSampleBlock([log], height: block.header.number, salt: 1)
        #expect(try self.scene.bring(self.scene.message(in: again)) == RejectionCode.ofBook(.indexExists))
        let other = try self.scene.request(1, content: InterchainContent(function: "other", arguments: []))
        let lie = try EVMSampleBlock([other], height: block.header.number, salt: 2)
        #expect(try self.scene.bring(self.scene.message(in: lie)) == 0)
        let chain = try self.world.hub.access.record(RegisteredChain.self, at: RelayKey.chain(AttestedScene.name))
        #expect(chain?.standing == .frozen && chain?.cause == .conflict)
        let next = try self.scene.say(self.scene.request(2))
        #expect(try self.scene.bring(next) == RejectionCode.chainFrozen.number)
    }

    @Test("verification nodes that certify two requests of one index are convicted by both paths")
    func evidence() throws {
        let first = try self.scene.say(self.scene.request(1))
        let other = try self.scene.request(1, content: InterchainContent(function: "other", arguments: []))
        let second = try self.scene.say(other)
        let report = ReportNodes(first: try #require(first.path), second: try #require(second.path))
        #expect(try self.world.hub.call(report, by: Archipelago.gateway) == 0)
        #expect(try self.world.hub.call(report, by: Archipelago.gateway) == RejectionCode.faultsKnown.number)
    }

    @Test("an ordered service takes the requests of an EVM chain in their order")
    func ordered() throws {
        let scene = try AttestedScene(isOrdered: true)
        let block = try scene.block([scene.request(1), scene.request(2)])
        let (first, second) = (try scene.message(in: block, 0), try scene.message(in: block, 1))
        #expect(try scene.bring(second) == RejectionCode.ofBook(.indexGap(expected: 1)))
        #expect(try scene.bring(first) == 0)
        #expect(try scene.bring(second) == 0)
    }

    // MARK: - Registration

    @Test("what governors say of an EVM chain is read in one form, and nothing else is registered")
    func registrations() throws {
        let hub = self.world.hub
        let good = try AttestedScene.parameters(self.scene.broker)
        #expect(try EVMRegistration(bytes: good).bytes == good)
        func changed(_ place: Int, to byte: UInt8) -> [UInt8] {
            var bytes = good
            bytes[place] = byte
            return bytes
        }
        let noChain = Array(good[..<5]) + [UInt8](repeating: 0, count: 8) + Array(good[13...])
        let nobody = Array(good[..<13]) + [UInt8](repeating: 0, count: 20) + Array(good[33...])
        let cases = [
            [], Array(good.dropLast()), good + [0], changed(0, to: 0), changed(4, to: 2), changed(33, to: 2),
            changed(33, to: 0), changed(41, to: 0), changed(35, to: 1), noChain, nobody,
        ]
        for (place, parameters) in cases.enumerated() {
            let register = try self.scene.registration(name: "evm2", parameters: parameters)
            let propose = Propose(expires: hub.access.now + 1_000, change: .registerChain(register))
            let code = try hub.call(propose, by: "north:operator:g1")
            #expect(code == RejectionCode.badRegistration.number, "case \(place)")
        }
        let record = try hub.access.record(RegisteredChain.self, at: RelayKey.chain(AttestedScene.name))
        #expect(record?.rule == .attested && record?.parameters == good)
    }

    @Test("an attested chain is followed by no headers, and its lists succeed each other")
    func following() throws {
        let hub = self.world.hub
        let bravo = try self.world.chain("bravo")
        let block = try #require(bravo.access.blocks.last)
        let step = ClientStep(header: block.block.header, certificate: block.certificate, next: nil)
        let follow = FollowChain(chain: AttestedScene.name, step: step)
        #expect(try hub.call(follow, by: Archipelago.gateway) == RejectionCode.noSuchChain.number)
        let next = try self.scene.list.adding(key: 20)
        let succession = try self.scene.list.succession(to: next, at: 200)
        let list = FollowNodeList(chain: AttestedScene.name, succession: succession)
        #expect(try hub.call(list, by: Archipelago.gateway) == 0)
        // The old list certifies no block of the next one's heights.
        let late = try self.scene.message(in: EVMSampleBlock([self.scene.request(1)], height: 200))
        #expect(try self.scene.bring(late) == RejectionCode.ofPath(.listNotValid))
        let early = try self.scene.message(in: EVMSampleBlock([self.scene.request(1)], height: 199))
        #expect(try self.scene.bring(early) == 0)
    }
}
