import CanonicalBytes
import Certificates
import Ledger
import Testing

@testable import Contracts

@Suite("Consents about labels") struct LabelConsentTests {
    let scene: ShareScene
    private static let patient = "north:patient:p1"
    private static let custodian = "north:custodian:c1"
    private static let center = "east:privacy-center:p1"
    /// Of the scopes 6, 7 and 8.
    private static let label: UInt8 = 70

    init() throws {
        self.scene = try ShareScene()
        try self.consortium.hold([6, 7, Self.label], by: Self.patient)
    }

    private var consortium: Consortium { self.scene.consortium }

    private func labelled(_ scopes: [UInt8], as label: UInt8 = Self.label) -> SetScopeLabel {
        SetScopeLabel(label: id(label), scopes: scopes.map { id($0) })
    }

    @discardableResult
    private func state(
        _ byte: UInt8,
        _ mode: ConsentMode,
        purpose: String = "",
        scope: UInt8? = nil,
        by author: String = Self.patient
    ) throws -> UInt16 {
        let arguments = SetConsent(
            consent: id(byte),
            mode: mode,
            subject: scope.map { .scopes([id($0)]) } ?? .label(id(Self.label)),
            purpose: purpose,
            validUntil: .max
        )
        return try self.consortium.call(arguments, by: author)
    }

    private func withdraw(_ byte: UInt8) throws -> UInt16 {
        try self.consortium.call(WithdrawConsent(consent: id(byte)), by: Self.patient)
    }

    /// Asks for a scope's data; returns what a steward's permission gets.
    private func permit(_ byte: UInt8, scope: UInt8 = 7) throws -> UInt16 {
        let now = self.consortium.access.now
        let request = RequestAccess(
            request: id(byte),
            scope: id(scope),
            policy: id(8),
            organization: "north",
            purpose: "TREAT",
            nonce: id(9),
            expires: now + 10_000
        )
        try #require(try self.consortium.call(request, by: self.scene.receiver) == 0)
        let permit = PermitAccess(request: id(byte), validUntil: now + 1_000_000)
        return try self.consortium.call(permit, by: "north:steward:s1")
    }

    /// Brings what the access channel holds about a scope, or a label, to the index channel.
    private func bring(_ digest: UInt8) throws -> UInt16 {
        let key = AccessKey.consents(of: id(digest), "north")
        let arguments = BringConsents(proof: try self.consortium.access.prove(key))
        return try self.consortium.call(arguments, by: "south:operator:o1")
    }

    private func deliver(_ list: UInt8) throws -> UInt16 {
        try self.consortium.call(self.scene.delivery(list, under: 1), by: Self.center)
    }

    @Test("a custodian or an institution says once of which label scopes are, and nobody changes it")
    func labels() throws {
        let cases: [(SetScopeLabel, String, RejectionCode?)] = [
            (self.labelled([6, 7]), "north:steward:s1", .notAllowed),
            (self.labelled([6, 7]), Self.patient, .notAllowed),
            (self.labelled([6, 7]), Self.custodian, nil), (self.labelled([6, 7]), Self.custodian, .labelKnown),
            (self.labelled([6, 7, 8]), "north:institution:i1", nil),
            (self.labelled([7], as: 71), Self.custodian, .anotherLabel),
            // Nothing of a call that is refused is kept.
            (self.labelled([5, 7], as: 71), Self.custodian, .anotherLabel), (self.labelled([5]), Self.custodian, nil),
            // Another organization's scope of the same digest is another scope.
            (self.labelled([7], as: 71), "south:custodian:c1", nil),
        ]
        for (place, (arguments, caller, expected)) in cases.enumerated() {
            #expect(try self.consortium.call(arguments, by: caller) == expected?.number ?? 0, "case \(place)")
        }
        for (organization, label) in [("north", Self.label), ("south", 71)] as [(String, UInt8)] {
            let key = AccessKey.consents(of: id(7), organization)
            #expect(try self.consortium.access.record(ScopeConsents.self, at: key)?.label == id(label))
        }
        let event = try #require(self.consortium.access.blocks.last?.receipts[0].events.first)
        let change = try #require(ConsentChange(topic: event.topic, data: event.data))
        #expect(event.topic == "access.scope-label" && change.id == id(71) && change.scopes == [id(7)])
    }

    @Test("a consent about a label binds the scopes of before and of after, and no others")
    func scopes() throws {
        try #require(try self.consortium.call(self.labelled([7]), by: Self.custodian) == 0)
        #expect(try self.permit(10) == 0)
        #expect(try self.state(1, .forbid) == 0)
        let event = try #require(self.consortium.access.blocks.last?.receipts[0].events.first)
        #expect(try ConsentSet(bytes: event.data).change.scopes == [id(Self.label)])
        #expect(try self.permit(11) == RejectionCode.labelForbids.number)
        #expect(try self.permit(12, scope: 6) == 0)
        try #require(try self.consortium.call(self.labelled([6]), by: Self.custodian) == 0)
        #expect(try self.permit(13, scope: 6) == RejectionCode.labelForbids.number)
        #expect(try self.permit(14, scope: 5) == 0)
        #expect(try self.withdraw(1) == 0)
        #expect(try self.permit(15, scope: 6) == 0)
    }

    @Test("only who holds the label, or a custodian, speaks for it")
    func authors() throws {
        #expect(try self.state(1, .forbid, by: "north:patient:p2") == RejectionCode.notTheHolder.number)
        #expect(try self.state(1, .forbid, by: "south:patient:p1") == RejectionCode.notTheHolder.number)
        #expect(try self.state(1, .forbid, by: "north:steward:s1") == RejectionCode.notAllowed.number)
        #expect(try self.state(1, .forbid, by: "south:custodian:c1") == 0)
        try #require(try self.consortium.call(self.labelled([7]), by: Self.custodian) == 0)
        // The other organization's custodian spoke for a label of its own.
        #expect(try self.permit(10) == 0)
        #expect(try self.state(2, .require, by: Self.custodian) == 0)
        #expect(try self.permit(11) == RejectionCode.labelConsentRequired.number)
    }

    @Test("a label's requiring consent takes the allowing one of the label or of the scope")
    func requiring() throws {
        try #require(try self.consortium.call(self.labelled([6, 7]), by: Self.custodian) == 0)
        try #require(try self.state(1, .require) == 0)
        #expect(try self.permit(10) == RejectionCode.labelConsentRequired.number)
        try #require(try self.state(2, .allow, purpose: "TREAT", scope: 7) == 0)
        #expect(try self.permit(11) == 0)
        #expect(try self.permit(12, scope: 6) == RejectionCode.labelConsentRequired.number)
        try #require(try self.state(3, .allow, purpose: "TREAT") == 0)
        #expect(try self.permit(13, scope: 6) == 0)
        // Who asks to be asked about this one scope meant more than what she allowed for all.
        try #require(try self.state(4, .require, scope: 6) == 0)
        #expect(try self.permit(14, scope: 6) == RejectionCode.consentRequired.number)
        // What was withdrawn at the label leaves what was said of the scope.
        #expect(try self.withdraw(3) == 0)
        #expect(try self.permit(15) == 0)
    }

    @Test("the index channel refuses grants and deliveries once label and consent were brought")
    func brought() throws {
        try self.scene.share(1)
        #expect(try self.deliver(1) == 0)
        try #require(try self.state(1, .forbid) == 0)
        #expect(try self.bring(Self.label) == 0)
        // The channel does not know of which label the scope is.
        #expect(try self.deliver(2) == 0)
        try #require(try self.consortium.call(self.labelled([7]), by: Self.custodian) == 0)
        #expect(try self.bring(7) == 0)
        #expect(try self.deliver(3) == RejectionCode.consentObjects.number)
        #expect(try self.withdraw(1) == 0)
        #expect(try self.deliver(4) == RejectionCode.consentObjects.number)
        #expect(try self.bring(Self.label) == 0)
        #expect(try self.deliver(5) == 0)
    }

    @Test("an emergency passes a label that forbids, an offer does not")
    func kinds() throws {
        try #require(try self.consortium.call(self.labelled([7]), by: Self.custodian) == 0)
        let offer = OfferAccess(
            offer: id(1),
            scopes: [id(7)],
            grantee: .certificate(self.scene.receiver.certificate.digest),
            purpose: "STUDY",
            permissionSeconds: 3_600,
            validUntil: .max
        )
        try #require(try self.consortium.call(offer, by: Self.patient) == 0)
        try #require(try self.state(1, .forbid) == 0)
        let accept = AcceptOffer(offer: id(1), request: id(1), scope: id(7), nonce: id(9))
        #expect(try self.consortium.call(accept, by: self.scene.receiver) == RejectionCode.labelForbids.number)
        let emergency = EmergencyAccess(
            request: id(2),
            scope: id(7),
            organization: "north",
            reason: .life,
            statement: id(5),
            nonce: id(9)
        )
        #expect(try self.consortium.call(emergency, by: "south:clinician:d1") == 0)
    }

    @Test("records of before there were labels are read as they were, and written as they were")
    func oldRecords() throws {
        try #require(try self.state(1, .forbid, scope: 7) == 0)
        let key = AccessKey.consents(of: id(7), "north")
        let record = try #require(try self.consortium.access.record(ScopeConsents.self, at: key))
        var writer = CanonicalWriter()
        writer.u16(1)
        writer.raw(id(1))
        writer.u8(3)
        writer.raw(SetConsent.anyRequest)
        writer.lengthPrefixed("")
        writer.u64(.max)
        writer.lengthPrefixed(Self.patient)
        #expect(record.bytes == writer.bytes && record.label == nil)
        #expect(try ScopeConsents(bytes: writer.bytes) == record)
    }
}
