import CanonicalBytes
import Certificates
import Ledger
import Testing

@testable import Contracts

@Suite("Offers") struct OfferTests {
    let consortium: Consortium
    private static let patient = "north:patient:p1"
    private static let researcher = "south:researcher:r1"

    init() throws {
        self.consortium = try Consortium()
        try self.consortium.hold([6, 7], by: Self.patient)
    }

    private var access: TestChannel { self.consortium.access }

    private func offer(
        _ byte: UInt8,
        to grantee: Grantee = .organization("south"),
        scopes: [UInt8] = [7],
        seconds: UInt64 = 3_600,
        until: UInt64 = Consortium.start + 1_000_000
    ) -> OfferAccess {
        OfferAccess(
            offer: id(byte),
            scopes: scopes.map { id($0) },
            grantee: grantee,
            purpose: "STUDY",
            permissionSeconds: seconds,
            validUntil: until
        )
    }

    private func accept(_ offer: UInt8, as request: UInt8, scope: UInt8 = 7) -> AcceptOffer {
        AcceptOffer(offer: id(offer), request: id(request), scope: id(scope), nonce: id(9))
    }

    /// The last block's permission.
    private func permission() throws -> Permission {
        let events = try #require(self.access.blocks.last).receipts[0].events
        return try Permission(bytes: try #require(events.first { $0.topic == Permission.topic }).data)
    }

    @Test("a custodian or an institution names the holder of its organization's scopes, and nobody else does")
    func holders() throws {
        func holder(_ name: String, _ scopes: [UInt8] = [5]) throws -> SetScopeHolder {
            SetScopeHolder(holder: try #require(PartyName(name)), scopes: scopes.map { id($0) })
        }
        let cases: [(SetScopeHolder, String, RejectionCode?)] = [
            (try holder(Self.patient), "north:steward:s1", .notAllowed),
            (try holder(Self.patient), Self.patient, .notAllowed),
            (try holder(Self.patient), "south:custodian:c1", .notAllowed),
            (try holder(Self.patient), "north:institution:i1", nil),
            (try holder(Self.patient), "north:custodian:c1", .holderKnown),
            (try holder(Self.patient, [4, 5]), "north:custodian:c1", nil),
            (try holder("north:patient:p2"), "north:custodian:c1", nil),
        ]
        for (arguments, caller, expected) in cases {
            #expect(try self.consortium.call(arguments, by: caller) == expected?.number ?? 0)
        }
        let record = try self.access.record(ScopeHolder.self, at: AccessKey.holder(of: id(5), "north"))
        #expect(record?.holder == PartyName("north:patient:p2") && record?.namedBy == PartyName("north:custodian:c1"))
        let kept = try self.access.record(ScopeHolder.self, at: AccessKey.holder(of: id(4), "north"))
        #expect(kept?.holder == PartyName(Self.patient))
        #expect(self.access.values.values[AccessKey.holder(of: id(5), "south")] == nil)
    }

    @Test("the holder offers, and an acceptance brings the permission at once")
    func wholeWay() throws {
        #expect(try self.consortium.call(self.offer(1), by: Self.patient) == 0)
        let now = self.access.now
        #expect(try self.consortium.call(self.accept(1, as: 2), by: Self.researcher) == 0)
        let permission = try self.permission()
        #expect(permission.kind == .offered && permission.basis == id(1) && permission.purpose == "STUDY")
        #expect(permission.decider == PartyName(Self.patient) && permission.organization == "north")
        #expect(permission.policy == Permission.noBasis && permission.validUntil == now + 3_600_000)
        #expect(permission.requester == (try self.consortium.party(Self.researcher)).certificate.digest)
        #expect(try self.access.record(Permission.self, at: AccessKey.permission(permission.id)) == permission)
        let request = try self.access.record(AccessRequest.self, at: AccessKey.request(id(2)))
        #expect(request?.status == .permitted && request?.permission == permission.id)
        let consents = try #require(
            try self.access.record(ScopeConsents.self, at: AccessKey.consents(of: id(7), "north"))
        )
        // The entry lasts as long as the last permission that it can bring.
        #expect(
            ConsentJudgement(scope: consents, label: nil).objection(to: permission, at: permission.validUntil) == nil
        )
        #expect(consents.entries.map(\.validUntil) == [Consortium.start + 1_000_000 + 3_600_000])
        #expect(permission.isValid(at: permission.validUntil) && !permission.isValid(at: permission.validUntil + 1))
    }

    @Test("an offer is refused unless its scopes are the author's and its times are in order")
    func refusedOffers() throws {
        let cases: [(OfferAccess, String, RejectionCode?)] = [
            (self.offer(1), "north:custodian:c1", .notAllowed), (self.offer(1), "north:patient:p2", .notTheHolder),
            (self.offer(1), "south:patient:p1", .notTheHolder),
            (self.offer(1, scopes: [7, 8]), Self.patient, .notTheHolder),
            (self.offer(1, until: Consortium.start), Self.patient, .accessTimeOutOfRange),
            (self.offer(1, seconds: 31_536_001), Self.patient, .accessTimeOutOfRange),
            (self.offer(1, scopes: [6, 7]), Self.patient, nil), (self.offer(1), Self.patient, .offerExists),
            (self.offer(2, until: .max), Self.patient, nil),
        ]
        for (arguments, caller, expected) in cases {
            #expect(try self.consortium.call(arguments, by: caller) == expected?.number ?? 0)
        }
        for byte in 3...32 as ClosedRange<UInt8> {
            #expect(try self.consortium.call(self.offer(byte), by: Self.patient) == 0)
        }
        let last = try self.consortium.call(self.offer(33), by: Self.patient)
        #expect(last == RejectionCode.tooManyConsents.number)
    }

    @Test("only the grantee accepts, for an offered scope, in time, once, and not while a consent objects")
    func refusedAcceptances() throws {
        try self.consortium.call(self.offer(1), by: Self.patient)
        try self.consortium.call(self.offer(2, until: self.access.now + 9_000), by: Self.patient)
        let cases: [(AcceptOffer, String, RejectionCode?)] = [
            (self.accept(1, as: 1), "south:gateway:g1", .notAllowed),
            (self.accept(3, as: 1), Self.researcher, .noSuchOffer),
            (self.accept(1, as: 1), "north:researcher:r1", .notTheGrantee),
            (self.accept(1, as: 1, scope: 6), Self.researcher, .scopeNotOffered),
            (self.accept(1, as: 1), Self.researcher, nil),
            (self.accept(1, as: 2), Self.researcher, .offerAcceptedAlready),
            (self.accept(1, as: 1), "south:clinician:d1", .requestExists),
            (self.accept(1, as: 2), "south:clinician:d1", nil),
        ]
        for (arguments, caller, expected) in cases {
            #expect(try self.consortium.call(arguments, by: caller) == expected?.number ?? 0)
        }
        self.access.now += 9_000
        let late = try self.consortium.call(self.accept(2, as: 3), by: Self.researcher)
        #expect(late == RejectionCode.offerExpired.number)

        let forbid = SetConsent(consent: id(1), mode: .forbid, subject: .scopes([id(7)]), validUntil: .max)
        #expect(try self.consortium.call(forbid, by: "north:custodian:c1") == 0)
        let forbidden = try self.consortium.call(self.accept(1, as: 4), by: "south:researcher:r2")
        #expect(forbidden == RejectionCode.consentForbids.number)
    }

    @Test("an acceptance is not repeated, also when its permission was revoked")
    func revokedAcceptance() throws {
        try self.consortium.call(self.offer(1), by: Self.patient)
        try self.consortium.call(self.accept(1, as: 2), by: Self.researcher)
        let revocation = RevokePermission(permission: try self.permission().id)
        #expect(try self.consortium.call(revocation, by: "north:steward:s1") == 0)
        let again = try self.consortium.call(self.accept(1, as: 3), by: Self.researcher)
        #expect(again == RejectionCode.offerAcceptedAlready.number)
    }

    @Test("an offer reaches parties, organizations, holders of attributes and of one certificate, and no others")
    func grantees() throws {
        let enrolled = try self.consortium.pseudonym("ada", attributes: ["role:researcher", "study:x"])
        let other = try self.consortium.pseudonym("eve", attributes: ["org:south", "study:y"])
        let party = try self.consortium.party(Self.researcher)
        let certified = try Consortium.issue(
            by: self.consortium.otherAuthority,
            subject: "south:clinician:d1",
            usage: .sign,
            attributes: ["study:x"]
        )
        let cases: [(Grantee, accepting: [Signer], refused: [Signer])] = [
            (.party(try #require(PartyName(Self.researcher))), [party], [enrolled, other, certified]),
            (.organization("south"), [party, certified], [enrolled, other]),
            (.attribute("study:x"), [enrolled, certified], [other, party]),
            (.certificate(other.certificate.digest), [other], [enrolled, party, certified]),
        ]
        for (place, (grantee, accepting, refused)) in cases.enumerated() {
            let byte = UInt8(place + 1)
            try self.consortium.call(self.offer(byte, to: grantee), by: Self.patient)
            for (number, signer) in refused.enumerated() {
                let code = try self.consortium.call(self.accept(byte, as: byte * 16 + UInt8(number)), by: signer)
                #expect(code == RejectionCode.notTheGrantee.number, "grantee \(place), signer \(number)")
            }
            for (number, signer) in accepting.enumerated() {
                let code = try self.consortium.call(self.accept(byte, as: byte * 16 + 8 + UInt8(number)), by: signer)
                #expect(code == 0, "grantee \(place), signer \(number)")
            }
        }
    }

    @Test("a withdrawn offer brings nothing more, and its permissions are not in force any more")
    func withdrawal() throws {
        try self.consortium.call(self.offer(1, scopes: [6, 7]), by: Self.patient)
        try self.consortium.call(self.accept(1, as: 2), by: Self.researcher)
        let permission = try self.permission()
        // A consent of the same identifier is another thing.
        let consent = SetConsent(consent: id(1), mode: .allow, subject: .scopes([id(7)]), validUntil: .max)
        try self.consortium.call(consent, by: Self.patient)
        #expect(try self.consortium.call(WithdrawConsent(consent: id(1)), by: Self.patient) == 0)
        let key = AccessKey.consents(of: id(7), "north")
        let before = try #require(try self.access.record(ScopeConsents.self, at: key))
        #expect(ConsentJudgement(scope: before, label: nil).objection(to: permission, at: self.access.now) == nil)

        let withdrawal = WithdrawOffer(offer: id(1))
        let cases: [(WithdrawOffer, String, RejectionCode?)] = [
            (WithdrawOffer(offer: id(2)), Self.patient, .noSuchOffer), (withdrawal, "north:steward:s1", .notAllowed),
            (withdrawal, "north:patient:p2", .notAllowed), (withdrawal, "south:custodian:c1", .notAllowed),
            (withdrawal, "north:custodian:c1", nil), (withdrawal, Self.patient, .offerWithdrawn),
        ]
        for (arguments, caller, expected) in cases {
            #expect(try self.consortium.call(arguments, by: caller) == expected?.number ?? 0)
        }
        let late = try self.consortium.call(self.accept(1, as: 3), by: "south:researcher:r2")
        #expect(late == RejectionCode.offerWithdrawn.number)
        let after = try #require(try self.access.record(ScopeConsents.self, at: key))
        let judgement = ConsentJudgement(scope: after, label: nil)
        #expect(judgement.objection(to: permission, at: self.access.now) == .offerWithdrawn)
        #expect(permission.isValid(at: self.access.now))
    }

    @Test("whoever offers has consented; others who require consent are asked all the same")
    func requiredConsents() throws {
        func require(_ byte: UInt8) -> SetConsent {
            SetConsent(consent: id(byte), mode: .require, subject: .scopes([id(7)]), validUntil: .max)
        }
        try self.consortium.call(self.offer(1), by: Self.patient)
        try self.consortium.call(require(1), by: Self.patient)
        #expect(try self.consortium.call(self.accept(1, as: 1), by: Self.researcher) == 0)
        try self.consortium.call(require(2), by: "north:custodian:c1")
        let code = try self.consortium.call(self.accept(1, as: 2), by: "south:researcher:r2")
        #expect(code == RejectionCode.consentRequired.number)
        let allow = SetConsent(
            consent: id(3),
            mode: .allow,
            subject: .scopes([id(7)]),
            purpose: "STUDY",
            validUntil: .max
        )
        try self.consortium.call(allow, by: "north:custodian:c1")
        #expect(try self.consortium.call(self.accept(1, as: 2), by: "south:researcher:r2") == 0)
    }
}
