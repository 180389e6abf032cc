import CanonicalBytes
import Certificates
import P256Group
import Signcryption
import Transcripts

/// One step of the scheme with the operations that it specifies.
struct SealingOperation {
    let name: String
    let work: SpecifiedWork
    let run: () throws -> Void
}

/// An owner, a gateway, one privacy center and a receiver, with an envelope that goes all the way.
struct SealingScene {
    private struct Party {
        let certified: CertifiedKey
        let key: P256KeyPair
    }

    /// What an envelope of mode 1 needs besides: a stream's key of an epoch, made once in that epoch.
    private struct Epoch {
        let key: [UInt8]
        let capsuleDigest: [UInt8]
    }

    private static let now: UInt64 = 5_000

    private let owner: Party
    private let gateway: Party
    private let receiver: Party
    private let center: Party
    private let scopeKey: ScopeKey
    private let scope: VerifiedScope
    private let records: [EnvelopeRecord]
    private let envelope: [UInt8]
    private let issued: IssuedGrant
    private let grant: VerifiedGrant
    private let share: KeyShare
    private let nonce = SecureRandom.bytes(32)
    private let epoch = Epoch(key: SecureRandom.bytes(32), capsuleDigest: SecureRandom.bytes(32))
    private let part: [UInt8]

    init(payloadBytes: Int) throws {
        let authority = CertificateAuthority(name: "authority", key: .generate())
        self.owner = try Self.party("owner", [.sign, .keyExchange], authority)
        self.gateway = try Self.party("gateway", [.sign], authority)
        self.receiver = try Self.party("receiver", [.sign, .keyExchange], authority)
        self.center = try Self.party("center", [.sign, .proxy], authority)
        self.scopeKey = try OwnerSecret.generate().scopeKey(owner: "owner", label: "vital-signs", epoch: 1)
        let descriptor = try ScopeDescriptor(
            signing: self.scopeKey,
            owner: self.owner.key,
            certificateDigest: self.owner.certified.digest
        )
        self.scope = try descriptor.verify(owner: self.owner.certified, at: Self.now)
        self.records = [EnvelopeRecord(id: "1", type: "bytes", time: 0, data: SecureRandom.bytes(payloadBytes))]
        self.envelope = try Self.seal(self.records, self.scope, self.gateway)
        self.issued = try Self.issue(self.scopeKey, self.scope, self.owner, self.receiver, self.center)
        self.grant = try ParsedGrant(bytes: self.issued.grant).verify(
            owner: self.owner.certified,
            descriptor: descriptor.bytes,
            at: Self.now
        )
        self.share = try self.grant.openPackage(self.issued.packages[0], index: 1, key: self.center.key)
        self.part = try ParsedEnvelope(bytes: self.envelope).verify(sender: self.gateway.certified).reencrypt(
            under: self.grant,
            share: self.share,
            nonce: self.nonce,
            at: Self.now,
            singleControl: true
        )
    }

    /// Seals one record to the scene's scope.
    func seal(_ record: EnvelopeRecord) throws -> [UInt8] { try Self.seal([record], self.scope, self.gateway) }

    func operations() throws -> [SealingOperation] {
        let verified = { try ParsedEnvelope(bytes: self.envelope).verify(sender: self.gateway.certified) }
        let context = GrantReader.Context(nonce: self.nonce, singleControl: true)
        let newReader = {
            GrantReader(
                grant: self.grant,
                key: self.receiver.key,
                certificateDigest: self.receiver.certified.digest
            )
        }
        let kept = newReader()
        let known = try verified()
        let selection = try PartSelection(
            strictly: [self.part],
            of: known.envelope,
            under: self.grant,
            nonce: self.nonce
        )
        return [
            SealingOperation(name: "signcrypt", work: self.sealing()) {
                _ = try Self.seal(self.records, self.scope, self.gateway)
            },
            SealingOperation(name: "signcrypt, with the epoch key (mode 1)", work: self.sealing(.scopeAndEpochKey)) {
                _ = try Self.seal(self.records, self.scope, self.gateway, epoch: self.epoch)
            },
            SealingOperation(name: "verify", work: self.verification) { _ = try verified() },
            SealingOperation(name: "verify, open by the owner", work: self.verification + self.owning) {
                _ = try verified().open(
                    with: self.scopeKey.keyPair,
                    descriptorDigest: self.scope.descriptor.digest
                )
            },
            SealingOperation(name: "re-encryption key", work: self.granting) {
                _ = try Self.issue(self.scopeKey, self.scope, self.owner, self.receiver, self.center)
            },
            SealingOperation(name: "re-encrypt a verified envelope", work: self.transforming) {
                _ = try known.reencrypt(
                    under: self.grant,
                    share: self.share,
                    nonce: self.nonce,
                    at: Self.now,
                    singleControl: true
                )
            },
            SealingOperation(name: "verify and re-encrypt", work: self.verification + self.transforming) {
                _ = try verified().reencrypt(
                    under: self.grant,
                    share: self.share,
                    nonce: self.nonce,
                    at: Self.now,
                    singleControl: true
                )
            },
            SealingOperation(
                name: "open by the receiver, envelope and part verified",
                work: self.unblinding + self.combining
            ) {
                _ = try newReader().open(known, parts: selection, context: context)
            },
            SealingOperation(
                name: "verify, check part, open by the receiver",
                work: self.verification + self.unblinding + self.checking + self.combining
            ) {
                _ = try newReader().open(verified(), parts: [self.part], context: context)
            },
            SealingOperation(
                name: "verify, check part, open by the receiver, S known",
                work: self.verification + self.checking + self.combining
            ) {
                _ = try kept.open(verified(), parts: [self.part], context: context)
            },
        ]
    }
}

/// The operations that the specification lists for each step, section 5.
extension SealingScene {
    private func header(_ mode: EnvelopeMode) -> Int {
        32 + 32 + 32 + 33 + 38 + "gateway".utf8.count + (mode == .scopeKey ? 0 : 32)
    }

    private var batch: Int { 8 + 20 + 6 + self.records[0].data.count }
    private var ciphertext: Int { 48 + self.batch }

    private func challengeHash(_ mode: EnvelopeMode = .scopeKey) -> [Int] {
        SpecifiedWork.scalarHash(33, 33, 33, self.ciphertext, self.header(mode), 7, 33)
    }

    /// The two derivations of the content key.
    private func contentKey(_ mode: EnvelopeMode = .scopeKey) -> [Int] {
        SpecifiedWork.keyDerivation(secret: 33, info: 41 + self.header(mode), length: 32)
            + SpecifiedWork.keyDerivation(
                secret: mode == .scopeKey ? 32 : 64,
                info: 46 + self.header(mode),
                length: 44
            )
    }

    private func sealing(_ mode: EnvelopeMode = .scopeKey) -> SpecifiedWork {
        let header = self.header(mode)
        let nonce = SpecifiedWork.scalarHash(32, 32, 33, self.ciphertext, header)
        return SpecifiedWork(
            fixed: 3,
            variable: 1,
            encodings: 4,
            hashes: SpecifiedWork.scalarHash(32, header, self.batch) + self.contentKey(mode) + nonce + nonce
                + self.challengeHash(mode),
            ciphers: [self.ciphertext + header]
        )
    }

    /// Including the index pointer.
    private var verification: SpecifiedWork {
        SpecifiedWork(double: 2, encodings: 2, decodings: 1, hashes: self.challengeHash() + [self.envelope.count + 27])
    }

    /// From `K` to the records.
    private var opening: SpecifiedWork {
        SpecifiedWork(
            fixed: 1,
            encodings: 2,
            hashes: SpecifiedWork.scalarHash(32, self.header(.scopeKey), self.batch) + self.contentKey(),
            ciphers: [self.ciphertext + self.header(.scopeKey)]
        )
    }

    private var owning: SpecifiedWork { SpecifiedWork(variable: 1) + self.opening }

    private var blindingHash: [Int] { SpecifiedWork.scalarHash(5, 8, 32, 32, 32, 33, 33, 33, 33, 33) }

    private var granting: SpecifiedWork {
        let body = self.issued.grant.count - 64
        let package = self.issued.packages[0].count - 64
        let signatures = [body, package].flatMap {
            SpecifiedWork.scalarHash(32, 32, 33, 5, $0) + SpecifiedWork.scalarHash(33, 33, 5, $0)
        }
        return SpecifiedWork(
            fixed: 5,
            variable: 3,
            encodings: 8,
            inversions: 1,
            hashes: self.blindingHash + signatures + [self.issued.grant.count + 30]
                + SpecifiedWork.keyDerivation(secret: 33, info: 115, length: 44),
            ciphers: [32 + 37]
        )
    }

    private var transforming: SpecifiedWork {
        SpecifiedWork(
            fixed: 1,
            variable: 2,
            encodings: 3,
            hashes: SpecifiedWork.scalarHash(32, 32, 33, 33, 33, 33, 125)
                + SpecifiedWork.scalarHash(33, 33, 33, 33, 33, 33, 125)
        )
    }

    private var unblinding: SpecifiedWork { SpecifiedWork(variable: 3, encodings: 2, hashes: self.blindingHash) }

    private var checking: SpecifiedWork {
        SpecifiedWork(
            variable: 2,
            double: 1,
            additions: 1,
            encodings: 2,
            decodings: 1,
            hashes: SpecifiedWork.scalarHash(33, 33, 33, 33, 33, 33, 125)
        )
    }

    private var combining: SpecifiedWork { SpecifiedWork(variable: 1) + self.opening }
}

extension SealingScene {
    private static func party(
        _ name: String,
        _ usage: CertificateUsage,
        _ authority: CertificateAuthority
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

    private static func seal(
        _ records: [EnvelopeRecord],
        _ scope: VerifiedScope,
        _ gateway: Party,
        epoch: Epoch? = nil
    ) throws -> [UInt8] {
        let header = try EnvelopeHeader(
            mode: epoch == nil ? .scopeKey : .scopeAndEpochKey,
            sender: gateway.certified.subject,
            senderCertificateDigest: gateway.certified.digest,
            scopeDigest: scope.descriptor.digest,
            scopeKey: scope.publicKey.encoded,
            capsuleDigest: epoch?.capsuleDigest ?? [],
            created: self.now,
            sequence: 1,
            policyDigest: [UInt8](repeating: 0, count: 32),
            recordCount: UInt32(records.count)
        )
        return try scope.seal(records, under: header, by: gateway.key, epochKey: epoch?.key)
    }

    private static func issue(
        _ scopeKey: ScopeKey,
        _ scope: VerifiedScope,
        _ owner: Party,
        _ receiver: Party,
        _ center: Party
    ) throws -> IssuedGrant {
        try scopeKey.grant(
            to: GrantReceiver(id: "receiver", key: receiver.certified, at: self.now),
            through: [GrantCenter(id: "center", key: center.certified, at: self.now)],
            descriptor: scope.descriptor,
            ownerCertificateDigest: owner.certified.digest,
            ownerKey: owner.key,
            validity: (0, 10_000),
            randomness: GrantRandomness(threshold: 1, of: 1)
        )
    }
}
