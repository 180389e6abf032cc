import Bundles
import CanonicalBytes
import Certificates
import Credentials
import Foundation
import P256Group
import Signcryption
import Testing

@testable import Custodian

@Suite struct HandedEpochKeyTests {
    private static let capsule = [UInt8](repeating: 4, count: 32)
    private static let key = [UInt8](repeating: 5, count: 32)
    private let institution: TestInstitution

    init() throws { self.institution = try TestInstitution() }

    private func envelope(_ mode: EnvelopeMode) throws -> VerifiedEnvelope {
        let gateway = self.institution.gateway
        let custodian = try self.institution.custodian()
        let scope = try custodian.scope(label: "a.vitals", epoch: 1)
        let header = try EnvelopeHeader(
            mode: mode,
            sender: gateway.certificate.fields.subject,
            senderCertificateDigest: gateway.certificate.digest,
            scopeDigest: scope.digest,
            scopeKey: custodian.scopeKey(label: "a.vitals", epoch: 1).keyPair.publicKey.encoded,
            capsuleDigest: mode == .scopeKey ? [] : Self.capsule,
            created: gateway.certificate.fields.notBefore,
            sequence: 1,
            policyDigest: [UInt8](repeating: 0, count: 32),
            recordCount: 1
        )
        let record = EnvelopeRecord(id: "", type: "t", time: 0, data: [])
        let bytes = try header.seal([record], by: gateway.key, epochKey: mode == .scopeKey ? nil : Self.key)
        return try ParsedEnvelope(bytes: bytes)
            .verify(sender: CertifiedKey(gateway.certificate, from: self.institution.identity.issuer))
    }

    private static func record(
        _ id: String = Self.capsule.hex,
        type: String = EpochKeyRecord.recordType,
        data: [UInt8] = Self.key
    ) -> EnvelopeRecord {
        EnvelopeRecord(id: id, type: type, time: 0, data: data)
    }

    @Test func `an envelope of mode 0 needs no key, one of mode 1 the one that its sender handed over`() throws {
        var keys = HandedEpochKeys()
        let (single, dual) = (try self.envelope(.scopeKey), try self.envelope(.scopeAndEpochKey))
        let isSingleLacking = keys.isLacking(single)
        #expect(!isSingleLacking)
        let none = try keys.key(of: single)
        #expect(none == nil)
        let (isLacking, isLackingAgain) = (keys.isLacking(dual), keys.isLacking(dual))
        #expect(isLacking && !isLackingAgain, "it is looked for once")
        #expect(throws: CustodianError.self) { try keys.key(of: dual) }
        keys.take(Self.record(), from: dual.header.sender)
        let found = try keys.key(of: dual)
        #expect(found == Self.key)
        #expect(keys.usedCount == 1)
    }

    @Test func `a sender spoils nobody else's keys`() throws {
        var keys = HandedEpochKeys()
        let dual = try self.envelope(.scopeAndEpochKey)
        keys.take(Self.record(data: [UInt8](repeating: 6, count: 32)), from: "north:gateway:gw-2")
        #expect(throws: CustodianError.self) { try keys.key(of: dual) }
        keys.take(Self.record(), from: dual.header.sender)
        keys.take(Self.record(data: [UInt8](repeating: 6, count: 32)), from: "north:gateway:gw-2")
        let found = try keys.key(of: dual)
        #expect(found == Self.key)
    }

    @Test func `records of another type, id or length are no keys`() throws {
        var keys = HandedEpochKeys()
        let dual = try self.envelope(.scopeAndEpochKey)
        for record in [
            Self.record(type: "wardline.index-key"), Self.record(""), Self.record("04"),
            Self.record(data: Array(Self.key.dropLast())), Self.record(data: Self.key + [0]),
        ] { keys.take(record, from: dual.header.sender) }
        #expect(throws: CustodianError.self) { try keys.key(of: dual) }
    }

    @Test func `the scopes of a label and epoch are listed with those beside them`() throws {
        let custodian = try self.institution.custodian()
        let scope = try custodian.scope(label: "a.vitals.epoch-keys", epoch: 1)
        _ = try custodian.scope(label: "a.vitals", epoch: 1)
        _ = try custodian.scope(label: "a.vitals.epoch-keys", epoch: 2)
        #expect(try custodian.registry.scopes(label: "a.vitals.epoch-keys", epoch: 1) == [scope])
    }
}
