import CanonicalBytes
import Certificates
import Ledger
import Testing

@testable import Contracts

@Suite("Access") struct AccessTests {
    let consortium: Consortium

    init() throws { self.consortium = try Consortium() }

    private func request(
        _ byte: UInt8,
        scope: UInt8 = 7,
        organization: String = "north",
        expires: UInt64 = Consortium.start + 1_000_000
    ) -> RequestAccess {
        RequestAccess(
            request: id(byte),
            scope: id(scope),
            policy: id(8),
            organization: organization,
            purpose: "TREAT",
            nonce: id(9),
            expires: expires
        )
    }

    private func permit(_ byte: UInt8, until: UInt64 = Consortium.start + 9_000_000) -> PermitAccess {
        PermitAccess(request: id(byte), validUntil: until)
    }

    @Test("a request is permitted by the data's organization, and the event carries the permission")
    func permission() throws {
        let pseudonym = try self.consortium.pseudonym("ada")
        let access = self.consortium.access
        #expect(try self.consortium.call(self.request(1), by: pseudonym) == 0)
        #expect(try self.consortium.call(self.permit(1), by: "north:steward:s1") == 0)
        let event = try #require(access.blocks.last?.receipts[0].events.first)
        let permission = try Permission(bytes: event.data)
        #expect(event.topic == "access.permitted" && permission.requester == pseudonym.certificate.digest)
        #expect(permission.scope == id(7) && permission.policy == id(8) && permission.organization == "north")
        #expect(try access.record(Permission.self, at: AccessKey.permission(permission.id)) == permission)
        let request = try #require(try access.record(AccessRequest.self, at: AccessKey.request(id(1))))
        #expect(request.status == .permitted && request.permission == permission.id && request.requesterName.isEmpty)

        let revocation = RevokePermission(permission: permission.id)
        #expect(try self.consortium.call(revocation, by: "south:steward:s1") == RejectionCode.notAllowed.number)
        #expect(try self.consortium.call(revocation, by: "north:custodian:c1") == 0)
        let again = try self.consortium.call(revocation, by: "north:custodian:c1")
        #expect(again == RejectionCode.permissionRevokedAlready.number)
        let unknown = try self.consortium.call(RevokePermission(permission: id(0)), by: "north:custodian:c1")
        #expect(unknown == RejectionCode.noSuchPermission.number)
        let revoked = try access.record(Permission.self, at: AccessKey.permission(permission.id))?.revoked
        #expect(revoked == access.header.time - 2_000)
    }

    @Test("requests and decisions out of order are refused")
    func refusals() throws {
        let day: UInt64 = 86_400_000
        let requests: [(RequestAccess, String, RejectionCode?)] = [
            (self.request(1), "north:researcher:r1", nil), (self.request(1), "south:researcher:r2", .requestExists),
            (self.request(2), "north:gateway:g1", .notAllowed),
            (self.request(2, expires: Consortium.start), "north:researcher:r1", .accessTimeOutOfRange),
            (self.request(2, expires: Consortium.start + 31 * day), "north:researcher:r1", .accessTimeOutOfRange),
            (self.request(2, expires: Consortium.start + 20_000), "north:researcher:r1", nil),
            (self.request(3), "north:researcher:r1", nil),
        ]
        for (arguments, caller, expected) in requests {
            #expect(try self.consortium.call(arguments, by: caller) == expected?.number ?? 0)
        }
        self.consortium.access.now = Consortium.start + 20_001
        let decisions: [(PermitAccess, String, RejectionCode?)] = [
            (self.permit(9), "north:steward:s1", .noSuchRequest), (self.permit(1), "south:steward:s2", .notAllowed),
            (self.permit(1), "north:gateway:g1", .notAllowed), (self.permit(2), "north:steward:s1", .requestExpired),
            (self.permit(1, until: Consortium.start), "north:steward:s1", .accessTimeOutOfRange),
            (self.permit(1, until: .max), "north:steward:s1", .accessTimeOutOfRange),
            (self.permit(1), "north:institution:i1", nil), (self.permit(1), "north:steward:s1", .requestDecided),
        ]
        for (arguments, caller, expected) in decisions {
            #expect(try self.consortium.call(arguments, by: caller) == expected?.number ?? 0)
        }
        #expect(try self.consortium.call(DenyAccess(request: id(3)), by: "north:custodian:c1") == 0)
        let late = try self.consortium.call(self.permit(3), by: "north:steward:s1")
        #expect(late == RejectionCode.requestDecided.number)
    }

    private func consent(
        _ byte: UInt8,
        _ mode: ConsentMode,
        scopes: [UInt8] = [7],
        request: UInt8 = 0,
        purpose: String = "",
        until: UInt64 = Consortium.start + 1_000_000
    ) -> SetConsent {
        SetConsent(
            consent: id(byte),
            mode: mode,
            subject: .scopes(scopes.map { id($0) }),
            request: id(request),
            purpose: purpose,
            validUntil: until
        )
    }

    @Test("a forbidding consent stands in the way until it is withdrawn or over; another organization's does not")
    func forbidding() throws {
        try self.consortium.call(self.request(1), by: "north:researcher:r1")
        try self.consortium.call(self.request(2), by: "north:researcher:r1")
        try self.consortium.hold([6, 7], by: "north:patient:p1")
        try self.consortium.hold([7], by: "south:patient:p2")
        #expect(try self.consortium.call(self.consent(1, .forbid, scopes: [6, 7]), by: "north:patient:p1") == 0)
        #expect(try self.consortium.call(self.consent(2, .forbid), by: "south:patient:p2") == 0)
        let forbidden = try self.consortium.call(self.permit(1), by: "north:steward:s1")
        #expect(forbidden == RejectionCode.consentForbids.number)
        let withdrawal = WithdrawConsent(consent: id(1))
        #expect(try self.consortium.call(withdrawal, by: "north:patient:p9") == RejectionCode.notAllowed.number)
        #expect(try self.consortium.call(withdrawal, by: "north:custodian:c1") == 0)
        let again = try self.consortium.call(withdrawal, by: "north:patient:p1")
        #expect(again == RejectionCode.consentWithdrawnAlready.number)
        #expect(try self.consortium.call(self.permit(1), by: "north:steward:s1") == 0)

        let brief = self.consent(3, .forbid, until: self.consortium.access.now + 3_000)
        #expect(try self.consortium.call(brief, by: "north:patient:p1") == 0)
        let now = try self.consortium.call(self.permit(2), by: "north:steward:s1")
        #expect(now == RejectionCode.consentForbids.number)
        self.consortium.access.now += 3_000
        #expect(try self.consortium.call(self.permit(2), by: "north:steward:s1") == 0)
    }

    @Test("a requiring consent wants its author's consent to that very request, or to its purpose")
    func requiring() throws {
        for byte in 1...3 as ClosedRange<UInt8> {
            try self.consortium.call(self.request(byte), by: "north:researcher:r1")
        }
        // A request that calls itself what stands for any request gets no general consent.
        try self.consortium.call(self.request(0), by: "north:researcher:r1")
        try self.consortium.hold([7], by: "north:patient:p1")
        try self.consortium.call(self.consent(1, .require), by: "north:patient:p1")
        let steps: [(SetConsent, String)] = [
            (self.consent(2, .allow), "north:patient:p1"), (self.consent(3, .allow, request: 2), "north:patient:p1"),
            (self.consent(4, .allow, request: 1), "north:custodian:c1"),
            (self.consent(5, .allow, purpose: "STUDY"), "north:patient:p1"),
            (self.consent(6, .allow, purpose: "TREAT"), "north:custodian:c1"),
        ]
        for (arguments, author) in steps {
            #expect(try self.consortium.call(arguments, by: author) == 0)
            for request in [0, 1] as [UInt8] {
                let code = try self.consortium.call(self.permit(request), by: "north:steward:s1")
                #expect(code == RejectionCode.consentRequired.number)
            }
        }
        #expect(try self.consortium.call(self.consent(7, .allow, request: 1), by: "north:patient:p1") == 0)
        #expect(try self.consortium.call(self.permit(1), by: "north:steward:s1") == 0)
        let third = try self.consortium.call(self.permit(3), by: "north:steward:s1")
        #expect(third == RejectionCode.consentRequired.number)
        #expect(try self.consortium.call(self.consent(8, .allow, purpose: "TREAT"), by: "north:patient:p1") == 0)
        #expect(try self.consortium.call(self.permit(3), by: "north:steward:s1") == 0)
    }

    @Test("consents are known once, in force, and not too many of one author")
    func consentLimits() throws {
        try self.consortium.hold([7], by: "north:patient:p1")
        let cases: [(SetConsent, String, RejectionCode?)] = [
            (self.consent(1, .allow), "north:patient:p1", nil),
            (self.consent(1, .allow), "north:patient:p1", .consentExists),
            (self.consent(2, .allow, until: 1), "north:patient:p1", .accessTimeOutOfRange),
            (self.consent(2, .allow), "north:steward:s1", .notAllowed),
            (self.consent(2, .allow), "north:patient:p2", .notTheHolder),
            (self.consent(2, .allow), "south:patient:p1", .notTheHolder),
            (self.consent(2, .allow, scopes: [6, 7]), "north:patient:p1", .notTheHolder),
            (self.consent(2, .allow, scopes: [6, 7]), "north:custodian:c1", nil),
        ]
        for (arguments, author, expected) in cases {
            #expect(try self.consortium.call(arguments, by: author) == expected?.number ?? 0)
        }
        let label = SetConsent(consent: id(30), mode: .forbid, subject: .label(id(70)), validUntil: .max)
        let notHers = try self.consortium.call(label, by: "north:patient:p2")
        #expect(notHers == RejectionCode.notTheHolder.number)
        let unknown = try self.consortium.call(WithdrawConsent(consent: id(99)), by: "north:patient:p1")
        #expect(unknown == RejectionCode.noSuchConsent.number)
        for (author, first) in [("north:patient:p1", 100), ("north:custodian:c1", 140)] as [(String, UInt8)] {
            for place in 0..<31 as Range<UInt8> {
                #expect(try self.consortium.call(self.consent(first + place, .allow), by: author) == 0)
            }
            let last = try self.consortium.call(self.consent(first + 31, .forbid), by: author)
            #expect(last == RejectionCode.tooManyConsents.number)
        }
        let full = try self.consortium.call(self.consent(200, .forbid), by: "north:custodian:c2")
        #expect(full == RejectionCode.tooManyConsents.number)
        // Those that are over make room.
        self.consortium.access.now = Consortium.start + 1_000_001
        let later = self.consent(201, .forbid, until: Consortium.start + 2_000_000)
        #expect(try self.consortium.call(later, by: "north:custodian:c2") == 0)
        let left = try self.consortium.access.record(ScopeConsents.self, at: AccessKey.consents(of: id(7), "north"))
        #expect(left?.entries.map(\.consent) == [id(201)])
    }

    @Test("the fullest consent about the fullest scopes stays within a transaction's work")
    func costs() throws {
        let scopes = Array(1...64 as ClosedRange<UInt8>)
        let name = "north:patient:" + String(repeating: "p", count: 63)
        let custodian = "north:custodian:" + String(repeating: "c", count: 63)
        try self.consortium.hold(scopes, by: name)
        var receipt: TransactionReceipt?
        for (place, author) in [name, custodian].enumerated() {
            for number in 0..<32 as Range<UInt8> {
                let arguments = SetConsent(
                    consent: id(UInt8(place) * 32 + number),
                    mode: .allow,
                    subject: .scopes(scopes.map { id($0) }),
                    purpose: String(repeating: "x", count: 64),
                    validUntil: .max
                )
                #expect(try self.consortium.call(arguments, by: author) == 0)
            }
            receipt = self.consortium.access.blocks.last?.receipts[0]
        }
        let cost = try #require(receipt).cost
        #expect(cost < 250_000)
    }
}
