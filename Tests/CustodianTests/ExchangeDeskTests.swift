import CanonicalBytes
import Certificates
import ChainReading
import Contracts
import IBTP
import Ledger
import P256Group
import Signcryption
import Testing
import Transcripts

@testable import Custodian

@Suite("Requests of other chains") struct ExchangeDeskTests {
    let scene: ExchangeScene

    init() throws { self.scene = try ExchangeScene() }

    @Test("a sealed request is filed in the requester's own name, decided like any other, and answered from the state")
    func permitted() async throws {
        let access = self.scene.request()
        let id = try self.scene.bring(access)
        try await self.scene.settle()
        let filed = try #require(try await self.scene.chain.request(access.request))
        #expect(filed.requester == self.scene.researcher.certificate.digest && filed.status == .open)
        #expect(try self.scene.item(id)?.state == .filed && self.scene.answer(id) == nil)
        try await self.scene.chain.permit(access.request, until: self.scene.chain.now + 1_000_000)
        self.scene.wait(seconds: 60)
        try await self.scene.settle()
        #expect(self.scene.answer(id) == .receiptSuccess)
        #expect(try self.scene.item(id)?.state == .ended && self.scene.item(id)?.code == "permitted")
        let permission = try #require(try await self.scene.chain.request(access.request)).permission
        let payload = try InterchainPayload(bytes: try #require(self.scene.chain.answers.last).payload, .canonical)
        #expect(try InterchainResult(bytes: payload.content, .canonical).data == [[permission, access.scope]])
    }

    @Test("a request by an account of a chain of another make is filed and answered as any other")
    func account() async throws {
        let access = self.scene.request()
        var fault = ExchangeScene.Fault()
        fault.from = "hub:evm:0x" + String(repeating: "0a", count: 20)
        let id = try self.scene.bring(access, fault)
        try await self.scene.settle()
        #expect(try self.scene.item(id)?.state == .filed)
        try await self.scene.chain.permit(access.request, until: self.scene.chain.now + 1_000_000)
        self.scene.wait(seconds: 60)
        try await self.scene.settle()
        #expect(self.scene.answer(id) == .receiptSuccess)
        // Another account that has seen the digest has asked for nothing.
        var copied = fault
        copied.share = try self.scene.share(access, from: fault.from)
        copied.from = "hub:evm:0x" + String(repeating: "0b", count: 20)
        let other = try self.scene.bring(access, copied)
        try await self.scene.settle()
        #expect(try self.scene.item(other)?.code == "another-request")
    }

    @Test("what the share desk sees decided is answered without waiting for the next look")
    func atOnce() async throws {
        let access = self.scene.request()
        let id = try self.scene.bring(access)
        try await self.scene.settle()
        try await self.scene.chain.permit(access.request, until: self.scene.chain.now + 1_000_000)
        try await self.scene.shares.follow()
        try await self.scene.shares.work()
        try await self.scene.desk.work()
        #expect(self.scene.answer(id) == .receiptSuccess)
    }

    @Test("a denied request is answered as failed")
    func denied() async throws {
        let access = self.scene.request()
        let id = try self.scene.bring(access)
        try await self.scene.settle()
        try await self.scene.chain.deny(access.request)
        self.scene.wait(seconds: 60)
        try await self.scene.settle()
        #expect(self.scene.answer(id) == .receiptFailure)
        #expect(try self.scene.item(id)?.code == "denied")
    }

    @Test("a request that nobody decides is answered as failed when its time is over, not before")
    func lapsed() async throws {
        let access = self.scene.request(seconds: 600)
        let id = try self.scene.bring(access)
        try await self.scene.settle()
        self.scene.wait(seconds: 300)
        try await self.scene.settle()
        #expect(self.scene.answer(id) == nil)
        self.scene.wait(seconds: 300)
        try await self.scene.settle()
        #expect(self.scene.answer(id) == .receiptFailure)
        #expect(try self.scene.item(id)?.code == "request-expired")
    }

    @Test("nobody ends an exchange as if its request had not been filed")
    func unknownRequest() async throws {
        let access = self.scene.request(seconds: 20_000)
        let id = try self.scene.bring(access, expiry: self.scene.chain.now / 1_000 + 600)
        try await self.scene.settle()
        #expect(try self.scene.item(id)?.state == .filed)
        self.scene.wait(seconds: 1_000)
        let finish = FinishCall(id: id, request: SecureRandom.bytes(32))
        let receipt = try self.scene.chain.call(finish, by: self.scene.gateway)
        #expect(receipt.code == RejectionCode.anotherShareRequest.number)
        #expect(self.scene.answer(id) == nil)
    }

    @Test("what is sealed to somebody else is left to them")
    func anotherReceiver() async throws {
        let authority = CertificateAuthority(name: "Home CA", key: .generate())
        let other = try ExchangeScene.key("south:custodian:x", from: authority, at: self.scene.clock.now / 1_000)
        var fault = ExchangeScene.Fault()
        fault.receiver = try CertifiedKey(other.certificate, from: other.issuer)
        let id = try self.scene.bring(self.scene.request(), fault)
        let mine = self.scene.request()
        try self.scene.bring(mine)
        try await self.scene.settle()
        #expect(try self.scene.item(id) == nil)
        #expect(try await self.scene.chain.request(mine.request) != nil)
    }

    /// What is changed in an honest exchange, and the word that it is refused with.
    static let faults: [(String, String, @Sendable (inout ExchangeScene.Fault) -> Void)] = [
        ("a sealed request of another share request", "not-opened", { $0.sealedUnder = id(6) }),
        ("a sealed request for another service", "not-opened", { $0.service = "hub:others:share" }),
        ("a flipped bit of the ciphertext", "not-opened", { $0.edit = { Self.flipping($0, at: $0.count - 1) } }),
        ("a flipped bit of the ephemeral key", "not-opened", { $0.edit = { Self.flipping($0, at: 40) } }),
        ("an ephemeral key that is no point", "not-opened", { $0.edit = { Self.setting($0, at: 37, to: 9) } }),
        ("more behind the content", "not-opened", { $0.edit = { $0 + [UInt8](repeating: 0, count: 1_024) } }),
        ("another request than the digest's", "another-request", { ($0.share, $0.sealedUnder) = (id(7), id(7)) }),
    ]

    static func id(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }

    static func flipping(_ bytes: [UInt8], at place: Int) -> [UInt8] {
        var bytes = bytes
        bytes[place] ^= 1
        return bytes
    }

    static func setting(_ bytes: [UInt8], at place: Int, to value: UInt8) -> [UInt8] {
        var bytes = bytes
        bytes[place] = value
        return bytes
    }

    @Test("what cannot be filed is refused with a reason, and ends as failed when its time is over", arguments: 0..<7)
    func faulty(number: Int) async throws {
        let (what, code, change) = Self.faults[number]
        var fault = ExchangeScene.Fault()
        change(&fault)
        let access = self.scene.request(seconds: 600)
        let id = try self.scene.bring(access, expiry: access.expires / 1_000, fault)
        try await self.scene.settle()
        let item = try #require(try self.scene.item(id), "\(what)")
        #expect(item.state == .refused && item.code == code, "\(what): \(item.code) \(item.reason)")
        #expect(self.scene.chain.filings == 0 && self.scene.answer(id) == nil)
        self.scene.wait(seconds: 700)
        try await self.scene.settle()
        #expect(self.scene.answer(id) == .receiptFailure, "\(what)")
        #expect(try self.scene.item(id)?.state == .ended && self.scene.item(id)?.code == code)
    }

    @Test("bytes that no version of this desk reads are passed over", arguments: [0, 4, 36, 37, 85, 86, 1_109])
    func cut(length: Int) async throws {
        var fault = ExchangeScene.Fault()
        fault.edit = { Array($0.prefix(length)) }
        let id = try self.scene.bring(self.scene.request(), fault)
        let mine = self.scene.request()
        try self.scene.bring(mine)
        try await self.scene.settle()
        #expect(try self.scene.item(id) == nil)
        // Whoever comes behind it is not held up.
        #expect(try await self.scene.chain.request(mine.request) != nil)
    }

    @Test("another organization's data is refused")
    func anotherOrganization() async throws {
        let id = try self.scene.bring(self.scene.request(organization: "east"))
        try await self.scene.settle()
        #expect(try self.scene.item(id)?.code == "another-organization")
        #expect(self.scene.chain.filings == 0)
    }

    @Test("a transaction that asks for nothing is refused")
    func noRequest() async throws {
        let access = self.scene.request()
        let inner = try self.scene.transaction(DenyAccess(request: access.request))
        let id = try self.scene.bring(access, as: inner)
        try await self.scene.settle()
        #expect(try self.scene.item(id)?.code == "not-a-request" && self.scene.chain.filings == 0)
    }

    @Test("a request that the contract rejects is refused with its word")
    func rejected() async throws {
        // No chain takes a request that stays open for years.
        let id = try self.scene.bring(self.scene.request(seconds: 100_000_000))
        try await self.scene.settle()
        #expect(try self.scene.item(id)?.code == "time-out-of-range")
        #expect(try self.scene.item(id)?.state == .refused)
    }

    @Test(
        "a request whose transaction is too old is refused with the validators' word, and may still be filed otherwise"
    )
    func tooLate() async throws {
        let access = self.scene.request()
        let id = try self.scene.bring(access, as: try self.scene.transaction(access, seconds: 10))
        self.scene.wait(seconds: 60)
        try await self.scene.settle()
        #expect(try self.scene.item(id)?.code == "expired")
        try self.scene.chain.commit(try self.scene.transaction(access))
        self.scene.wait(seconds: 700)
        try await self.scene.settle()
        #expect(try self.scene.item(id)?.state == .filed)
        try await self.scene.chain.permit(access.request, until: self.scene.chain.now + 1_000_000)
        self.scene.wait(seconds: 60)
        try await self.scene.settle()
        #expect(self.scene.answer(id) == .receiptSuccess)
    }

    @Test("what the requester filed directly is not filed again")
    func filedAlready() async throws {
        let access = self.scene.request()
        try self.scene.chain.commit(try self.scene.transaction(access))
        let id = try self.scene.bring(access)
        try await self.scene.settle()
        #expect(try self.scene.item(id)?.state == .filed && self.scene.chain.filings == 0)
    }

    @Test("an answer that somebody else gave is no failure")
    func answeredByOthers() async throws {
        let access = self.scene.request()
        let id = try self.scene.bring(access)
        try await self.scene.settle()
        try await self.scene.chain.permit(access.request, until: self.scene.chain.now + 1_000_000)
        try self.scene.chain.call(FinishCall(id: id, request: access.request), by: self.scene.gateway)
        self.scene.wait(seconds: 60)
        try await self.scene.settle()
        #expect(try self.scene.item(id)?.state == .ended && self.scene.item(id)?.code == "success")
        #expect(self.scene.chain.answers.count == 1)
    }

    @Test("a chain that is away refuses nobody")
    func away() async throws {
        let access = self.scene.request()
        let id = try self.scene.bring(access)
        try await self.scene.desk.follow()
        self.scene.chain.fail()
        try await self.scene.desk.work()
        #expect(try self.scene.item(id)?.state == .filing && self.scene.item(id)?.attempts == 1)
        self.scene.chain.fail(false)
        self.scene.wait(seconds: 60)
        try await self.scene.settle()
        #expect(try self.scene.item(id)?.state == .filed)
    }

    @Test("what a lagging validator left out is found when the desk looks again")
    func leftOut() async throws {
        let (first, second) = (self.scene.request(), self.scene.request())
        try self.scene.bring(first)
        self.scene.chain.hideLast()
        try self.scene.bring(second)
        try await self.scene.settle()
        self.scene.chain.hideLast(false)
        try await self.scene.settle()
        #expect(try await self.scene.chain.request(first.request) == nil)
        try await self.scene.desk.lookAgain()
        try await self.scene.settle()
        #expect(try await self.scene.chain.request(first.request) != nil)
        #expect(try await self.scene.chain.request(second.request) != nil && self.scene.chain.filings == 2)
    }

    // MARK: - Undone

    @Test("what was undone before it was filed is not filed")
    func undoneEarly() async throws {
        let access = self.scene.request()
        let id = try self.scene.bring(access)
        self.scene.chain.undo(id)
        try await self.scene.settle()
        #expect(try self.scene.item(id)?.state == .undone)
        #expect(try await self.scene.chain.request(access.request) == nil)
    }

    @Test("an open request whose exchange is undone is denied: nobody waits for it any more")
    func undoneOpen() async throws {
        let access = self.scene.request()
        let id = try self.scene.bring(access)
        try await self.scene.settle()
        self.scene.chain.undo(id)
        self.scene.wait(seconds: 60)
        try await self.scene.settle()
        #expect(try self.scene.item(id)?.state == .undone)
        #expect(try await self.scene.chain.request(access.request)?.status == .denied)
    }

    @Test("a permission that came too late for its exchange is revoked")
    func undonePermitted() async throws {
        let access = self.scene.request()
        let id = try self.scene.bring(access)
        try await self.scene.settle()
        try await self.scene.chain.permit(access.request, until: self.scene.chain.now + 1_000_000)
        self.scene.chain.undo(id)
        self.scene.wait(seconds: 60)
        try await self.scene.settle()
        #expect(try self.scene.item(id)?.state == .undone)
        let permission = try #require(try await self.scene.chain.request(access.request)).permission
        #expect(try #require(try await self.scene.chain.permission(permission)).revoked > 0)
    }
}

@Suite("Requests of other chains, and a desk that is killed") struct ExchangeDeskCrashTests {
    @Test(
        "a desk that is killed around filing files the same request once",
        arguments: [ContractChain.Point.beforeFile, .afterFile]
    )
    func filing(point: ContractChain.Point) async throws {
        let scene = try ExchangeScene()
        let access = scene.request()
        let id = try scene.bring(access)
        scene.chain.hold(at: point)
        try await self.kill(scene)
        #expect(try scene.item(id)?.state == .filed)
        #expect(try await scene.chain.request(access.request)?.status == .open)
    }

    @Test(
        "a desk that is killed around the answer answers once",
        arguments: [ContractChain.Point.beforeFinish, .afterFinish],
        [true, false]
    )
    func finishing(point: ContractChain.Point, isPermitted: Bool) async throws {
        let scene = try ExchangeScene()
        let access = scene.request()
        let id = try scene.bring(access)
        try await scene.settle()
        if isPermitted {
            try await scene.chain.permit(access.request, until: scene.chain.now + 1_000_000)
        } else {
            try await scene.chain.deny(access.request)
        }
        scene.wait(seconds: 60)
        scene.chain.hold(at: point)
        try await self.kill(scene)
        #expect(try scene.item(id)?.state == .ended)
        #expect(scene.chain.answers.map(\.type) == [isPermitted ? .receiptSuccess : .receiptFailure])
    }

    @Test("a desk that is killed while it cleans up goes on")
    func undoing() async throws {
        let scene = try ExchangeScene()
        let access = scene.request()
        let id = try scene.bring(access)
        try await scene.settle()
        scene.chain.undo(id)
        scene.wait(seconds: 60)
        scene.chain.hold(at: .afterDeny)
        try await self.kill(scene)
        #expect(try scene.item(id)?.state == .undone)
        #expect(try await scene.chain.request(access.request)?.status == .denied)
    }

    @Test("a desk that was killed between reading and working finds what it took, and takes nothing twice")
    func reading() async throws {
        let scene = try ExchangeScene()
        let accesses = (0..<5).map { _ in scene.request() }
        for access in accesses { try scene.bring(access) }
        #expect(try await scene.desk.follow() == 5)
        try scene.restart()
        #expect(try await scene.desk.follow() == 0)
        try await scene.settle()
        for access in accesses { #expect(try await scene.chain.request(access.request)?.status == .open) }
        #expect(scene.chain.filings == 5)
    }

    /// Runs the desk into the trap, starts another one, and lets that finish.
    private func kill(_ scene: ExchangeScene) async throws {
        try await scene.desk.follow()
        let desk = scene.desk
        let victim = Task { try? await desk.work() }
        await scene.chain.trap.wait()
        try scene.restart()
        scene.wait(seconds: 120)
        try await scene.settle()
        victim.cancel()
        _ = await victim.value
    }
}
