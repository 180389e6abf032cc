import CanonicalBytes
import Certificates
import Ledger
import Testing

@testable import Contracts

@Suite("Emergencies and traces") struct EmergencyTests {
    let consortium: Consortium

    init() throws { self.consortium = try Consortium() }

    private var access: TestChannel { self.consortium.access }

    private func emergency(_ byte: UInt8, organization: String = "north") -> EmergencyAccess {
        EmergencyAccess(
            request: id(byte),
            scope: id(7),
            organization: organization,
            reason: .unresponsive,
            statement: id(5),
            nonce: id(9)
        )
    }

    @Test("a clinician takes access for a short time, whatever consents say, and the chain tells it")
    func emergency() throws {
        let forbid = SetConsent(consent: id(1), mode: .forbid, subject: .scopes([id(7)]), validUntil: .max)
        try self.consortium.call(forbid, by: "north:custodian:c1")
        let now = self.access.now
        let name = "south:clinician:d1"
        #expect(try self.consortium.call(self.emergency(1), by: name) == 0)
        let receipt = try #require(self.access.blocks.last).receipts[0]
        #expect(receipt.events.map(\.topic) == ["access.requested", "access.permitted", "access.emergency"])
        let permission = try Permission(bytes: receipt.events[1].data)
        #expect(permission.kind == .emergency && permission.basis == id(5) && permission.purpose == "EMERGENCY")
        #expect(permission.decider == PartyName(name) && permission.organization == "north")
        #expect(permission.validUntil == now + 3_600_000 && permission.policy == Permission.noBasis)
        let event = try EmergencyDeclared(bytes: receipt.events[2].data)
        #expect(event == EmergencyDeclared(permission, reason: .unresponsive))
        let consents = try #require(
            try self.access.record(ScopeConsents.self, at: AccessKey.consents(of: id(7), "north"))
        )
        #expect(ConsentJudgement(scope: consents, label: nil).objection(to: permission, at: now) == nil)
        // The data's organization ends it all the same.
        let revocation = RevokePermission(permission: permission.id)
        #expect(try self.consortium.call(revocation, by: "south:custodian:c1") == RejectionCode.notAllowed.number)
        #expect(try self.consortium.call(revocation, by: "north:custodian:c1") == 0)
    }

    @Test("only clinicians under their own names take access, each request once")
    func refusals() throws {
        let cases: [(String, RejectionCode?)] = [
            ("south:researcher:r1", .notAllowed), ("north:custodian:c1", .notAllowed),
            ("north:patient:p1", .notAllowed), ("south:clinician:d1", nil), ("south:clinician:d2", .requestExists),
        ]
        for (caller, expected) in cases {
            #expect(try self.consortium.call(self.emergency(1), by: caller) == expected?.number ?? 0)
        }
        let pseudonym = try self.consortium.pseudonym("ada", attributes: ["role:clinician"])
        #expect(try self.consortium.call(self.emergency(2), by: pseudonym) == RejectionCode.notAllowed.number)
    }

    @Test("a clinician whose certificate is revoked takes nothing")
    func revokedClinician() throws {
        let clinician = try self.consortium.party("south:clinician:d1")
        try self.consortium.call(Register(), by: "north:operator:o1")
        let list = try RevocationList.sign(
            [clinician.certificate.digest],
            number: 1,
            thisUpdate: 1,
            nextUpdate: 2,
            by: self.consortium.otherAuthority
        )
        #expect(try self.consortium.call(Revoke(list: list), by: "north:operator:o1") == 0)
        let transaction = try self.consortium.transaction(self.emergency(1), by: clinician, on: self.access)
        #expect(try self.access.build([transaction]).1.map(\.1) == [.revoked])
    }

    @Test("governors set how long an emergency lasts, and not longer than an hour")
    func duration() throws {
        #expect(try self.consortium.decide(.parameter(name: "access.emergency_seconds", value: 60)) == 0)
        let now = self.access.now
        try self.consortium.call(self.emergency(1), by: "north:clinician:d1")
        let receipt = try #require(self.access.blocks.last).receipts[0]
        #expect(try Permission(bytes: receipt.events[1].data).validUntil == now + 60_000)
        for value in [59, 3_601] as [UInt64] {
            let arguments = Propose(
                expires: self.access.now + 1_000,
                change: .parameter(name: "access.emergency_seconds", value: value)
            )
            let code = try self.consortium.call(arguments, by: "north:operator:g1")
            #expect(code == RejectionCode.valueOutOfRange.number)
        }
    }

    @Test("clinicians request like researchers")
    func request() throws {
        let arguments = RequestAccess(
            request: id(1),
            scope: id(7),
            policy: id(8),
            organization: "north",
            purpose: "TREAT",
            nonce: id(9),
            expires: self.access.now + 10_000
        )
        #expect(try self.consortium.call(arguments, by: "south:clinician:d1") == 0)
        let request = try self.access.record(AccessRequest.self, at: AccessKey.request(id(1)))
        #expect(request?.requesterName == "south:clinician:d1")
    }

    @Test("a trace is ordered by a tracing authority and complete when both authorities have answered")
    func trace() throws {
        let order = OrderTrace(order: id(1), certificate: id(2), reason: .misuse, statement: id(3))
        let authority = "east:tracing-authority:t1"
        let orders: [(String, RejectionCode?)] = [
            ("east:authority:a1", .notAllowed), ("north:custodian:c1", .notAllowed), (authority, nil),
            (authority, .traceExists),
        ]
        for (caller, expected) in orders {
            #expect(try self.consortium.call(order, by: caller) == expected?.number ?? 0)
        }
        let answer = AnswerTrace(order: id(1), evidence: id(4))
        let registration = "east:registration-authority:r1"
        let answers: [(AnswerTrace, String, RejectionCode?)] = [
            (AnswerTrace(order: id(9), evidence: id(4)), registration, .noSuchTrace), (answer, authority, .notAllowed),
            (answer, registration, nil), (answer, registration, .traceAnsweredAlready),
            // A foreign one does not take another's place.
            (answer, "south:registration-authority:r2", nil), (answer, "east:pseudonym-ca:p1", nil),
        ]
        for (arguments, caller, expected) in answers {
            let before = try self.access.record(TraceOrder.self, at: AccessKey.trace(id(1)))
            #expect(before?.isComplete == false)
            #expect(try self.consortium.call(arguments, by: caller) == expected?.number ?? 0)
        }
        let record = try #require(try self.access.record(TraceOrder.self, at: AccessKey.trace(id(1))))
        #expect(record.isComplete && record.answers.count == 3 && record.arguments == order)
        let event = try #require(self.access.blocks.last).receipts[0].events[0]
        let told = try TraceAnswered(bytes: event.data)
        #expect(told.isComplete && told.certificate == id(2) && told.evidence == id(4))
        for number in 3...15 {
            #expect(try self.consortium.call(answer, by: "south:registration-authority:r\(number)") == 0)
        }
        let last = try self.consortium.call(answer, by: "south:registration-authority:r16")
        #expect(last == RejectionCode.tooManyAnswers.number)
    }
}
