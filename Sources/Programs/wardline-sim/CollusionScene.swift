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
    /// All privacy centers that store envelopes, with what is on their disks.
    let centers: [CenterHoldings]
    let validators: ValidatorHoldings
    /// In the generation that the grant is for.
    let receiver: Identity
    /// In the generation that sealed the envelope.
    let gateway: Identity
    let key: IdentityKey
    let material: ReceivedMaterial
    /// The owner, to compare with, and to seal what it has not sealed yet.
    let custodian: Custodian
    let scopeKey: ScopeKey
    /// From which the owner derives all of its scopes' keys.
    let ownerSecret: [UInt8]

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
        let terms = try ParsedGrant(bytes: granted.grant).terms
        self.receiver = try receiver.generation(certified: terms.receiverCertificateDigest) ?? receiver
        self.storing = try terms.centers.map { center in
            guard let name = PartyName(center.id)?.name else { throw ProtocolFailure(.format, "a center's name") }
            return try Identity.load(directory: "\(dev)/\(name)/identity")
        }
        self.key = try IdentityKey(fileBytes: PrivateFile.read(identityKey), parameters: joint.key)
        self.material = try await Self.material(granted, receiver, envelope)
        self.gateway = try Self.gateway(of: self.material.envelope.header, in: dev)
        self.centers = try await CenterHoldings.all(in: dev)
        self.validators = try ValidatorHoldings(dev: dev)
        let descriptor = self.material.reader.grant.scope.descriptor
        self.custodian = try Custodian(
            directory: "\(dev)/custodian/state",
            identity: Identity.load(directory: "\(dev)/custodian/identity")
        )
        self.scopeKey = try self.custodian.scopeKey(label: descriptor.label, epoch: descriptor.epoch)
        self.ownerSecret = try Self.hexadecimal("\(dev)/custodian/state/owner.secret")
    }

    private static func gateway(of header: EnvelopeHeader, in dev: String) throws -> Identity {
        guard let name = PartyName(header.sender)?.name,
            let gateway = try Identity.load(directory: "\(dev)/\(name)/identity")
                .generation(certified: header.senderCertificateDigest)
        else { throw ProtocolFailure(.context, "no identity of \(header.sender)") }
        return gateway
    }

    private static func hexadecimal(_ path: String) throws -> [UInt8] {
        let digits = String(decoding: try PrivateFile.read(path), as: UTF8.self)
        guard let bytes = [UInt8](hex: digits.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw ProtocolFailure(.format, "\(path) does not hold hexadecimal digits")
        }
        return bytes
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
