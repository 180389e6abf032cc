import CanonicalBytes
import Certificates
import Consensus
import Ledger
import Testing

@testable import Contracts

@Suite("Sharing") struct SharingTests {
    let consortium: Consortium
    private let receiver: Signer

    init() throws {
        self.consortium = try Consortium()
        self.receiver = try self.consortium.pseudonym("ada")
        for (scope, organization) in [(7, "north"), (6, "south")] as [(UInt8, String)] {
            let list = SetScopeWriters(scope: id(scope), epoch: 3_000, isSingleControl: false, writers: [])
            try self.consortium.call(list, by: "\(organization):custodian:c1")
        }
    }

    private var index: TestChannel { self.consortium.index }
    private var access: TestChannel { self.consortium.access }

    /// A permission of the access channel with the proof of it.
    private func permit(
        _ byte: UInt8,
        scope: UInt8 = 7,
        organization: String = "north",
        lasting: UInt64 = 1_000_000
    ) throws -> (permission: Permission, proof: TransactionProof) {
        let request = RequestAccess(
            request: id(byte),
            scope: id(scope),
            policy: id(8),
            organization: organization,
            purpose: "TREAT",
            nonce: id(9),
            expires: self.access.now + 10_000
        )
        try #require(try self.consortium.call(request, by: self.receiver) == 0)
        let permit = PermitAccess(request: id(byte), validUntil: self.access.now + lasting)
        try #require(try self.consortium.call(permit, by: "\(organization):steward:s1") == 0)
        let block = try #require(self.access.blocks.last)
        return (try Permission(bytes: block.receipts[0].events[0].data), try block.proof())
    }

    private func grant(
        _ byte: UInt8,
        _ permitted: (permission: Permission, proof: TransactionProof),
        scope: [UInt8]? = nil,
        permission: [UInt8]? = nil,
        notAfter: UInt64? = nil
    ) -> RecordGrant {
        RecordGrant(
            grant: id(byte),
            scope: scope ?? permitted.permission.scope,
            permission: permission ?? permitted.permission.id,
            notBefore: Consortium.start,
            notAfter: notAfter ?? permitted.permission.validUntil,
            proof: permitted.proof
        )
    }

    @Test("a grant stands on a permission that the access channel proves, and delivery on the grant")
    func wholeWay() throws {
        let permitted = try self.permit(1)
        #expect(try self.consortium.call(self.grant(1, permitted), by: "north:custodian:c1") == 0)
        let grant = try #require(try self.index.record(Grant.self, at: SharingKey.grant(id(1))))
        #expect(grant.receiver == self.receiver.certificate.digest && grant.permission == permitted.permission.id)
        let delivery = RecordDelivery(grant: id(1), list: id(2), count: 5, receiver: grant.receiver, parts: 5)
        let name = "east:privacy-center:p1"
        #expect(try self.consortium.call(delivery, by: name) == 0)
        #expect(try self.consortium.call(delivery, by: name) == RejectionCode.deliveryExists.number)
        #expect(try self.consortium.call(delivery, by: "east:privacy-center:p2") == 0)
        let center = try #require(PartyName(name))
        let identifier = Delivery.id(delivery, by: center)
        let acknowledgement = AcknowledgeDelivery(delivery: identifier, outcome: .complete)
        let cases: [(AcknowledgeDelivery, Signer, RejectionCode?)] = [
            (acknowledgement, try self.consortium.pseudonym("eve"), .anotherReceiver),
            (acknowledgement, self.receiver, nil),
            (acknowledgement, self.receiver, .acknowledgedAlready),
            (AcknowledgeDelivery(delivery: id(1), outcome: .faulty), self.receiver, .noSuchDelivery),
        ]
        for (arguments, signer, expected) in cases {
            #expect(try self.consortium.call(arguments, by: signer) == expected?.number ?? 0)
        }
        let record = try self.index.record(Delivery.self, at: SharingKey.delivery(identifier))
        #expect(record?.outcome == .complete && record?.center == center)
    }

    @Test("a grant keeps to its permission, its owner and its time")
    func refusedGrants() throws {
        let first = try self.permit(1)
        let foreign = try self.permit(2, scope: 6)
        let unknown = try self.permit(3, scope: 5)
        let brief = try self.permit(4, lasting: 3_000)
        let cases: [(RecordGrant, String, RejectionCode?)] = [
            (self.grant(1, first, scope: id(6)), "north:custodian:c1", .anotherPermission),
            (self.grant(1, first, permission: id(1)), "north:custodian:c1", .anotherPermission),
            (self.grant(1, first), "south:custodian:c1", .notTheDataOwner),
            (self.grant(1, first), "north:gateway:g1", .notAllowed),
            (self.grant(1, foreign), "north:custodian:c1", .notTheDataOwner),
            (self.grant(1, foreign), "south:custodian:c1", .notTheDataOwner),
            (self.grant(1, unknown), "north:custodian:c1", .notTheDataOwner),
            (
                self.grant(1, first, notAfter: first.permission.validUntil + 1), "north:custodian:c1",
                .grantTimeOutOfRange
            ),
            (self.grant(1, first, notAfter: Consortium.start), "north:custodian:c1", .grantTimeOutOfRange),
            (self.grant(1, first), "north:institution:i1", nil),
            (self.grant(2, first), "north:custodian:c1", .permissionUsed),
        ]
        for (arguments, caller, expected) in cases {
            #expect(try self.consortium.call(arguments, by: caller) == expected?.number ?? 0)
        }
        let second = try self.permit(5)
        let known = try self.consortium.call(self.grant(1, second), by: "north:custodian:c1")
        #expect(known == RejectionCode.grantExists.number)
        self.index.now = brief.permission.validUntil + 1
        let expired = try self.consortium.call(self.grant(3, brief), by: "north:custodian:c1")
        #expect(expired == RejectionCode.permissionExpired.number)
    }

    @Test("nothing is delivered under a grant that is unknown, over, revoked or another's")
    func refusedDeliveries() throws {
        let permitted = try self.permit(1)
        let receiver = self.receiver.certificate.digest
        func delivery(_ grant: UInt8, to receiver: [UInt8]) -> RecordDelivery {
            RecordDelivery(grant: id(grant), list: id(2), count: 1, receiver: receiver, parts: 1)
        }
        let name = "east:privacy-center:p1"
        let unknown = try self.consortium.call(delivery(1, to: receiver), by: name)
        #expect(unknown == RejectionCode.noSuchGrant.number)
        try self.consortium.call(self.grant(1, permitted), by: "north:custodian:c1")
        #expect(try self.consortium.call(delivery(1, to: id(1)), by: name) == RejectionCode.anotherReceiver.number)
        let custodian = try self.consortium.call(delivery(1, to: receiver), by: "north:custodian:c1")
        #expect(custodian == RejectionCode.notAllowed.number)
        let other = try self.consortium.call(RevokeGrant(grant: id(1)), by: "south:custodian:c1")
        #expect(other == RejectionCode.notTheDataOwner.number)
        #expect(try self.consortium.call(RevokeGrant(grant: id(1)), by: "north:steward:s1") == 0)
        let again = try self.consortium.call(RevokeGrant(grant: id(1)), by: "north:steward:s1")
        #expect(again == RejectionCode.grantRevoked.number)
        let revoked = try self.consortium.call(delivery(1, to: receiver), by: name)
        #expect(revoked == RejectionCode.grantRevoked.number)
        // The permission is free for another grant.
        #expect(try self.consortium.call(self.grant(2, permitted), by: "north:custodian:c1") == 0)
        self.index.now = permitted.permission.validUntil + 1
        let late = try self.consortium.call(delivery(2, to: receiver), by: name)
        #expect(late == RejectionCode.grantNotValidNow.number)
    }

    @Test("a permission revoked on the access channel carries no grant and no delivery once that is brought")
    func revokedPermission() throws {
        let permitted = try self.permit(1)
        let other = try self.permit(2)
        try self.consortium.call(self.grant(1, permitted), by: "north:custodian:c1")
        for permission in [permitted.permission.id, other.permission.id] {
            try self.consortium.call(RevokePermission(permission: permission), by: "north:steward:s1")
            let citation = BringPermissionRevocation(proof: try #require(self.access.blocks.last).proof())
            #expect(try self.consortium.call(citation, by: "south:operator:o1") == 0)
            let again = try self.consortium.call(citation, by: "south:operator:o1")
            #expect(again == RejectionCode.permissionRevoked.number)
        }
        let receiver = self.receiver.certificate.digest
        let delivery = RecordDelivery(grant: id(1), list: id(2), count: 1, receiver: receiver, parts: 1)
        let delivered = try self.consortium.call(delivery, by: "east:privacy-center:p1")
        #expect(delivered == RejectionCode.permissionRevoked.number)
        let granted = try self.consortium.call(self.grant(2, other), by: "north:custodian:c1")
        #expect(granted == RejectionCode.permissionRevoked.number)
    }

    @Test("a proof of something else, of a rejection, or with a foreign certificate carries nothing")
    func citations() throws {
        let permitted = try self.permit(1)
        let again = PermitAccess(request: id(1), validUntil: self.access.now + 1_000)
        try #require(try self.consortium.call(again, by: "north:steward:s1") != 0)
        let rejected = try #require(self.access.blocks.last).proof()
        let request = try self.access.blocks[0].proof()
        let own = try self.index.blocks[0].proof()
        let block = self.access.blocks[1]
        func proof(_ header: BlockHeader, _ certificate: QuorumCertificate) throws -> TransactionProof {
            let block = LedgerBlock(header: header, transactions: block.block.transactions, nextCommittee: nil)
            return try #require(
                TransactionProof(0, of: block, receipts: self.access.blocks[1].receipts, certificate: certificate)
            )
        }
        let header = block.block.header
        let foreignChain = ChainContext(chain: [9], channel: "access")
        let otherChannel = ChainContext(chain: Consortium.chain, channel: "index")
        let future = BlockHeader(
            chain: header.chain,
            channel: .access,
            epoch: 1,
            height: header.height,
            parent: header.parent,
            transactionRoot: header.transactionRoot,
            receiptRoot: header.receiptRoot,
            stateRoot: header.stateRoot,
            validatorsRoot: header.validatorsRoot,
            evidenceRoot: header.evidenceRoot,
            time: header.time
        )
        let committee = self.access.committee
        let whole = self.access.certify(header, by: committee)
        let minority = QuorumCertificate(
            version: whole.version,
            epoch: whole.epoch,
            view: whole.view,
            height: whole.height,
            block: whole.block,
            signers: [3],
            proof: Array(whole.proof.prefix(128))
        )
        let cases: [(TransactionProof, RejectionCode)] = [
            (rejected, .citesSomethingElse), (request, .citesSomethingElse), (own, .badCitation),
            (try proof(header, self.access.blocks[0].certificate), .badCitation),
            (try proof(header, self.access.certify(header, by: committee, chain: foreignChain)), .badCitation),
            (try proof(header, self.access.certify(header, by: committee, chain: otherChannel)), .badCitation),
            (try proof(self.access.blocks[0].block.header, self.access.blocks[0].certificate), .badCitation),
            (try proof(header, minority), .badCitation),
            (try proof(future, self.access.certify(future, by: committee)), .committeeNotFollowed),
        ]
        for (place, (proof, expected)) in cases.enumerated() {
            let grant = self.grant(1, (permitted.permission, proof))
            #expect(try self.consortium.call(grant, by: "north:custodian:c1") == expected.number, "case \(place)")
        }
        #expect(try self.consortium.call(self.grant(1, permitted), by: "north:custodian:c1") == 0)
    }

    @Test("members of a committee that has gone cannot certify later blocks")
    func longRange() throws {
        let old = self.access.committee
        #expect(try self.consortium.decide(self.consortium.committeeChange(1, [1, 2, 3, 5])) == 0)
        #expect(try self.consortium.call(self.consortium.follow(), by: "north:operator:o1") == 0)
        let permitted = try self.permit(1)
        #expect(permitted.proof.header.epoch == 1)
        let real = permitted.proof.header
        let forged = BlockHeader(
            chain: real.chain,
            channel: .access,
            epoch: 0,
            height: real.height,
            parent: real.parent,
            transactionRoot: real.transactionRoot,
            receiptRoot: real.receiptRoot,
            stateRoot: real.stateRoot,
            validatorsRoot: real.validatorsRoot,
            evidenceRoot: real.evidenceRoot,
            time: real.time
        )
        let block = try #require(self.access.blocks.last)
        let proof = try #require(
            TransactionProof(
                0,
                of: LedgerBlock(header: forged, transactions: block.block.transactions, nextCommittee: nil),
                receipts: block.receipts,
                certificate: self.access.certify(forged, by: old)
            )
        )
        let code = try self.consortium.call(self.grant(1, (permitted.permission, proof)), by: "north:custodian:c1")
        #expect(code == RejectionCode.badCitation.number)
        #expect(try self.consortium.call(self.grant(1, permitted), by: "north:custodian:c1") == 0)
    }
}
