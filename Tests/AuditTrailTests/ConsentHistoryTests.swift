import Certificates
import ChainReading
import Contracts
import Ledger
import Testing

@testable import AuditTrail

@Suite("What stands about sharing, gathered from blocks")
struct ConsentHistoryTests {
    private static let first = [UInt8](repeating: 21, count: 32)
    private static let second = [UInt8](repeating: 22, count: 32)

    private static func consent(
        _ id: [UInt8],
        _ mode: ConsentMode,
        scopes: [[UInt8]] = [Scene.scope],
        request: [UInt8] = SetConsent.anyRequest,
        purpose: String = "",
        until: UInt64 = 50_000
    ) -> SetConsent {
        SetConsent(
            consent: id,
            mode: mode,
            subject: .scopes(scopes),
            request: request,
            purpose: purpose,
            validUntil: until
        )
    }

    private static func emergency() -> EmergencyAccess {
        EmergencyAccess(
            request: Scene.other,
            scope: Scene.scope,
            organization: "hospital-a",
            reason: .life,
            statement: Scene.other,
            nonce: Scene.other
        )
    }

    @Test("Each statement is told with its scopes, purpose and end, and with no patient's name")
    func statements() throws {
        let scene = try Scene()
        let scopes = [Scene.scope, Scene.other]
        try scene.call(scene.patient, Self.consent(Self.first, .require, scopes: scopes), at: 1_000)
        try scene.call(scene.patient, Self.consent(Self.second, .allow, purpose: "study", until: 9_000), at: 2_000)
        let one = Self.consent(Scene.scope, .allow, request: Scene.other)
        try scene.call(scene.custodian, one, at: 3_000)
        try scene.call(scene.custodian, Self.consent(Scene.other, .forbid), at: 4_000)
        let offer = OfferAccess(
            offer: Self.first,
            scopes: [Scene.scope],
            grantee: .party(try #require(.init("hospital-a:patient:p-2"))),
            purpose: "care",
            permissionSeconds: 60,
            validUntil: 20_000
        )
        try scene.call(scene.patient, offer, at: 5_000)
        let notes = scene.consents.notes
        #expect(
            notes.map(\.kind) == [
                .required, .granted(request: nil), .granted(request: Scene.other), .forbidden,
                .offered(to: "hospital-a:patient"),
            ]
        )
        #expect(notes[0].scopes == scopes && notes[1].purpose == "study" && notes[1].validUntil == 9_000)
        #expect(notes.allSatisfy { $0.organization == "hospital-a" && $0.ended == nil })
        let authors = notes.map(\.author)
        let custodian = "hospital-a:custodian:records"
        #expect(authors == ["hospital-a:patient", "hospital-a:patient", custodian, custodian, "hospital-a:patient"])
        #expect(notes[1].stands(at: 9_000) && !notes[1].stands(at: 9_001))
    }

    @Test("What is withdrawn has ended, also when a consent and an offer share their identifier")
    func withdrawn() throws {
        let scene = try Scene()
        try scene.call(scene.patient, Self.consent(Self.first, .require), at: 1_000)
        let offer = OfferAccess(
            offer: Self.first,
            scopes: [Scene.scope],
            grantee: .organization("institute-b"),
            purpose: "study",
            permissionSeconds: 60,
            validUntil: 20_000
        )
        try scene.call(scene.patient, offer, at: 2_000)
        // Refused by the contract: it changes nothing.
        try scene.call(scene.researcher, WithdrawConsent(consent: Self.first), code: 306, at: 2_500)
        try scene.call(scene.patient, WithdrawOffer(offer: Self.first), at: 3_000)
        #expect(scene.consents.notes.map(\.ended) == [nil, 3_000])
        try scene.call(scene.patient, WithdrawConsent(consent: Self.first), at: 4_000)
        #expect(scene.consents.notes.map(\.ended) == [4_000, 3_000])
        #expect(!scene.consents.notes[0].stands(at: 3_500))
    }

    @Test(
        "Access taken in an emergency stands until its permission ends or is revoked; another permission is no consent"
    )
    func emergencies() throws {
        let scene = try Scene()
        try scene.share()
        #expect(scene.consents.notes.isEmpty)
        let permission = try scene.permission(Permission.noBasis, .emergency)
        let event = ContractEvent(topic: Permission.topic, data: permission.bytes)
        try scene.call(scene.researcher, Self.emergency(), code: 820, at: 8_000)
        try scene.call(scene.researcher, Self.emergency(), events: [event], at: 9_000)
        #expect(scene.consents.notes.map(\.kind) == [.emergency("life")])
        #expect(scene.consents.notes[0].validUntil == 90_000 && scene.consents.notes[0].stands(at: 90_000))
        try scene.call(scene.custodian, RevokePermission(permission: permission.id), at: 10_000)
        #expect(scene.consents.notes.map(\.ended) == [10_000])
    }

    @Test("Too many statements: what is over goes before what stands")
    func bounded() throws {
        let scene = try Scene()
        scene.consents = ConsentHistory(notesMax: 8)
        for number in UInt8(1)...9 {
            let id = [UInt8](repeating: number, count: 32)
            let until: UInt64 = number <= 6 ? 2_000 : 900_000
            try scene.call(scene.patient, Self.consent(id, .require, until: until), at: 1_000 * UInt64(number))
        }
        #expect(scene.consents.notes.map(\.validUntil) == [900_000, 900_000, 900_000])
        #expect(scene.consents.hasForgotten)
    }

    @Test("An audit without patients' names has none, in entries, lookups and AuditEvents")
    func unnamed() throws {
        let scene = try Scene()
        try scene.share()
        try scene.call(scene.patient, Self.consent(Self.first, .require), at: 8_000)
        var told = ""
        for entry in scene.unnamed.entries {
            told += entry.what + entry.actor.text
            told += try FHIRAuditEvent.json(entry, of: scene.unnamed, chain: "test")
        }
        #expect(told.contains("holder (hospital-a:patient)") && !told.contains("p-1"))
        #expect(scene.unnamed.party(certified: scene.patient.certificate.digest) == "hospital-a:patient")
        #expect(scene.history.party(certified: scene.patient.certificate.digest) == "hospital-a:patient:p-1")
        #expect(scene.unnamed.entries.map(\.code) == scene.history.entries.map(\.code))
    }

    @Test("An institution is involved as the data's owner and as whoever asks; a scope is found by its first bytes")
    func institution() throws {
        let scene = try Scene()
        try scene.share()
        func codes(_ change: (inout AuditQuery) -> Void) -> [String] {
            var query = AuditQuery()
            change(&query)
            return query.entries(of: scene.history).map(\.code)
        }
        #expect(
            codes { $0.institution = "institute-b" } == ["asked", "permitted", "granted", "delivered", "acknowledged"]
        )
        #expect(codes { $0.institution = "hospital-a" }.count == 7)
        #expect(codes { $0.institution = "cloud" } == ["delivered"] && codes { $0.institution = "institute" }.isEmpty)
        #expect(codes { $0.scope = [1, 1, 1, 1] }.count == 7 && codes { $0.scope = [1, 2] }.isEmpty)
    }

    @Test("A history that forgets keeps its newest entries whole, and completes what comes later")
    func forgetting() throws {
        let scene = try Scene()
        let permission = try scene.share()
        let before = scene.history.entries
        let revision = scene.history.revision
        scene.history.forget(keeping: 3)
        #expect(scene.history.entries == before.suffix(3) && scene.history.hasForgotten)
        #expect(scene.history.revision > revision && scene.history.count == 3)
        try scene.call(scene.custodian, RevokePermission(permission: permission), at: 8_000)
        let last = try #require(scene.history.entries.last)
        #expect(last.code == "permission-revoked" && last.purpose == "study" && last.scopes == [Scene.scope])
        scene.history.forget(keeping: 100)
        #expect(scene.history.count == 4)
    }
}
