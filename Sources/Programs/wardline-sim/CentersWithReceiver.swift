internal import CanonicalBytes
internal import Certificates
internal import Credentials
internal import P256Group
internal import Receiving
internal import Signcryption

/// What all privacy centers and one receiver know when they put their secrets together.
struct CentersWithReceiver {
    /// `d = rk·S` of the scene's grant.
    let scopeKey: P256Scalar
    /// Scopes that were granted to this receiver: those it may open, and so may they.
    let grantedScopes: Set<[UInt8]>
    /// Everything that they can multiply a point by: keys, shares, each `rk`, each `S`, and products of these.
    let scalars: [P256Scalar]
    /// All envelopes that the centers store, each once.
    let envelopes: [VerifiedEnvelope]
    let capsules: [[UInt8]: EpochCapsule]

    /// - Throws: `CONTEXT` when the centers have too few shares of the scene's grant.
    init(_ scene: CollusionScene) throws {
        let grant = scene.material.reader.grant.digest
        let keys = try ReencryptionKey.all(of: scene.centers, first: grant)
        let own = keys.filter { $0.terms.receiverCertificateDigest == scene.receiver.certificate.digest }
        let blindings = try own.map { try $0.blinding(scene.receiver.key) }
        guard own.first?.grant == grant, let blinding = blindings.first, let key = own.first else {
            throw ProtocolFailure(.context, "the centers do not hold the re-encryption key of the grant")
        }
        self.scopeKey = key.secret * blinding
        self.grantedScopes = Set(own.map(\.terms.scopeDigest))
        let receiver = scene.receiver.key.withSecret { $0 }
        var scalars = blindings + [receiver]
        scalars += scene.centers.map { $0.identity.key.withSecret { $0 } }
        // Centers issue as well; the KGC is none of them.
        scalars += scene.parties.dropFirst().map { $0.identity.key.withSecret { $0 } }
        for key in keys {
            scalars += [key.secret, key.secret * receiver]
            scalars += blindings.map { key.secret * $0 }
            if key.shares.count > 1 { scalars += key.shares.map { $0.keyPair.withSecret { $0 } } }
        }
        self.scalars = scalars
        var seen: Set<[UInt8]> = []
        self.envelopes = scene.centers.flatMap(\.envelopes).filter { seen.insert($0.indexPointer).inserted }
        self.capsules = scene.centers.map(\.capsules).reduce(into: [:]) { $0.merge($1) { known, _ in known } }
    }

    /// Every point that they can make of an envelope, for `K`.
    func points(for envelope: VerifiedEnvelope) throws -> [P256Point] {
        let bases = [envelope.envelope.commitment.point, try P256Point(envelope.header.scopeKey)]
        return self.scalars.flatMap { scalar in bases.map { scalar * $0 } }
    }

    /// Tries everything on an envelope.
    func outcomes(on envelope: VerifiedEnvelope, epochKeys: [[UInt8]]) throws -> [AttemptOutcome<[EnvelopeRecord]>] {
        envelope.outcomes(of: try self.points(for: envelope), epochKeys: epochKeys)
    }
}
