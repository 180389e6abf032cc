import CanonicalBytes
import Certificates
import Ledger
import Testing

@testable import Contracts

@Suite("Refusals and faults") struct ReportTests {
    let scene: ShareScene

    init() throws { self.scene = try ShareScene() }

    private var consortium: Consortium { self.scene.consortium }
    private var index: TestChannel { self.consortium.index }

    private func refusal(
        _ step: SharingStep,
        _ code: String = "queue-full",
        of permission: [UInt8] = id(1)
    ) -> RecordRefusal {
        RecordRefusal(permission: permission, step: step, code: code)
    }

    @Test("those who do a step refuse it, and each refusal is kept once")
    func refusals() throws {
        let owner = "north:custodian:c1"
        let cases: [(RecordRefusal, String, RejectionCode?)] = [
            (self.refusal(.grant), owner, nil), (self.refusal(.grant), owner, .refusalKnown),
            (self.refusal(.grant, "denied"), owner, nil), (self.refusal(.grant, "denied"), owner, .refusalKnown),
            (self.refusal(.grant), "north:steward:s1", nil), (self.refusal(.grant), "north:institution:i1", nil),
            (self.refusal(.grant), "east:privacy-center:p1", .notAllowed),
            (self.refusal(.attributeKey), "east:attribute-authority:a1", nil),
            (self.refusal(.attributeKey), "east:kgc:k1", .notAllowed),
            (self.refusal(.identityKey), "east:kgc:k1", nil),
            (self.refusal(.identityKey), "east:privacy-center:p1", nil),
            (self.refusal(.identityKey), owner, .notAllowed),
            (self.refusal(.reencryption), "east:privacy-center:p1", nil),
            (self.refusal(.reencryption), "east:gateway:g1", .notAllowed),
            (self.refusal(.reencryption), "south:researcher:r1", .notAllowed),
        ]
        for (place, (arguments, caller, expected)) in cases.enumerated() {
            #expect(try self.consortium.call(arguments, by: caller) == expected?.number ?? 0, "case \(place)")
        }
        let pseudonym = try self.consortium.call(self.refusal(.grant), by: self.scene.receiver)
        #expect(pseudonym == RejectionCode.notAllowed.number)
        let party = try #require(PartyName(owner))
        let record = try self.index.record(Refusal.self, at: SharingKey.refusal(id(1), .grant, by: party))
        #expect(record?.code == "denied")
        let event = try #require(self.index.blocks[3].receipts[0].events.first)
        let told = ShareRefused(permission: id(1), step: .grant, party: party, code: "denied")
        #expect(event == ContractEvent(topic: "sharing.refused", data: told.bytes))
    }

    @Test("codes that come and go do not make the state grow")
    func boundedRefusals() throws {
        let caller = "east:privacy-center:p1"
        #expect(try self.consortium.call(self.refusal(.reencryption, "a"), by: caller) == 0)
        let count = self.index.values.values.count
        for code in ["b", "a", "b"] {
            #expect(try self.consortium.call(self.refusal(.reencryption, code), by: caller) == 0)
        }
        #expect(self.index.values.values.count == count)
    }

    @Test("where a grant stands, only its owner refuses another one")
    func foreignOwner() throws {
        let permission = try self.scene.share(1).id
        let refusal = self.refusal(.grant, of: permission)
        let foreign = try self.consortium.call(refusal, by: "south:custodian:c1")
        #expect(foreign == RejectionCode.notTheDataOwner.number)
        #expect(try self.consortium.call(refusal, by: "north:steward:s1") == 0)
    }

    @Test("the receiver of a grant reports faults, also when the grant was revoked, and nobody else does")
    func faults() throws {
        let permission = try self.scene.share(1).id
        let center = try #require(PartyName("east:privacy-center:p1"))
        func fault(_ kind: FaultKind = .falsePart, _ evidence: UInt8 = 1, of permission: [UInt8]) -> RecordFault {
            RecordFault(permission: permission, accused: center, kind: kind, evidence: id(evidence))
        }
        let other = try self.consortium.pseudonym("eve")
        let clinician = try self.consortium.party("south:clinician:d1")
        let cases: [(RecordFault, Signer, RejectionCode?)] = [
            (fault(of: id(1)), self.scene.receiver, .noSuchGrant), (fault(of: permission), other, .anotherReceiver),
            (fault(of: permission), clinician, .anotherReceiver), (fault(of: permission), self.scene.receiver, nil),
            (fault(of: permission), self.scene.receiver, .faultKnown),
            (fault(.missing, of: permission), self.scene.receiver, nil),
            (fault(.falsePart, 2, of: permission), self.scene.receiver, nil),
        ]
        for (arguments, signer, expected) in cases {
            #expect(try self.consortium.call(arguments, by: signer) == expected?.number ?? 0)
        }
        #expect(try self.consortium.call(RevokeGrant(grant: id(1)), by: "north:steward:s1") == 0)
        #expect(try self.consortium.call(fault(.staleHead, of: permission), by: self.scene.receiver) == 0)
        let event = try #require(self.index.blocks.last).receipts[0].events[0]
        let told = try FaultReported(bytes: event.data)
        #expect(event.topic == "sharing.fault" && told.grant == id(1) && told.scope == id(7))
        #expect(told.arguments.accused == center && told.arguments.kind == .staleHead)
        for evidence in 3...30 as ClosedRange<UInt8> {
            #expect(try self.consortium.call(fault(.falsePart, evidence, of: permission), by: self.scene.receiver) == 0)
        }
        let last = try self.consortium.call(fault(.falsePart, 99, of: permission), by: self.scene.receiver)
        #expect(last == RejectionCode.tooManyFaults.number)
        let record = try self.index.record(Faults.self, at: SharingKey.faults(permission))
        #expect(record?.entries.count == Faults.countMax)
    }
}
