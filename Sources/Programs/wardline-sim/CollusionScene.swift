internal import CanonicalBytes
internal import Certificates
internal import Credentials
internal import Custodian
internal import Foundation
internal import IdentityEncryption
internal import KeyIssuing
internal import Receiving
internal import Records
internal import SecretSharing
internal import Signcryption
internal import Uplink

/// The secrets of a consortium for trying things out, in one hand, and one envelope with everything about it.
struct CollusionScene: Sendable {
    /// An issuing party with everything that it has.
    struct Party: Sendable {
        let name: PartyName
        let share: SecretFr
        let identity: Identity
    }

    let parties: [Party]
    /// The privacy centers of the grant, which hold the envelope and shares of the re-encryption key.
    let storing: [Identity]
    let key: IdentityKey
    let material: ReceivedMaterial
    /// The owner's, to compare with.
    let scopeKey: ScopeKey

    init(dev: String, identity: String, grant: String, identityKey: String, envelope: Digest?) async throws {
        let parameters = try ParametersFile(
            bytes: PrivateFile.read("\(dev)/parameters.wly", upTo: ParametersFile.bytesMax, isSecret: false)
        )
        let receiver = try Identity.load(directory: identity)
        let joint = try parameters.verify(issuer: receiver.issuer)
        self.parties = try parameters.parties.enumerated().map { place, party in
            let folder = "\(dev)/\(party.name.name)"
            let share = try StoredShare.open(
                in: "\(folder)/state",
                of: parameters,
                place: UInt8(place),
                sealingKeyFile: "\(folder)/sealing.key"
            )
            try IssuingParty(place: UInt8(place), share: share, parties: joint.parties).requireOwnPoint()
            return Party(name: party.name, share: share, identity: try Identity.load(directory: "\(folder)/identity"))
        }
        let granted = try GrantFile(bytes: PrivateFile.read(grant, upTo: GrantFile.bytesMax, isSecret: false))
        self.storing = try ParsedGrant(bytes: granted.grant).terms.centers.map { center in
            guard let name = PartyName(center.id)?.name else { throw ProtocolFailure(.format, "a center's name") }
            return try Identity.load(directory: "\(dev)/\(name)/identity")
        }
        self.key = try IdentityKey(fileBytes: PrivateFile.read(identityKey), parameters: joint.key)
        self.material = try await Self.material(granted, receiver, envelope)
        let descriptor = self.material.reader.grant.scope.descriptor
        let custodian = try Custodian(
            directory: "\(dev)/custodian/state",
            identity: Identity.load(directory: "\(dev)/custodian/identity")
        )
        self.scopeKey = try custodian.scopeKey(label: descriptor.label, epoch: descriptor.epoch)
    }

    private static func material(
        _ file: GrantFile,
        _ receiver: Identity,
        _ envelope: Digest?
    ) async throws -> ReceivedMaterial {
        let client = SecureClient(identity: IdentityWatch(receiver), servers: [.privacyCenter])
        let outcome: Result<ReceivedMaterial, any Error>
        do {
            let centers = try zip(ParsedGrant(bytes: file.grant).terms.centers, file.addresses).map { center, address in
                guard let url = ServiceURL(address) else { throw ProtocolFailure(.format, "an address") }
                return PrivacyCenterClient(name: center.id, base: url, client: client)
            }
            // Without keys of identities: nothing is opened here.
            let reader = try EnvelopeReceiver(file, identity: receiver, keys: [], centers: centers)
            outcome = .success(try await reader.material(of: envelope))
        } catch { outcome = .failure(error) }
        await client.close()
        return try outcome.get()
    }
}
