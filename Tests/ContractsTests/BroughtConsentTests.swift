import CanonicalBytes
import Certificates
import Ledger
import Testing

@testable import Contracts

@Suite("Brought consents") struct BroughtConsentTests {
    let scene: ShareScene

    init() throws { self.scene = try ShareScene() }

    private var consortium: Consortium { self.scene.consortium }
    private static let patient = "north:patient:p1"
    private static let center = "east:privacy-center:p1"

    private func set(_ byte: UInt8, _ mode: ConsentMode, purpose: String = "") throws {
        let arguments = SetConsent(
            consent: id(byte),
            mode: mode,
            subject: .scopes([id(7)]),
            purpose: purpose,
            validUntil: .max
        )
        try #require(try self.consortium.call(arguments, by: Self.patient) == 0)
    }

    private func prove() throws -> BringConsents {
        BringConsents(proof: try self.consortium.access.prove(AccessKey.consents(of: id(7), "north")))
    }

    private func bring(_ arguments: BringConsents) throws -> UInt16 {
        try self.consortium.call(arguments, by: "south:operator:o1")
    }

    private func deliver(_ list: UInt8, under grant: UInt8 = 1) throws -> UInt16 {
        try self.consortium.call(self.scene.delivery(list, under: grant), by: Self.center)
    }

    @Test("a consent that ends after the grant ends its deliveries once it is brought")
    func withdrawn() throws {
        try self.set(1, .require)
        try self.set(2, .allow, purpose: "TREAT")
        try self.scene.share(1)
        #expect(try self.deliver(1) == 0)
        #expect(try self.bring(self.prove()) == 0)
        #expect(try self.deliver(2) == 0)
        try #require(try self.consortium.call(WithdrawConsent(consent: id(2)), by: Self.patient) == 0)
        #expect(try self.deliver(3) == 0)
        #expect(try self.bring(self.prove()) == 0)
        #expect(try self.deliver(4) == RejectionCode.consentObjects.number)
        try self.set(3, .allow, purpose: "TREAT")
        #expect(try self.bring(self.prove()) == 0)
        #expect(try self.deliver(5) == 0)
        try self.set(4, .forbid)
        #expect(try self.bring(self.prove()) == 0)
        #expect(try self.deliver(6) == RejectionCode.consentObjects.number)
        let record = try self.consortium.index.record(
            BroughtConsents.self,
            at: SharingKey.consents(of: id(7), "north")
        )
        #expect(record?.consents.entries.count == 3 && record?.height == self.consortium.access.header.height)
    }

    @Test("consents as they were before the permission do not stand in its way: they were asked then")
    func earlier() throws {
        try self.set(1, .forbid)
        #expect(try self.bring(self.prove()) == 0)
        try #require(try self.consortium.call(WithdrawConsent(consent: id(1)), by: Self.patient) == 0)
        try self.scene.share(1)
        #expect(try self.deliver(1) == 0)
        // A grant on a permission that consents have come to object to is not even recorded.
        let permitted = try self.scene.permit(2)
        try self.set(2, .forbid)
        #expect(try self.bring(self.prove()) == 0)
        let late = try self.consortium.call(self.scene.grant(2, permitted), by: "north:custodian:c1")
        #expect(late == RejectionCode.consentObjects.number)
    }

    @Test("an offer that is withdrawn ends the deliveries under it; an emergency goes on")
    func kinds() throws {
        let offer = OfferAccess(
            offer: id(1),
            scopes: [id(7)],
            grantee: .certificate(self.scene.receiver.certificate.digest),
            purpose: "STUDY",
            permissionSeconds: 3_600,
            validUntil: .max
        )
        try #require(try self.consortium.call(offer, by: Self.patient) == 0)
        let accept = AcceptOffer(offer: id(1), request: id(1), scope: id(7), nonce: id(9))
        try #require(try self.consortium.call(accept, by: self.scene.receiver) == 0)
        let offered = try self.scene.permitted()
        #expect(try self.consortium.call(self.scene.grant(1, offered), by: "north:custodian:c1") == 0)
        let emergency = EmergencyAccess(
            request: id(2),
            scope: id(7),
            organization: "north",
            reason: .life,
            statement: id(5),
            nonce: id(9)
        )
        let clinician = try self.consortium.party("south:clinician:d1")
        try #require(try self.consortium.call(emergency, by: clinician) == 0)
        let taken = try self.scene.permitted()
        #expect(try self.consortium.call(self.scene.grant(2, taken), by: "north:custodian:c1") == 0)
        let grant = try #require(try self.consortium.index.record(Grant.self, at: SharingKey.grant(id(2))))
        #expect(grant.kind == .emergency && grant.basis == id(5) && grant.request == id(2))
        #expect(grant.purpose == "EMERGENCY" && grant.permitted == self.consortium.access.header.height)

        let delivery = self.scene.delivery(2, under: 2, to: clinician)
        #expect(try self.bring(self.prove()) == 0)
        #expect(try self.deliver(1) == 0)
        try #require(try self.consortium.call(WithdrawOffer(offer: id(1)), by: Self.patient) == 0)
        try self.set(3, .forbid)
        #expect(try self.bring(self.prove()) == 0)
        #expect(try self.deliver(3) == RejectionCode.consentObjects.number)
        #expect(try self.consortium.call(delivery, by: Self.center) == 0)
    }

    @Test("newer consents only are brought, also when they are what they once were")
    func order() throws {
        try self.set(1, .allow)
        let first = try self.prove()
        try self.set(2, .forbid)
        let second = try self.prove()
        try #require(try self.consortium.call(WithdrawConsent(consent: id(2)), by: Self.patient) == 0)
        let third = try self.prove()
        #expect(first.proof.value == third.proof.value)
        let cases: [(BringConsents, RejectionCode?)] = [
            (first, nil), (first, .citationOutdated), (third, nil), (second, .citationOutdated),
            (first, .citationOutdated),
        ]
        for (arguments, expected) in cases { #expect(try self.bring(arguments) == expected?.number ?? 0) }
    }

    @Test("nothing but proven consents of the access channel are brought")
    func citations() throws {
        try self.set(1, .allow)
        let access = self.consortium.access
        let whole = try self.prove().proof
        let committee = try self.consortium.committeeChange(1, [1, 2, 3, 5])
        let absent = try access.prove(AccessKey.consents(of: id(6), "north"))
        let parameter = try access.prove(StateKey.issuers)
        let foreign = ValueProof(
            header: self.consortium.index.blocks[0].block.header,
            certificate: self.consortium.index.blocks[0].certificate,
            key: whole.key,
            value: whole.value,
            path: try StateTreePath.of(whole.key, in: access)
        )
        let changed = ValueProof(
            header: whole.header,
            certificate: whole.certificate,
            key: AccessKey.consents(of: id(7), "south"),
            value: whole.value,
            path: try StateTreePath.of(whole.key, in: access)
        )
        let cases: [(ValueProof, RejectionCode?)] = [
            (absent, .citesSomethingElse), (parameter, .citesSomethingElse), (foreign, .badCitation),
            (changed, .badCitation), (whole, nil),
        ]
        for (place, (proof, expected)) in cases.enumerated() {
            #expect(try self.bring(BringConsents(proof: proof)) == expected?.number ?? 0, "case \(place)")
        }
        #expect(try self.consortium.decide(committee) == 0)
        try self.set(2, .allow)
        #expect(try self.bring(self.prove()) == RejectionCode.committeeNotFollowed.number)
        #expect(try self.consortium.call(self.consortium.follow(), by: "north:operator:o1") == 0)
        #expect(try self.bring(self.prove()) == 0)
    }

    @Test("a key of consents names its organization and scope, also when the digest has zeros")
    func keys() throws {
        for scope in [id(0), id(7), [0] + id(1).dropFirst()] {
            let read = try #require(AccessKey.scope(ofConsents: AccessKey.consents(of: scope, "north")))
            #expect(read.organization == "north" && read.scope == scope)
        }
        let wrong = [
            AccessKey.consents(of: [1], "north"), AccessKey.consents(of: id(1), ""), AccessKey.holder(of: id(1), "a"),
            AccessKey.consents(of: id(1) + [1], "north"), AccessKey.consents(of: id(1), "a b"), [],
        ]
        for key in wrong { #expect(AccessKey.scope(ofConsents: key) == nil) }
    }
}
