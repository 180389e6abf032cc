internal import CanonicalBytes
internal import Certificates
internal import P256Group
internal import Transcripts

@testable internal import Signcryption

/// An authority with an owner, a gateway and privacy centers of its own; keys are random.
struct World {
    struct Party {
        let certified: CertifiedKey
        let key: P256KeyPair
    }

    static let now: UInt64 = 5_000

    let authority: CertificateAuthority
    let owner: Party
    let gateway: Party
    let secret = OwnerSecret.generate()
    let scopeKey: ScopeKey
    let descriptor: ScopeDescriptor
    let scope: VerifiedScope

    init(label: String = "ecg", epoch: UInt64 = 1) throws {
        let authority = CertificateAuthority(name: "ca", key: .generate())
        let owner = try Self.party("owner", [.sign, .keyExchange], of: authority)
        self.authority = authority
        self.owner = owner
        self.gateway = try Self.party("gw", [.sign], of: authority)
        self.scopeKey = try self.secret.scopeKey(owner: "owner", label: label, epoch: epoch)
        self.descriptor = try ScopeDescriptor(
            signing: self.scopeKey,
            owner: owner.key,
            certificateDigest: owner.certified.digest
        )
        self.scope = try self.descriptor.verify(owner: owner.certified, at: Self.now)
    }

    static func party(
        _ name: String,
        _ usage: CertificateUsage,
        of authority: CertificateAuthority
    ) throws -> Party {
        let request = P256KeyPair.generate()
        let fields = CertificateFields(
            issuer: authority.issuer.name,
            serial: 1,
            subject: name,
            notBefore: 0,
            notAfter: 1_000_000,
            usage: usage,
            attributes: []
        )
        let issued = try authority.issue(CertificateRequest(request, subject: name), fields: fields)
        return Party(
            certified: try CertifiedKey(issued.certificate, from: authority.issuer),
            key: try issued.keyPair(for: request, from: authority.issuer)
        )
    }

    func party(_ name: String, _ usage: CertificateUsage) throws -> Party {
        try Self.party(name, usage, of: self.authority)
    }

    static let records = [EnvelopeRecord(id: "r", type: "t", time: 1, data: Array("heart rate 72".utf8))]

    func header(sender: Party? = nil, sequence: UInt64 = 1, records: Int = 1) throws -> EnvelopeHeader {
        let sender = sender ?? self.gateway
        return try EnvelopeHeader(
            mode: .scopeKey,
            sender: sender.certified.subject,
            senderCertificateDigest: sender.certified.digest,
            scopeDigest: self.descriptor.digest,
            scopeKey: self.scope.publicKey.encoded,
            created: Self.now,
            sequence: sequence,
            policyDigest: [UInt8](repeating: 2, count: 32),
            recordCount: UInt32(records)
        )
    }

    func sealed(_ records: [EnvelopeRecord] = records, sequence: UInt64 = 1) throws -> VerifiedEnvelope {
        let header = try self.header(sequence: sequence, records: records.count)
        let bytes = try self.scope.seal(records, under: header, by: self.gateway.key)
        return try ParsedEnvelope(bytes: bytes).verify(sender: self.gateway.certified)
    }
}

/// A grant to one receiver with all the parties that take part.
struct Delegation {
    let world: World
    let receiver: World.Party
    let centers: [World.Party]
    let grant: VerifiedGrant
    let shares: [KeyShare]
    let reader: GrantReader

    init(_ world: World, threshold: Int, of count: Int) throws {
        let receiver = try world.party("rcv", [.keyExchange, .sign])
        let centers = try (1...count).map { try world.party("cpc-\($0)", [.sign, .proxy]) }
        let issued = try world.scopeKey.grant(
            to: GrantReceiver(id: "rcv", key: receiver.certified, at: World.now),
            through: centers.map { try GrantCenter(id: $0.certified.subject, key: $0.certified, at: World.now) },
            descriptor: world.descriptor,
            ownerCertificateDigest: world.owner.certified.digest,
            ownerKey: world.owner.key,
            validity: (0, 10_000),
            randomness: GrantRandomness(threshold: threshold, of: count)
        )
        let grant = try ParsedGrant(bytes: issued.grant).verify(
            owner: world.owner.certified,
            descriptor: world.descriptor.bytes,
            at: World.now
        )
        self.shares = try zip(UInt8(1)...255, zip(issued.packages, centers)).map { index, pair in
            try grant.openPackage(pair.0, index: index, key: pair.1.key)
        }
        self.world = world
        self.receiver = receiver
        self.centers = centers
        self.grant = grant
        self.reader = GrantReader(grant: grant, key: receiver.key, certificateDigest: receiver.certified.digest)
    }

    func parts(of envelope: VerifiedEnvelope, nonce: [UInt8]) throws -> [[UInt8]] {
        try self.shares.map {
            try envelope.reencrypt(
                under: self.grant,
                share: $0,
                nonce: nonce,
                at: World.now,
                singleControl: true
            )
        }
    }
}

/// The code of the failure that the work ends with; nil when it succeeds.
func failure(of work: () throws -> Void) -> ProtocolFailure.Code? {
    do {
        try work()
        return nil
    } catch { return (error as? ProtocolFailure)?.code }
}
