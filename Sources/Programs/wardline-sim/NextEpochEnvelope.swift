internal import Certificates
internal import Credentials
internal import Custodian
internal import IdentityEncryption
internal import P256Group
internal import Receiving
internal import Signcryption
internal import Transcripts

/// An envelope of the granted label's next epoch, as its gateway will seal it; it is shown to nobody.
struct NextEpochEnvelope {
    let envelope: VerifiedEnvelope
    let capsule: EpochCapsule
    let epochKey: [UInt8]
    /// Whether the owner opens it: otherwise that others do not shows nothing.
    let opensForOwner: Bool

    init(_ scene: CollusionScene) throws {
        let granted = scene.material.reader.grant.scope.descriptor
        let last = scene.material.envelope.header
        let owner = scene.custodian.identity
        let scopeKey = try scene.custodian.scopeKey(label: granted.label, epoch: granted.epoch + 1)
        let descriptor = try ScopeDescriptor(
            signing: scopeKey,
            owner: owner.key,
            certificateDigest: owner.certificate.digest
        )
        let scope = try descriptor.verify(owner: CertifiedKey(owner.certificate, from: owner.issuer), at: nil)
        let encapsulated = try EncapsulationKey(
            identity: EpochCapsule.dataIdentity(
                owner: granted.owner,
                label: granted.label,
                epoch: descriptor.epoch,
                sender: last.sender
            ),
            parameters: scene.key.parameters
        ).encapsulate()
        let header = try EnvelopeHeader(
            mode: .scopeAndEpochKey,
            sender: last.sender,
            senderCertificateDigest: last.senderCertificateDigest,
            scopeDigest: descriptor.digest,
            scopeKey: scope.publicKey.encoded,
            capsuleDigest: encapsulated.capsule.digest,
            created: last.created,
            sequence: 1,
            policyDigest: last.policyDigest,
            recordCount: 1
        )
        let record = EnvelopeRecord(id: "next", type: "text/plain", time: 0, data: SecureRandom.bytes(64))
        let bytes = try scope.seal([record], under: header, by: scene.gateway.key, epochKey: encapsulated.key)
        self.envelope = try ParsedEnvelope(bytes: bytes).verify(sender: scene.material.envelope.sender)
        self.capsule = encapsulated.capsule
        self.epochKey = encapsulated.key
        let opened = try self.envelope.open(
            with: scopeKey.keyPair,
            descriptorDigest: descriptor.digest,
            epochKey: encapsulated.key
        )
        self.opensForOwner = opened == [record]
    }
}
