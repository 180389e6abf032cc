import CanonicalBytes
import Certificates
import Consensus
import Contracts
import Credentials
import Ledger
import TestIdentities
import Testing

import enum Ledger.Channel

@testable import ChainInterface

/// The parties of a share at a site, and what they do on the access channel.
private struct Consenting {
    let site: TestSite
    let custodian: Identity
    let patient: Identity
    let researcher: Identity

    init(_ site: TestSite) async throws {
        self.site = site
        self.custodian = try site.authority.enroll("clinic:custodian:c1")
        self.patient = try site.authority.enroll("clinic:patient:p1")
        self.researcher = try site.authority.enroll("clinic:researcher:r1")
        let holder = SetScopeHolder(holder: self.patient.name, scopes: [Self.id(6), Self.id(7)])
        try await self.call(holder, by: self.custodian)
    }

    static func id(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }

    @discardableResult
    func call(_ arguments: some MethodArguments, by identity: Identity) async throws -> TransactionProof {
        let transaction = try self.site.transaction(arguments, by: identity)
        let proof = try TransactionProof(bytes: try await self.site.submit(transaction).body)
        try #require(proof.receipt.code == 0)
        return proof
    }

    func consent(_ byte: UInt8, scopes: [UInt8] = [7]) async throws {
        let arguments = SetConsent(
            consent: Self.id(byte),
            mode: .forbid,
            subject: .scopes(scopes.map(Self.id)),
            validUntil: .max
        )
        try await self.call(arguments, by: self.patient)
    }

    func offer(_ byte: UInt8) async throws {
        let arguments = OfferAccess(
            offer: Self.id(byte),
            scopes: [Self.id(7)],
            grantee: .organization("clinic"),
            purpose: "STUDY",
            permissionSeconds: 60,
            validUntil: .max
        )
        try await self.call(arguments, by: self.patient)
    }

    /// The identifiers of consents and offers that the index channel knows about a scope.
    func known(_ scope: UInt8 = 7) async throws -> [[UInt8]]? {
        let key = SharingKey.consents(of: Self.id(scope), "clinic")
        guard let bytes = try await self.site.value(key, .index) else { return nil }
        return try BroughtConsents(bytes: bytes).consents.entries.map(\.consent)
    }

    func tell() async throws {
        var bringer = self.site.bringer()
        try await bringer.catchUp()
    }

    var told: UInt64 { self.site.backend.height(of: .index) }
}

@Suite struct BringConsentTests {
    @Test("Every event that changes a scope's consents brings them")
    func consents() async throws {
        try await TestSite.with { site in
            let scene = try await Consenting(site)
            try await scene.consent(1, scopes: [6, 7])
            try await scene.tell()
            #expect(try await scene.known(6) == [Consenting.id(1)])
            #expect(try await scene.known(7) == [Consenting.id(1)])
            try await scene.offer(2)
            try await scene.tell()
            #expect(try await scene.known() == [Consenting.id(1), Consenting.id(2)])
            try await scene.call(WithdrawConsent(consent: Consenting.id(1)), by: scene.patient)
            try await scene.tell()
            #expect(try await scene.known() == [Consenting.id(2)])
            #expect(try await scene.known(6) == [])
            try await scene.call(WithdrawOffer(offer: Consenting.id(2)), by: scene.custodian)
            try await scene.tell()
            #expect(try await scene.known() == [])
        }
    }

    @Test("Consents are brought as they are now, once, however many events changed them")
    func once() async throws {
        try await TestSite.with { site in
            let scene = try await Consenting(site)
            for byte in 1...3 as ClosedRange<UInt8> { try await scene.consent(byte) }
            try await scene.tell()
            #expect(try await scene.known() == (1...3).map(Consenting.id))
            #expect(scene.told == 1)
            try await scene.tell()
            #expect(scene.told == 1)
        }
    }

    @Test("A consent about a label brings the label's record, and a scope that comes to be of it the scope's")
    func label() async throws {
        try await TestSite.with { site in
            let scene = try await Consenting(site)
            let label = Consenting.id(2)
            let holder = SetScopeHolder(holder: scene.patient.name, scopes: [label])
            try await scene.call(holder, by: scene.custodian)
            let arguments = SetConsent(
                consent: Consenting.id(1),
                mode: .forbid,
                subject: .label(label),
                validUntil: .max
            )
            try await scene.call(arguments, by: scene.patient)
            try await scene.tell()
            #expect(scene.told == 1)
            #expect(try await scene.known(2) == [Consenting.id(1)])
            #expect(try await scene.known(7) == nil)
            try await scene.call(SetScopeLabel(label: label, scopes: [Consenting.id(7)]), by: scene.custodian)
            try await scene.tell()
            #expect(try await scene.known(7) == [])
            let key = SharingKey.consents(of: Consenting.id(7), "clinic")
            let brought = try #require(try await site.value(key, .index))
            #expect(try BroughtConsents(bytes: brought).consents.label == label)
        }
    }

    @Test("A permission's revocation is brought with its proof, once")
    func permission() async throws {
        try await TestSite.with { site in
            let scene = try await Consenting(site)
            try await scene.offer(1)
            let accept = AcceptOffer(
                offer: Consenting.id(1),
                request: Consenting.id(2),
                scope: Consenting.id(7),
                nonce: Consenting.id(3)
            )
            let proof = try await scene.call(accept, by: scene.researcher)
            let event = try #require(proof.receipt.events.first { $0.topic == Permission.topic })
            let permission = try Permission(bytes: event.data).id
            try await scene.call(RevokePermission(permission: permission), by: scene.custodian)
            try await scene.tell()
            #expect(try await site.value(SharingKey.revokedPermission(permission), .index) != nil)
            let told = scene.told
            try await scene.tell()
            #expect(scene.told == told)
        }
    }

    @Test("Consents that a later committee certified are brought after it, though an earlier block changed them")
    func committees() async throws {
        try await TestSite.with { site in
            let scene = try await Consenting(site)
            var bringer = site.bringer()
            try await bringer.catchUp()
            try await scene.consent(1)
            _ = try await site.handovers(1)
            try await scene.consent(2, scopes: [6])
            try await bringer.catchUp()
            #expect(try await site.backend.handovers(after: 0, on: .index).map(\.next.epoch) == [1])
            #expect(try await scene.known(6) == [Consenting.id(2)])
            #expect(try await scene.known(7) == [Consenting.id(1)])
        }
    }

    @Test("What another validator told meanwhile is not told again")
    func meanwhile() async throws {
        try await TestSite.with { site in
            let scene = try await Consenting(site)
            try await scene.consent(1)
            site.backend.lead(2)
            var patient = site.bringer(Pauses(max: 1))
            await #expect(throws: Pauses.Enough.self) { try await patient.catchUp() }
            #expect(scene.told == 0)
            site.backend.lead(1)
            try await scene.tell()
            site.backend.lead(2)
            try await patient.catchUp()
            #expect(scene.told == 1)
        }
    }
}
