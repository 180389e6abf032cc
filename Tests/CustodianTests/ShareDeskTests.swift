import CanonicalBytes
import Certificates
import ChainReading
import Contracts
import GRDB
import Ledger
import P256Group
import Signcryption
import Synchronization
import Testing
import Transcripts

@testable import Custodian

@Suite struct ShareDeskTests {
    private static let grantAll = "  - {name: all, action: grant, days_max: 7}"
    private static let two = "  - {name: two, action: queue, approvals: 2}"
    private let eve = PartyName("north:steward:eve")
    private let dan = PartyName("north:steward:dan")

    // MARK: By rule

    @Test func `a proven permission that a rule grants is granted, sent and recorded`() async throws {
        let test = try TestDesk(Self.grantAll)
        let scope = try test.scope()
        let permission = try test.permit(scope.digest)
        try await test.settle()
        let item = try test.item(permission.id)
        #expect(item.state == .recorded)
        #expect(item.rule == "all")
        let order = try #require(test.post.state.withLock { $0.orders }.first)
        #expect(order.receiverCertificate == test.researcher.certificate.bytes)
        #expect(order.receiverIssuer == test.authority.issuer)
        #expect(order.scope == scope)
        // The rule's days are fewer than the permission's one... the permission of a day ends first.
        #expect(order.notAfter == permission.validUntil / 1_000)
        #expect(test.chain.state.withLock { $0.grants[permission.id] } == item.outcome)
        #expect(test.post.state.withLock { $0.sent[permission.id] } == Set(test.centers))
    }

    @Test func `a grant ends after the days of its rule`() async throws {
        let test = try TestDesk(Self.grantAll)
        let permission = try test.permit(try test.scope().digest, seconds: 30 * 86_400)
        try await test.settle()
        let order = try #require(test.post.state.withLock { $0.orders }.first)
        #expect(order.notAfter == test.clock.now / 1_000 + 7 * 86_400)
        #expect(try test.item(permission.id).state == .recorded)
    }

    @Test func `a pseudonym's grant is for the certificate that signed, under the pseudonym authority`() async throws {
        let test = try TestDesk(Self.grantAll)
        let pseudonym = try TestRequester("", from: test.pseudonyms, at: TestDesk.start / 1_000)
        let permission = try test.permit(try test.scope().digest, by: pseudonym)
        try await test.settle()
        let order = try #require(test.post.state.withLock { $0.orders }.first)
        #expect(order.receiverCertificate == pseudonym.certificate.bytes)
        #expect(order.receiverIssuer == test.pseudonyms.issuer)
        #expect(try test.item(permission.id).requester.isEmpty)
    }

    @Test func `a certificate of an authority that the genesis does not know gets nothing`() async throws {
        let test = try TestDesk(Self.grantAll)
        let other = CertificateAuthority(name: "Nobody's CA", key: .generate())
        let stranger = try TestRequester("south:researcher:mallory", from: other, at: TestDesk.start / 1_000)
        let permission = try test.permit(try test.scope().digest, by: stranger)
        try await test.settle()
        #expect(try test.item(permission.id).state == .refused)
        #expect(test.chain.state.withLock { $0.refusals[permission.id] } == "certificate-unusable")
        #expect(test.post.state.withLock { $0.orders.isEmpty })
    }

    @Test func `what a rule refuses is refused on the chain`() async throws {
        let test = try TestDesk("  - {name: none, action: refuse}")
        let permission = try test.permit(try test.scope().digest)
        try await test.settle()
        #expect(try test.item(permission.id).state == .refused)
        #expect(test.chain.state.withLock { $0.refusals[permission.id] } == "refused-by-rule")
        let eve = try #require(self.eve)
        #expect(throws: ShareDecisionError.notNow(.refused)) {
            try test.desk.approve(permission.id, by: eve, days: nil)
        }
    }

    @Test func `no rule stops what a patient offers`() async throws {
        let test = try TestDesk("  - {name: none, action: refuse}")
        let permission = try test.permit(try test.scope().digest, kind: .offered, basis: SecureRandom.bytes(32))
        try await test.settle()
        #expect(try test.item(permission.id).state == .recorded)
    }

    @Test func `a scope that is none of the custodian's, or for epoch keys, is refused`() async throws {
        let test = try TestDesk(Self.grantAll)
        let foreign = try test.permit(SecureRandom.bytes(32))
        let keys = try test.permit(try test.scope("0a1b.vitals.epoch-keys").digest)
        try await test.settle()
        #expect(test.chain.state.withLock { $0.refusals[foreign.id] } == "another-scope")
        #expect(test.chain.state.withLock { $0.refusals[keys.id] } == "another-scope")
        #expect(test.post.state.withLock { $0.orders.isEmpty })
    }

    @Test(arguments: [
        ChainReadingError.Reason.permissionRevoked, .permissionExpired, .consentForbids, .consentRequired,
        .labelForbids, .labelConsentRequired, .certificateRevoked, .noPermission,
    ])
    func `what does not stand on the chain is refused with the chain's reason`(
        reason: ChainReadingError.Reason
    ) async throws {
        let test = try TestDesk(Self.grantAll)
        let permission = try test.permit(try test.scope().digest)
        test.chain.state.withLock { $0.standing[permission.id] = reason }
        try await test.settle()
        #expect(try test.item(permission.id).state == .refused)
        #expect(test.chain.state.withLock { $0.refusals[permission.id] } == reason.rawValue)
        #expect(test.post.state.withLock { $0.orders.isEmpty })
    }

    @Test(arguments: [(ShareKind.proven, false), (.emergency, true)])
    func `a patient's scope is granted only once the chain knows of which label it is, but for an emergency`(
        kind: ShareKind,
        isGranted: Bool
    ) async throws {
        let test = try TestDesk(Self.grantAll)
        let scope = try test.scope()
        let data = DatasetStore(queue: test.desk.store.queue)
        try data.keepHolder("north:patient:p1", prefix: "0a1b")
        let permission = try test.permit(scope.digest, kind: kind == .emergency ? .emergency : .proven)
        if kind == .emergency { try test.desk.state("help", by: "south:clinician:d", for: permission.id) }
        try await test.settle()
        #expect(try test.item(permission.id).state == (isGranted ? .recorded : .approved))
        let label = test.custodian.labelDigest(scope.label)
        try data.markLabelled([scope.digest], as: label)
        try data.markHeld([scope.digest, label], by: "north:patient:p1")
        test.clock.advance(seconds: 60)
        try await test.settle()
        #expect(try test.item(permission.id).state == .recorded)
    }

    @Test func `an unreachable chain refuses nobody`() async throws {
        let test = try TestDesk(Self.grantAll)
        let permission = try test.permit(try test.scope().digest)
        test.chain.state.withLock { $0.standing[permission.id] = .chainUnavailable }
        try await test.settle()
        let item = try test.item(permission.id)
        #expect(item.state == .approved)
        #expect(item.attempts == 1)
        #expect(item.nextTry > test.clock.now)
        test.chain.state.withLock { $0.standing[permission.id] = nil }
        try await test.settle()
        #expect(try test.item(permission.id).state == .approved)
        test.clock.advance(seconds: 60)
        try await test.settle()
        #expect(try test.item(permission.id).state == .recorded)
    }

    // MARK: Stewards

    @Test func `without a rule one steward decides`() async throws {
        let test = try TestDesk()
        let permission = try test.permit(try test.scope().digest)
        try await test.settle()
        #expect(try test.item(permission.id).state == .waiting)
        _ = try test.desk.approve(permission.id, by: #require(self.eve), days: 2)
        try await test.settle()
        #expect(try test.item(permission.id).state == .recorded)
        #expect(try test.item(permission.id).daysMax == 2)
    }

    @Test func `two different stewards must agree where the rule says so`() async throws {
        let test = try TestDesk(Self.two)
        let (eve, dan) = (try #require(self.eve), try #require(self.dan))
        let permission = try test.permit(try test.scope().digest)
        try await test.settle()
        _ = try test.desk.approve(permission.id, by: eve, days: nil)
        #expect(throws: ShareDecisionError.sameSteward) {
            try test.desk.approve(permission.id, by: eve, days: nil)
        }
        try await test.settle()
        #expect(try test.item(permission.id).state == .waiting)
        #expect(test.post.state.withLock { $0.orders.isEmpty })
        // The first consent is on the disk.
        try test.restart()
        _ = try test.desk.approve(permission.id, by: dan, days: nil)
        try await test.settle()
        #expect(try test.item(permission.id).state == .recorded)
        #expect(
            try test.desk.store.approvals(of: permission.id).map(\.steward) == [
                "north:steward:dan", "north:steward:eve",
            ]
        )
    }

    @Test func `one steward who denies is enough, and another may take it up again with all consents`() async throws {
        let test = try TestDesk(Self.two)
        let (eve, dan) = (try #require(self.eve), try #require(self.dan))
        let permission = try test.permit(try test.scope().digest)
        try await test.settle()
        _ = try test.desk.approve(permission.id, by: eve, days: nil)
        _ = try test.desk.deny(permission.id, by: dan)
        try await test.settle()
        #expect(test.chain.state.withLock { $0.refusals[permission.id] } == "denied-by-steward")
        _ = try test.desk.approve(permission.id, by: dan, days: nil)
        try await test.settle()
        #expect(try test.item(permission.id).state == .waiting)
        _ = try test.desk.approve(permission.id, by: eve, days: nil)
        try await test.settle()
        #expect(try test.item(permission.id).state == .recorded)
    }

    @Test func `an approved request is permitted in the custodian's name and needs no second approval`() async throws {
        let test = try TestDesk(Self.two)
        let request = try test.ask(try test.scope().digest)
        try await test.settle()
        #expect(try test.item(request).state == .waiting)
        _ = try test.desk.approve(request, by: #require(self.eve), days: nil)
        _ = try test.desk.approve(request, by: #require(self.dan), days: 5)
        try await test.settle()
        let permitted = test.chain.state.withLock { $0.permitted }
        #expect(permitted.map(\.request) == [request])
        #expect(permitted.first?.until == test.clock.now + 5 * 86_400_000)
        let permission = try test.decide(request, decider: "north:custodian:records")
        try await test.settle()
        #expect(try test.item(permission.id).state == .recorded)
        #expect(try test.item(request).outcome == permission.id)
    }

    @Test func `a permission that somebody else decided goes by the rules`() async throws {
        let test = try TestDesk(Self.two)
        let request = try test.ask(try test.scope().digest)
        try await test.settle()
        let permission = try test.decide(request, decider: "north:steward:eve")
        try await test.settle()
        #expect(try test.item(permission.id).state == .waiting)
        #expect(try test.item(request).state == .permitted)
        #expect(try test.item(permission.id).certificate == test.researcher.certificate.bytes)
    }

    @Test func `a denied request is denied on the chain`() async throws {
        let test = try TestDesk()
        let request = try test.ask(try test.scope().digest)
        try await test.settle()
        _ = try test.desk.deny(request, by: #require(self.eve))
        try await test.settle()
        #expect(test.chain.state.withLock { $0.denied } == [request])
        #expect(try test.item(request).state == .denied)
    }

    @Test func `a request that a rule grants is permitted without anybody`() async throws {
        let test = try TestDesk(Self.grantAll)
        let request = try test.ask(try test.scope().digest)
        try await test.settle()
        #expect(test.chain.state.withLock { $0.permitted.map(\.request) } == [request])
        #expect(test.chain.state.withLock { $0.permitted.first?.until } == test.clock.now + 7 * 86_400_000)
    }

    @Test func `what nobody decides in time is over`() async throws {
        let test = try TestDesk()
        let request = try test.ask(try test.scope().digest)
        let permission = try test.permit(try test.scope().digest, seconds: 3_600)
        try await test.settle()
        test.clock.advance(seconds: 3_602)
        try await test.settle()
        #expect(try test.item(request).state == .lapsed)
        #expect(try test.item(permission.id).state == .lapsed)
        let eve = try #require(self.eve)
        #expect(throws: ShareDecisionError.notNow(.lapsed)) {
            try test.desk.approve(permission.id, by: eve, days: nil)
        }
    }

    // MARK: Emergencies

    @Test func `an emergency is told and granted when its reason comes`() async throws {
        let test = try TestDesk("  - {name: none, action: refuse}")
        let permission = try test.permit(
            try test.scope().digest,
            kind: .emergency,
            purpose: EmergencyAccess.purpose,
            basis: try EmergencyStatement.digest(of: "resuscitation")
        )
        try await test.settle()
        #expect(try test.item(permission.id).state == .statement)
        #expect(test.desk.notice.count == 1)
        #expect(test.post.state.withLock { $0.orders.isEmpty })
        try test.desk.state("resuscitation", by: "north:clinician:joe", for: permission.id)
        try await test.settle()
        #expect(try test.item(permission.id).state == .recorded)
        #expect(test.desk.notice.count == 1)
    }

    @Test func `a reason that came before the desk saw the permission counts`() async throws {
        let test = try TestDesk()
        let permission = try test.permit(try test.scope().digest, kind: .emergency)
        try test.desk.state("resuscitation", by: "north:clinician:joe", for: permission.id)
        try await test.settle()
        #expect(try test.item(permission.id).state == .recorded)
    }

    @Test func `an emergency without a reason is refused at its end`() async throws {
        let test = try TestDesk()
        let permission = try test.permit(try test.scope().digest, kind: .emergency, seconds: 3_600)
        try await test.settle()
        test.clock.advance(seconds: 3_602)
        try await test.settle()
        #expect(test.chain.state.withLock { $0.refusals[permission.id] } == "statement-missing")
    }

    @Test func `a rule that names emergencies refuses them, and they are told all the same`() async throws {
        let test = try TestDesk("  - {name: none, kinds: [emergency], action: refuse}")
        let permission = try test.permit(try test.scope().digest, kind: .emergency)
        try await test.settle()
        #expect(test.chain.state.withLock { $0.refusals[permission.id] } == "refused-by-rule")
        #expect(test.desk.notice.count == 1)
    }

    // MARK: Privacy centers

    @Test func `centers that are away get the grant later; with too few nothing is recorded`() async throws {
        let test = try TestDesk(Self.grantAll, threshold: 1)
        test.post.state.withLock { $0.away = Set(test.centers) }
        let permission = try test.permit(try test.scope().digest)
        try await test.settle()
        #expect(try test.item(permission.id).state == .approved)
        test.post.state.withLock { $0.away = [test.centers[1]] }
        test.clock.advance(seconds: 60)
        try await test.settle()
        let item = try test.item(permission.id)
        #expect(item.state == .recorded)
        #expect(item.missing == [test.centers[1]])
        test.post.state.withLock { $0.away = [] }
        test.clock.advance(seconds: 60)
        try await test.settle()
        #expect(try test.item(permission.id).missing.isEmpty)
        #expect(test.post.state.withLock { $0.sent[permission.id] } == Set(test.centers))
        #expect(test.post.state.withLock { $0.orders.count } == 1)
    }

    @Test func `revoking ends permission, grant and the centers' packages`() async throws {
        let test = try TestDesk(Self.grantAll)
        let permission = try test.permit(try test.scope().digest)
        try await test.settle()
        let eve = try #require(self.eve)
        _ = try test.desk.revoke(permission.id, by: eve)
        try await test.settle()
        #expect(try test.item(permission.id).state == .revoked)
        #expect(try test.item(permission.id).code == "revoked-by:north:steward:eve")
        #expect(test.chain.state.withLock { $0.revoked } == [permission.id])
        #expect(test.post.state.withLock { $0.withdrawn } == [permission.id])
        #expect(try test.desk.revoke(permission.id, by: eve).state == .revoked)
    }

    // MARK: Following

    @Test func `entries that nobody proves, of other organizations or rejected, move nothing and stop nothing`()
        async throws
    {
        let test = try TestDesk(Self.grantAll)
        let scope = try test.scope().digest
        test.chain.state.withLock { state in
            let place = ChainPlace(height: 1, place: 1)
            state.entries.insert(ChainEntry(place: place, transaction: SecureRandom.bytes(32)), at: 0)
        }
        let elsewhere = try test.ask(scope, organization: "east")
        test.commit(test.researcher.sign(DenyAccess(request: scope)), [], code: 303)
        let permission = try test.permit(scope)
        test.chain.state.withLock { state in
            let place = ChainPlace(height: .max, place: 1)
            state.entries.append(ChainEntry(place: place, transaction: SecureRandom.bytes(32)))
        }
        try await test.settle()
        #expect(try test.desk.store.item(elsewhere) == nil)
        #expect(try test.item(permission.id).state == .recorded)
        // The invention far ahead did not move the place there: what comes next is still seen.
        let later = try test.permit(scope)
        test.chain.state.withLock { $0.entries.sort { $0.place < $1.place } }
        try await test.settle()
        #expect(try test.item(later.id).state == .recorded)
    }

    @Test func `what a lagging validator left out is found when the desk looks again`() async throws {
        let test = try TestDesk(Self.grantAll)
        let scope = try test.scope().digest
        let hidden = try test.permit(scope)
        let entries = test.chain.state.withLock { state in
            let all = state.entries
            state.entries = []
            return all
        }
        let seen = try test.permit(scope)
        try await test.settle()
        #expect(try test.item(seen.id).state == .recorded)
        #expect(try test.desk.store.item(hidden.id) == nil)
        test.chain.state.withLock { $0.entries = entries + $0.entries }
        try await test.settle()
        #expect(try test.desk.store.item(hidden.id) == nil)
        try await test.desk.lookAgain()
        try await test.settle()
        #expect(try test.item(hidden.id).state == .recorded)
    }
}

@Suite struct ShareDeskCrashTests {
    private static let grantAll = "  - {name: all, action: grant}"

    /// Runs the desk into the trap, starts another one, and lets that finish.
    private func kill(_ test: TestDesk, at trap: Trap) async throws {
        try await test.desk.follow()
        let desk = test.desk
        let victim = Task { try? await desk.work() }
        await trap.wait()
        try test.restart()
        test.clock.advance(seconds: 120)
        try await test.settle()
        victim.cancel()
        _ = await victim.value
    }

    @Test(arguments: [TestPost.Point.afterKeep, .afterSend])
    func `a desk that is killed around sending goes on with the same grant`(point: TestPost.Point) async throws {
        let test = try TestDesk(Self.grantAll)
        let permission = try test.permit(try test.scope().digest)
        test.post.hold(at: point)
        try await self.kill(test, at: test.post.trap)
        let kept = try #require(test.post.state.withLock { $0.kept[permission.id] })
        #expect(test.post.state.withLock { $0.orders.count } == 1)
        #expect(test.chain.state.withLock { $0.grants[permission.id] } == kept.digest)
        #expect(test.chain.state.withLock { $0.recordCalls } == 1)
        #expect(try test.item(permission.id).state == .recorded)
    }

    @Test(arguments: [(TestChain.Point.beforeRecord, 1), (.afterRecord, 2)])
    func `a desk that is killed around recording records the same grant`(
        point: TestChain.Point,
        calls: Int
    ) async throws {
        let test = try TestDesk(Self.grantAll)
        let permission = try test.permit(try test.scope().digest)
        test.chain.hold(at: point)
        try await self.kill(test, at: test.chain.trap)
        #expect(test.post.state.withLock { $0.orders.count } == 1)
        #expect(test.chain.state.withLock { $0.recordCalls } == calls)
        let kept = try #require(test.post.state.withLock { $0.kept[permission.id] })
        #expect(test.chain.state.withLock { $0.grants[permission.id] } == kept.digest)
        #expect(try test.item(permission.id).state == .recorded)
    }

    @Test func `a desk that is killed after permitting does not ask the stewards again`() async throws {
        let test = try TestDesk()
        let request = try test.ask(try test.scope().digest)
        try await test.settle()
        let eve = try #require(PartyName("north:steward:eve"))
        _ = try test.desk.approve(request, by: eve, days: nil)
        test.chain.hold(at: .afterPermit)
        let desk = test.desk
        let victim = Task { try? await desk.work() }
        await test.chain.trap.wait()
        // The chain shows the permission to the desk that comes after.
        let permission = try test.decide(request, decider: "north:custodian:records")
        try test.restart()
        try await test.settle()
        #expect(try test.item(permission.id).state == .recorded)
        #expect(try test.item(request).state == .permitted)
        victim.cancel()
        _ = await victim.value
    }

    @Test func `a desk that is killed after a refusal records it once more and rests`() async throws {
        let test = try TestDesk("  - {name: none, action: refuse}")
        let permission = try test.permit(try test.scope().digest)
        test.chain.hold(at: .afterRefuse)
        try await self.kill(test, at: test.chain.trap)
        #expect(try test.item(permission.id).state == .refused)
        #expect(test.chain.state.withLock { $0.refusals[permission.id] } == "refused-by-rule")
    }

    @Test func `a desk that is killed while revoking goes on to the centers`() async throws {
        let test = try TestDesk(Self.grantAll)
        let permission = try test.permit(try test.scope().digest)
        try await test.settle()
        let eve = try #require(PartyName("north:steward:eve"))
        _ = try test.desk.revoke(permission.id, by: eve)
        test.chain.hold(at: .afterRevoke)
        try await self.kill(test, at: test.chain.trap)
        #expect(try test.item(permission.id).state == .revoked)
        #expect(test.post.state.withLock { $0.withdrawn } == [permission.id])
    }

    @Test func `a database of a later version is refused`() throws {
        let test = try TestDesk()
        try test.desk.store.queue.write { try $0.execute(sql: "INSERT INTO schema_version VALUES (99)") }
        #expect(throws: CustodianError.self) { try ShareStore(directory: test.custodian.directory) }
    }
}
