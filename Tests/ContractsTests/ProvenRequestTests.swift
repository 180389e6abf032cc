import CanonicalBytes
import Certificates
import FiniteFields
import Groth16
import Ledger
import Testing

@testable import Contracts

@Suite("Requests with proofs") struct ProvenRequestTests {
    let scene: ProofScene
    private let ada: Signer
    private let eve: Signer

    init() throws {
        self.scene = try ProofScene()
        self.ada = try self.scene.consortium.pseudonym("ada")
        self.eve = try self.scene.consortium.pseudonym("eve")
        try self.scene.add([Fr(1).bytes])
    }

    private var consortium: Consortium { self.scene.consortium }
    private var access: TestChannel { self.scene.access }

    private func nymIsUsed(_ draft: RequestDraft) -> Bool {
        self.access.values.values[ZeroKnowledgeKey.nym(draft.nym)] != nil
    }

    @Test("a proof brings the permission at once, in the name of the owner who stated the policy")
    func permission() throws {
        let draft = try self.scene.draft(1, by: self.ada)
        #expect(try self.scene.send(draft, by: self.ada) == 0)
        let receipt = try #require(self.access.blocks.last).receipts[0]
        #expect(receipt.events.map(\.topic) == ["access.requested", "zk.proven", "access.permitted"])
        let permission = try Permission(bytes: receipt.events[2].data)
        #expect(permission.requester == self.ada.certificate.digest && permission.policy == draft.policy)
        #expect(permission.decider.description == "north:steward:s1" && permission.scope == draft.scope)
        #expect(permission.validUntil == permission.granted + 3_600_000)
        let request = try #require(try self.access.record(AccessRequest.self, at: AccessKey.request(id(1))))
        #expect(request.status == .permitted && request.permission == permission.id && request.requesterName.isEmpty)
        let proven = try #require(try self.access.record(ProvenRequest.self, at: ZeroKnowledgeKey.proven(id(1))))
        #expect(proven.nym == draft.nym && proven.circuit == draft.circuit && proven.policy == draft.policy)
        #expect(self.access.values.values[ZeroKnowledgeKey.nym(draft.nym)] == id(1))
    }

    @Test("a permission that a proof brought carries a grant on the other channel")
    func grant() throws {
        let list = SetScopeWriters(scope: id(7), epoch: 3_000, isSingleControl: false, writers: [])
        try self.consortium.call(list, by: "north:custodian:c1")
        #expect(try self.scene.send(self.scene.draft(1, by: self.ada), by: self.ada) == 0)
        let block = try #require(self.access.blocks.last)
        let permission = try Permission(bytes: block.receipts[0].events[2].data)
        let grant = RecordGrant(
            grant: id(1),
            scope: id(7),
            permission: permission.id,
            notBefore: Consortium.start,
            notAfter: permission.validUntil,
            proof: try block.proof()
        )
        #expect(try self.consortium.call(grant, by: "north:custodian:c1") == 0)
    }

    @Test("where owners decide, a proven request waits for them")
    func ownersDecide() throws {
        #expect(try self.scene.setPolicy(permissionSeconds: 0) == 0)
        for byte in 1...2 as ClosedRange<UInt8> {
            let draft = try self.scene.draft(byte, by: self.ada, nym: UInt64(byte))
            #expect(try self.scene.send(draft, by: self.ada) == 0)
            let request = try self.access.record(AccessRequest.self, at: AccessKey.request(id(byte)))
            #expect(request?.status == .open)
        }
        let permit = PermitAccess(request: id(1), validUntil: self.access.now + 1_000_000)
        #expect(try self.consortium.call(permit, by: "north:custodian:c1") == 0)
        #expect(try self.consortium.call(DenyAccess(request: id(2)), by: "north:custodian:c1") == 0)
    }

    @Test("a consent that forbids stops a proof, and one that is required is waited for")
    func consents() throws {
        func consent(_ byte: UInt8, _ mode: ConsentMode, request: [UInt8] = SetConsent.anyRequest) throws -> UInt16 {
            let subject = ConsentSubject.scopes([id(7)])
            let arguments = SetConsent(
                consent: id(byte),
                mode: mode,
                subject: subject,
                request: request,
                validUntil: .max
            )
            return try self.consortium.call(arguments, by: "north:patient:p1")
        }
        try self.consortium.hold([7], by: "north:patient:p1")
        #expect(try consent(1, .forbid) == 0)
        let draft = try self.scene.draft(1, by: self.ada)
        #expect(try self.scene.send(draft, by: self.ada) == number(.consentForbids))
        #expect(!self.nymIsUsed(draft))
        #expect(try self.consortium.call(WithdrawConsent(consent: id(1)), by: "north:patient:p1") == 0)
        #expect(try consent(2, .require) == 0)
        #expect(try self.scene.send(draft, by: self.ada) == 0)
        let request = try self.access.record(AccessRequest.self, at: AccessKey.request(id(1)))
        #expect(request?.status == .open && self.nymIsUsed(draft))
        let permit = PermitAccess(request: id(1), validUntil: self.access.now + 1_000_000)
        #expect(try self.consortium.call(permit, by: "north:steward:s1") == number(.consentRequired))
        #expect(try consent(3, .allow, request: id(1)) == 0)
        #expect(try self.consortium.call(permit, by: "north:steward:s1") == 0)
    }

    @Test("an organization's general policy stands in for scopes without their own")
    func generalPolicy() throws {
        let draft = try self.scene.draft(1, by: self.ada).with {
            $0.scope = id(8)
            $0.nonce = try self.scene.nonce(id(1), self.ada, scope: id(8))
        }
        let proven = try self.scene.proven(draft)
        #expect(try self.scene.send(proven, by: self.ada) == number(.noPolicy))
        #expect(try self.scene.setPolicy(scope: SetPolicy.everyScope, by: "south:steward:s1") == 0)
        #expect(try self.scene.send(proven, by: self.ada) == number(.noPolicy))
        #expect(try self.scene.setPolicy(scope: SetPolicy.everyScope) == 0)
        #expect(try self.scene.send(proven, by: self.ada) == 0)
        // The scope's own goes before the general one.
        let other = try TestCircuit.otherKey.get().registration(.universal)
        #expect(try self.consortium.decide(.registerCircuit(other)) == 0)
        #expect(try self.scene.setPolicy(scope: SetPolicy.everyScope, circuit: other.id) == 0)
        let general = proven.with { $0.nym = Fr(2).bytes }
        #expect(try self.scene.send(general, by: self.ada) == number(.anotherCircuit))
        #expect(try self.scene.send(self.scene.draft(2, by: self.ada, nym: 3), by: self.ada) == 0)
    }

    @Test("every way in which a request does not fit has its own code, before the proof is looked at")
    func unfitRequests() throws {
        let other = try TestCircuit.otherKey.get().registration(.universal)
        #expect(try self.consortium.decide(.registerCircuit(other)) == 0)
        let good = try self.scene.draft(1, by: self.ada)
        let (now, epoch) = (self.access.now, self.scene.epoch)
        let month: UInt64 = 2_592_000_000
        let cases: [(RejectionCode, (inout RequestDraft) -> Void)] = [
            (.noSuchCircuit, { $0.circuit = id(0xcc) }), (.noPolicy, { $0.scope = id(8) }),
            (.noPolicy, { $0.organization = "south" }), (.anotherPolicy, { $0.policy = id(0xbb) }),
            (.anotherCircuit, { $0.circuit = other.id }), (.rootUnknown, { $0.root = Fr(77).bytes }),
            (.notTheEpoch, { $0.epoch = epoch - 1 }), (.notTheEpoch, { $0.epoch = epoch + 1 }),
            (.slotBeyondLimit, { $0.slot = 32 }), (.requestExpired, { $0.expires = now - 1 }),
            (.accessTimeOutOfRange, { $0.expires = now + 2 * month }),
            (.malformedArguments, { $0.nym = [UInt8](repeating: 0xff, count: 32) }),
        ]
        for (expected, change) in cases {
            let draft = good.with(change)
            #expect(try self.scene.send(draft, by: self.ada) == expected.number, "\(expected)")
            let cost = try #require(self.access.blocks.last).receipts[0].cost
            #expect(cost < 1_000)
        }
        #expect(try self.consortium.call(good.arguments, by: "north:gateway:g1") == number(.notAllowed))
        #expect(try self.scene.send(good, by: self.ada) == 0)
        let known = try self.scene.draft(1, by: self.ada, slot: 31, nym: 2)
        #expect(try self.scene.send(known, by: self.ada) == number(.requestExists))
        #expect(try self.consortium.decide(.retireCircuit(good.circuit)) == 0)
        #expect(try self.scene.send(self.scene.draft(2, by: self.ada, nym: 3), by: self.ada) == number(.circuitRetired))
    }

    @Test("a nym is used once, whoever proves it")
    func reusedNym() throws {
        #expect(try self.scene.send(self.scene.draft(1, by: self.ada), by: self.ada) == 0)
        let (again, others) = (try self.scene.draft(2, by: self.ada), try self.scene.draft(3, by: self.eve))
        #expect(try self.scene.send(again, by: self.ada) == number(.nymUsed))
        #expect(try self.scene.send(others, by: self.eve) == number(.nymUsed))
        #expect(try self.scene.send(self.scene.draft(2, by: self.ada, slot: 1, nym: 2), by: self.ada) == 0)
        // The same in one block: the first counts.
        let pair = [try self.scene.draft(4, by: self.ada, nym: 9), try self.scene.draft(5, by: self.eve, nym: 9)]
        let transactions = try zip(pair, [self.ada, self.eve]).map {
            try self.consortium.transaction($0.arguments, by: $1, on: self.access)
        }
        let codes = try self.access.commit(transactions).receipts.map(\.code)
        #expect(codes == [0, number(.nymUsed)])
    }

    @Test("proofs of other requests, requesters and circuits are refused, also when the request says what fits")
    func foreignProofs() throws {
        let (first, second) = (try self.scene.draft(1, by: self.ada), try self.scene.draft(2, by: self.ada))
        #expect(try self.scene.send(first, by: self.eve) == number(.anotherRequester))
        let claimed = try first.with {
            $0.requester = self.eve.certificate.digest
            $0.nonce = try self.scene.nonce($0.request, self.eve)
        }
        #expect(try self.scene.send(claimed, by: self.eve) == number(.proofWrong))
        let moved = first.with { $0.request = id(2) }
        #expect(try self.scene.send(moved, by: self.ada) == number(.anotherRequest))
        #expect(try self.scene.send(second.with { $0.proof = first.proof }, by: self.ada) == number(.proofWrong))
        #expect(try self.scene.send(first.with { $0.nym = Fr(5).bytes }, by: self.ada) == number(.proofWrong))
        #expect(try self.scene.send(first.with { $0.slot = 5 }, by: self.ada) == number(.proofWrong))
        let otherKey = try TestCircuit.otherKey.get().prove(self.scene.inputs(first))
        #expect(try self.scene.send(first.with { $0.proof = otherKey }, by: self.ada) == number(.proofWrong))
        #expect(!self.nymIsUsed(first))
        #expect(try self.scene.send(first, by: self.ada) == 0)
    }

    @Test("a proof with any byte changed is refused, and so are malformed ones, each for its own reason")
    func changedProofs() throws {
        let good = try self.scene.draft(1, by: self.ada)
        let identity = { (count: Int) in [0xc0] + [UInt8](repeating: 0, count: count - 1) }
        // (0, 2) has order 3 on y² = x³ + 4.
        let small = [0x80] + [UInt8](repeating: 0, count: 47)
        let smallG2 = try Self.outsideSubgroup(good.proof)
        let off = Array(repeating: 0xff as UInt8, count: 48)
        let proof = good.proof
        let cases: [(RejectionCode, [UInt8])] = [
            (.proofFormat, []), (.proofFormat, Array(proof.dropLast())), (.proofFormat, proof + [0]),
            (.proofFormat, proof + proof), (.malformedArguments, [UInt8](repeating: 0, count: 1_025)),
            (.proofPoint, off + proof[48...]), (.proofPoint, proof[..<144] + off),
            (.proofSubgroup, small + proof[48...]), (.proofSubgroup, proof[..<144] + small),
            (.proofSubgroup, smallG2), (.proofIdentity, identity(48) + proof[48...]),
            (.proofIdentity, proof[..<48] + identity(96) + proof[144...]),
            (.proofIdentity, proof[..<144] + identity(48)),
            (.proofWrong, Array(proof[144...] + proof[48..<144] + proof[..<48])),
        ]
        for (expected, bytes) in cases {
            let code = try self.scene.send(good.with { $0.proof = bytes }, by: self.ada)
            #expect(code == expected.number, "\(expected)")
        }
        let transactions = try proof.indices.map { place in
            let changed = good.with { $0.proof[place] ^= 1 << UInt8(place % 8) }
            return try self.consortium.transaction(changed.arguments, by: self.ada, on: self.access)
        }
        // The work of a block is bounded: all of them take several.
        var waiting = transactions
        var codes: Set<UInt16> = []
        while !waiting.isEmpty {
            let receipts = try self.access.commit(waiting).receipts
            try #require(!receipts.isEmpty)
            codes.formUnion(receipts.map(\.code))
            let done = Set(receipts.map(\.transaction))
            waiting.removeAll { done.contains($0.id) }
        }
        let expected: [RejectionCode] = [.proofPoint, .proofSubgroup, .proofIdentity, .proofWrong]
        #expect(codes.isSubset(of: expected.map(\.number)))
        #expect(!self.nymIsUsed(good))
        #expect(try self.scene.send(good, by: self.ada) == 0)
    }

    /// The proof with a point of the second group's curve in it that lies outside of the subgroup.
    private static func outsideSubgroup(_ proof: [UInt8]) throws -> [UInt8] {
        for x in 0..<50 as Range<UInt8> {
            let point = [0x80] + [UInt8](repeating: 0, count: 94) + [x]
            let candidate = proof[..<48] + point + proof[144...]
            do { _ = try Proof(Array(candidate)) } catch  where error.code == .subgroup {
                return Array(candidate)
            } catch {}
        }
        throw ProtocolFailure(.subgroup, "no such point")
    }

    @Test("roots are accepted while they are fresh, and not after a revocation")
    func roots() throws {
        let first = try self.scene.draft(1, by: self.ada, nym: 1)
        try self.scene.add([Fr(2).bytes])
        #expect(try self.scene.send(first, by: self.ada) == 0)
        let second = try self.scene.draft(2, by: self.ada, nym: 2).with { $0.root = first.root }
        self.access.now += 86_400_000
        let late = try self.scene.proven(second.with { $0.expires = self.access.now + 1_000 })
        #expect(try self.scene.send(late, by: self.ada) == number(.rootTooOld))
        let third = try self.scene.draft(3, by: self.ada, nym: 3)
        #expect(try self.scene.revoke([Fr(2).bytes]) == 0)
        #expect(try self.scene.send(third, by: self.ada) == number(.rootRevoked))
        #expect(try self.scene.send(self.scene.draft(3, by: self.ada, nym: 3), by: self.ada) == 0)
    }
}
