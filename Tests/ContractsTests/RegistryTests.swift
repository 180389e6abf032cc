import CanonicalBytes
import Certificates
import Ledger
import P256Group
import Testing

@testable import Contracts

@Suite("Registry") struct RegistryTests {
    let consortium: Consortium

    init() throws { self.consortium = try Consortium() }

    private func list(
        _ digests: [[UInt8]],
        number: UInt64,
        by authority: CertificateAuthority? = nil
    ) throws -> Revoke {
        Revoke(
            list: try RevocationList.sign(
                digests,
                number: number,
                thisUpdate: 1,
                nextUpdate: 2,
                by: authority ?? self.consortium.authority
            )
        )
    }

    @Test("a party registers its certificate once, and an older one does not hide the newer one")
    func register() throws {
        let name = "north:gateway:g1"
        let party = try #require(PartyName(name))
        let new = try self.consortium.party(name)
        #expect(try self.consortium.call(Register(), by: new) == 0)
        #expect(try self.consortium.call(Register(), by: new) == RejectionCode.registeredAlready.number)
        let old = try Consortium.issue(by: self.consortium.authority, subject: name, usage: .sign, notBefore: 1)
        #expect(try self.consortium.call(Register(), by: old) == 0)
        let access = self.consortium.access
        #expect(access.values.values[RegistryKey.party(party)] == new.certificate.digest)
        let record = try access.record(RegisteredCertificate.self, at: RegistryKey.certificate(old.certificate.digest))
        #expect(record?.subject == party && record?.height == 3 && record?.issuer == "north-ca")
        let pseudonym = try self.consortium.pseudonym("p")
        #expect(try self.consortium.call(Register(), by: pseudonym) == RejectionCode.notAllowed.number)
    }

    @Test("a signed list shuts out what it names, on this channel and, when cited, on the other")
    func revoke() throws {
        let victim = try self.consortium.party("north:steward:s1")
        try self.consortium.call(Register(), by: "north:operator:o1")
        try self.consortium.call(Register(), by: victim)
        let digests = [victim.certificate.digest, id(9)]
        let revoked = try self.consortium.call(self.list(digests, number: 5), by: "north:operator:o1")
        #expect(revoked == 0)
        let access = self.consortium.access
        #expect(try access.number(at: StateKey.revocation(of: id(9), by: "north-ca")) == access.header.time)
        let late = try self.consortium.transaction(DenyAccess(request: id(1)), by: victim, on: access)
        #expect(try access.build([late]).1.map(\.1) == [.revoked])

        let index = self.consortium.index
        let before = try self.consortium.transaction(WithdrawDataset(dataset: id(1)), by: victim, on: index)
        #expect(try index.build([before]).0 != nil)
        let citation = BringRevocations(proof: try #require(access.blocks.last).proof())
        #expect(try self.consortium.call(citation, by: "south:operator:o2") == 0)
        #expect(try index.build([before]).1.map(\.1) == [.revoked])
        #expect(try self.consortium.call(citation, by: "south:operator:o2") == RejectionCode.nothingNew.number)
    }

    @Test("a list is refused unless its issuer signed it, it is new, short, and names the issuer's own certificates")
    func refusedLists() throws {
        let operatorName = "north:operator:o1"
        let unregistered = try self.consortium.call(self.list([id(1)], number: 1), by: operatorName)
        #expect(unregistered == RejectionCode.notRegistered.number)
        try self.consortium.call(Register(), by: operatorName)
        try self.consortium.call(Register(), by: "south:gateway:g1")
        let foreign = try self.consortium.party("south:gateway:g1").certificate.digest
        let stranger = CertificateAuthority(name: "stranger", key: .generate())
        let impostor = CertificateAuthority(name: "north-ca", key: .generate())
        let cases: [(Revoke, RejectionCode?)] = [
            (try self.list([id(1)], number: 1, by: stranger), .listNotSigned),
            (try self.list([id(1)], number: 1, by: impostor), .listNotSigned),
            (try self.list([foreign], number: 7), .foreignCertificate),
            (try self.list([id(1)], number: 7), nil),
            (try self.list([id(2)], number: 7), .listOutdated),
            (try self.list([id(2)], number: 6), .listOutdated),
            (try self.list([foreign], number: 1, by: self.consortium.otherAuthority), nil),
            (try self.list([id(5)], number: 1, by: self.consortium.pseudonymAuthority), nil),
        ]
        for (arguments, expected) in cases {
            #expect(try self.consortium.call(arguments, by: operatorName) == expected?.number ?? 0)
        }
        let many = (0...UInt32(Revoke.digestsMax)).map { $0.bigEndianBytes + [UInt8](repeating: 1, count: 28) }
        let long = try self.consortium.call(self.list(many, number: 20), by: operatorName)
        #expect(long == RejectionCode.listTooLong.number)
        let longest = try self.consortium.call(self.list(Array(many.dropFirst()), number: 20), by: operatorName)
        #expect(longest == 0)
        #expect(try #require(self.consortium.access.blocks.last).receipts[0].cost < 1_000_000)
    }

    @Test("an attribute authority's last sixteen roots are kept, in the order of their epochs")
    func credentialRoots() throws {
        let name = "north:attribute-authority:aa"
        let current = Consortium.start / 1_000 / 604_800
        let cases: [(UInt8, UInt64, RejectionCode?)] = [
            (1, current, nil), (1, current, .rootKnown), (2, current - 1, .rootEpoch), (2, current + 2, .rootEpoch),
            (2, current + 1, nil), (3, current, .rootEpoch),
        ]
        for (root, epoch, expected) in cases {
            let code = try self.consortium.call(SetCredentialRoot(root: id(root), epoch: epoch), by: name)
            #expect(code == expected?.number ?? 0)
        }
        for root in 3...20 as ClosedRange<UInt8> {
            try self.consortium.call(SetCredentialRoot(root: id(root), epoch: current + 1), by: name)
        }
        let key = RegistryKey.roots(try #require(PartyName(name)))
        let roots = try #require(try self.consortium.access.record(CredentialRoots.self, at: key))
        #expect(roots.entries.map(\.root) == (5...20).map { id($0) })
        let gateway = try self.consortium.call(SetCredentialRoot(root: id(1), epoch: current), by: "north:gateway:g1")
        #expect(gateway == RejectionCode.notAllowed.number)
    }

    @Test("an attribute authority publishes its key, and replaces it by another")
    func attributeKey() throws {
        let name = "north:attribute-authority:aa"
        func key(_ byte: UInt8) -> SetAttributeKey {
            SetAttributeKey(publicKey: Array("WLM1".utf8) + [0, 0, 0, 1, 65, byte])
        }
        let cases: [(SetAttributeKey, String, RejectionCode?)] = [
            (key(1), name, nil), (key(1), name, .attributeKeyKnown), (key(2), name, nil), (key(1), name, nil),
            (key(3), "north:authority:a", .notAllowed), (key(3), "north:gateway:g1", .notAllowed),
        ]
        for (arguments, caller, expected) in cases {
            #expect(try self.consortium.call(arguments, by: caller) == expected?.number ?? 0)
        }
        let access = self.consortium.access
        let record = try access.record(
            AttributeKeyRecord.self,
            at: RegistryKey.attributeKey(try #require(PartyName(name)))
        )
        #expect(record?.publicKey == key(1).publicKey && record?.height == 4)
        let event = try #require(access.blocks[3].receipts[0].events.first)
        #expect(event.topic == "registry.attribute-key" && event.data == key(1).digest + Array(name.utf8))
    }
}
