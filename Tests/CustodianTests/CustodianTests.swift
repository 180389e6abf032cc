import Authority
import Bundles
import CanonicalBytes
import Certificates
import Credentials
import Foundation
import P256Group
import Signcryption
import Testing

@testable import Custodian

/// A custodian and a gateway of one organization, in a folder that goes with the test.
final class TestInstitution {
    let folder: String
    let authority: Authority
    let identity: Identity
    let gateway: Identity

    init() throws {
        self.folder = NSTemporaryDirectory() + "custodian-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        let host = try #require(HostName("localhost"))
        let now = UInt64(Date().timeIntervalSince1970)
        try Authority.create(
            directory: "\(self.folder)/ca",
            organization: "north",
            name: "ca",
            hosts: [host],
            at: now
        )
        let authority = try Authority(directory: "\(self.folder)/ca")
        self.authority = authority
        let custodian = try #require(PartyName(organization: "north", role: .custodian, name: "records"))
        let gateway = try #require(PartyName(organization: "north", role: .gateway, name: "gw-1"))
        self.identity = try authority.install(custodian, hosts: [host], into: "\(self.folder)/records", at: now)
        self.gateway = try authority.install(gateway, hosts: [], into: "\(self.folder)/gw-1", at: now)
    }

    deinit { try? FileManager.default.removeItem(atPath: self.folder) }

    /// Somebody with an identity of the same authority.
    func person(_ name: String) throws -> Identity {
        let now = UInt64(Date().timeIntervalSince1970)
        return try self.authority.install(
            #require(PartyName(name)),
            hosts: [],
            into: "\(self.folder)/\(UUID().uuidString)",
            at: now
        )
    }

    func custodian() throws -> Custodian { try Custodian(directory: "\(self.folder)/state", identity: self.identity) }
}

@Suite struct CustodianTests {
    let institution: TestInstitution

    init() throws { self.institution = try TestInstitution() }

    @Test func `a label and epoch have one descriptor for ever, also after a restart`() throws {
        let first = try self.institution.custodian().scope(label: "0a1b.vitals", epoch: 2_970)
        let again = try self.institution.custodian().scope(label: "0a1b.vitals", epoch: 2_970)
        #expect(first == again)
        let other = try self.institution.custodian().scope(label: "0a1b.vitals", epoch: 2_971)
        #expect(other.digest != first.digest)
    }

    @Test func `a descriptor verifies under the owner's certificate`() throws {
        let custodian = try self.institution.custodian()
        let scope = try custodian.scope(label: "0a1b.vitals", epoch: 1)
        let owner = try CertifiedKey(bytes: scope.ownerCertificate, from: custodian.identity.issuer)
        let verified = try ScopeDescriptor(bytes: scope.descriptor)
            .verify(owner: owner, at: UInt64(Date().timeIntervalSince1970))
        #expect(verified.descriptor.owner == "north:custodian:records")
        #expect(verified.descriptor.digest == scope.digest)
    }

    @Test func `the owner secret is made once and closed to others`() throws {
        #expect(try self.institution.custodian().secretIsNew)
        let path = "\(self.institution.folder)/state/owner.secret"
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(try !self.institution.custodian().secretIsNew)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test func `the list of scopes with its log and index is closed to others, also one that was open`() throws {
        let folder = "\(self.institution.folder)/state"
        func modes() throws -> [Int?] {
            try ["scopes.db", "scopes.db-wal", "scopes.db-shm"].map {
                try FileManager.default.attributesOfItem(atPath: "\(folder)/\($0)")[.posixPermissions] as? Int
            }
        }
        let custodian = try self.institution.custodian()
        _ = try custodian.scope(label: "a.vitals", epoch: 1)
        #expect(try modes() == [0o600, 0o600, 0o600])
        for name in ["scopes.db", "scopes.db-wal", "scopes.db-shm"] {
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: "\(folder)/\(name)")
        }
        _ = try self.institution.custodian()
        #expect(try modes() == [0o600, 0o600, 0o600])
        withExtendedLifetime(custodian) {}
    }

    @Test func `a descriptor from elsewhere is taken back only with the key that the secret gives`() throws {
        let custodian = try self.institution.custodian()
        let scope = try custodian.scope(label: "a.vitals", epoch: 1)
        let descriptor = try ScopeDescriptor(bytes: scope.descriptor)
        let back = try custodian.recovered(descriptor, certificate: scope.ownerCertificate)
        #expect(back.digest == scope.digest && back.label == "a.vitals" && back.epoch == 1)
        let other = try Custodian(directory: "\(self.institution.folder)/other", identity: self.institution.identity)
        #expect(throws: CustodianError.self) {
            try other.recovered(descriptor, certificate: scope.ownerCertificate)
        }
        #expect(throws: ProtocolFailure.self) {
            try custodian.recovered(descriptor, certificate: self.institution.gateway.certificate.bytes)
        }
        var forged = scope.descriptor
        forged[forged.count - 1] ^= 1
        #expect(throws: ProtocolFailure.self) {
            try custodian.recovered(ScopeDescriptor(bytes: forged), certificate: scope.ownerCertificate)
        }
    }

    @Test func `an owner secret that others may read is refused`() throws {
        _ = try self.institution.custodian()
        let path = "\(self.institution.folder)/state/owner.secret"
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
        #expect(throws: CredentialsError.self) { try self.institution.custodian() }
    }

    @Test func `a damaged owner secret is refused, not replaced`() throws {
        _ = try self.institution.custodian()
        let path = "\(self.institution.folder)/state/owner.secret"
        try Data("0123\n".utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        #expect(throws: CustodianError.self) { try self.institution.custodian() }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data("0123\n".utf8))
    }

    @Test(arguments: ["", "a b", "ä", "a/b", String(repeating: "x", count: 129)])
    func `a label of other characters is refused`(label: String) throws {
        let custodian = try self.institution.custodian()
        #expect(throws: CustodianError.self) { try custodian.scope(label: label, epoch: 1) }
    }

    @Test func `scopes wait for each privacy center on its own`() throws {
        let custodian = try self.institution.custodian()
        let scope = try custodian.scope(label: "a.vitals", epoch: 1)
        try custodian.registry.markPublished(scope, to: "https://one:7402")
        #expect(try custodian.registry.unpublished(to: "https://one:7402", limit: 9).isEmpty)
        #expect(try custodian.registry.unpublished(to: "https://two:7402", limit: 9) == [scope])
        #expect(try custodian.registry.unpublishedCount(to: "https://two:7402") == 1)
    }

    @Test func `what a gateway sealed opens with the scope's key and with none of the gateway's`() throws {
        let custodian = try self.institution.custodian()
        let gateway = self.institution.gateway
        let scope = try custodian.scope(label: "a.vitals", epoch: 1)
        let key = try custodian.scopeKey(label: "a.vitals", epoch: 1)
        let header = try EnvelopeHeader(
            mode: .scopeKey,
            sender: gateway.certificate.fields.subject,
            senderCertificateDigest: gateway.certificate.digest,
            scopeDigest: scope.digest,
            scopeKey: key.keyPair.publicKey.encoded,
            created: gateway.certificate.fields.notBefore,
            sequence: 1,
            policyDigest: [UInt8](repeating: 0, count: 32),
            recordCount: 1
        )
        let record = EnvelopeRecord(id: "", type: "t", time: 0, data: Array("heart rate 72".utf8))
        let bytes = try header.seal([record], by: gateway.key)
        let sender = try CertifiedKey(gateway.certificate, from: gateway.issuer)
        let envelope = try ParsedEnvelope(bytes: bytes).verify(sender: sender)
        #expect(try envelope.open(with: key.keyPair, descriptorDigest: scope.digest) == [record])
        #expect(throws: ProtocolFailure.self) {
            try envelope.open(with: gateway.key, descriptorDigest: scope.digest)
        }
        let otherEpoch = try custodian.scopeKey(label: "a.vitals", epoch: 2)
        #expect(throws: ProtocolFailure.self) {
            try envelope.open(with: otherEpoch.keyPair, descriptorDigest: scope.digest)
        }
    }

    @Test func `an Observation's id is found without parsing the rest`() {
        let json = Array(#"{"resourceType":"Observation","id":"abc-1","status":"final"}"#.utf8)
        #expect(ObservationIdentifier.find(in: json).elementsEqual("abc-1".utf8))
        #expect(ObservationIdentifier.find(in: Array("{}".utf8)).isEmpty)
    }
}
