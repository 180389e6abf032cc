internal import CanonicalBytes
internal import Credentials
internal import IdentityEncryption
internal import P256Group
internal import Receiving
internal import SecretSharing
internal import Signcryption

/// What all validators do with everything on their disks, alone and with all privacy centers.
///
/// They are given the envelope, which only privacy centers have, and its epoch key, which nobody of them gets.
struct ValidatorAttempts {
    private let scene: CollusionScene
    private let epochKey: [UInt8]
    private let validators: ValidatorHoldings
    /// `Y`, `Q_scope` and `X`: all that is public and leads to `K` with the right secret.
    private let bases: [P256Point]

    init(_ scene: CollusionScene, epochKey: [UInt8]) throws {
        self.scene = scene
        self.epochKey = epochKey
        self.validators = scene.validators
        let terms = scene.material.reader.grant.terms
        self.bases = [
            scene.material.envelope.envelope.commitment.point, try P256Point(terms.scopeKey),
            try P256Point(terms.ephemeral),
        ]
    }

    func all() throws -> [CollusionFinding] {
        [try self.search(), self.alone(), try self.withCenters(), try self.epochKeys()]
    }

    /// Looks for everything secret in their files; the scope's digest, which the chain does name, must be found.
    private func search() throws -> CollusionFinding {
        let secrets = try self.secrets()
        let found = secrets.filter { self.validators.hold($0.bytes) }.map(\.name)
        let searches = self.validators.hold(self.scene.material.envelope.header.scopeDigest)
        let files = "all \(self.validators.byteCount) bytes of \(self.validators.identities.count) validators"
        let text =
            if !searches {
                "\(files): not even the scope's digest is found"
            } else if found.isEmpty {
                "\(files), keys and both channels: none of \(secrets.count) secrets around the envelope is there"
            } else {
                "\(files): \(found.joined(separator: ", ")) is there"
            }
        return CollusionFinding(name: "validators-files", passed: found.isEmpty && searches, text: text)
    }

    private func alone() -> CollusionFinding {
        var refusals = Refusals(expecting: .aead)
        for scalar in self.validators.scalars { refusals.note(self.outcomes(self.bases.map { scalar * $0 })) }
        refusals.note(self.outcomes(self.validators.points))
        return CollusionFinding(
            name: "validators-together",
            passed: refusals.areComplete,
            text: "all validators' keys and the \(self.validators.points.count) points in their files open nothing,"
                + " even with the epoch key: \(refusals)"
        )
    }

    private func withCenters() throws -> CollusionFinding {
        let grant = self.scene.material.reader.grant.digest
        let key = try ReencryptionKey.all(of: self.scene.centers, first: grant).first { $0.grant == grant }
        guard let key else { throw ProtocolFailure(.context, "the centers do not hold the grant's shares") }
        var scalars = [key.secret] + key.shares.map { $0.keyPair.withSecret { $0 } }
        scalars += (self.scene.storing + self.scene.parties.dropFirst().map(\.identity)).map { identity in
            identity.key.withSecret { $0 }
        }
        var refusals = Refusals(expecting: .aead)
        for scalar in scalars { refusals.note(self.outcomes(self.bases.map { scalar * $0 })) }
        // `rk·Y` with a validator's key in the place of `S`, and `rk` times whatever point the chain has.
        let transformed = key.secret * self.scene.material.envelope.envelope.commitment.point
        refusals.note(self.outcomes(self.validators.scalars.map { $0 * transformed }))
        refusals.note(self.outcomes(self.validators.points.map { key.secret * $0 }))
        return CollusionFinding(
            name: "validators-with-centers",
            passed: refusals.areComplete,
            text: "with all centers' keys and the whole re-encryption key validators open nothing, even with the"
                + " epoch key: \(refusals)"
        )
    }

    /// The KGC's share is missing; a validator's secret does not replace it.
    private func epochKeys() throws -> CollusionFinding {
        let shares = self.scene.parties.dropFirst().map(\.share)
        var refusals = Refusals(expecting: .fo)
        for secrets in [shares] + self.validators.shareSecrets.map({ shares + [$0] }) {
            refusals.note(try self.scene.decapsulation(of: self.scene.material.capsule, with: secrets))
        }
        return CollusionFinding(
            name: "validators-with-centers-epoch-key",
            passed: refusals.areComplete && !self.validators.shareSecrets.isEmpty,
            text: "nor do they get the epoch key with the centers' shares of the issuing key: \(refusals)"
        )
    }

    private func outcomes(_ points: [P256Point]) -> [AttemptOutcome<[EnvelopeRecord]>] {
        self.scene.material.envelope.outcomes(of: points, epochKeys: [self.epochKey])
    }

    /// Everything with which somebody could open the envelope, or get nearer to it, and what is in it.
    private func secrets() throws -> [(name: String, bytes: [UInt8])] {
        let scene = self.scene
        let envelope = scene.material.envelope
        let shared = scene.scopeKey.keyPair.withSecret { $0 * envelope.envelope.commitment.point }
        let inside = try SenderSecrets(envelope, shared: shared, epochKey: self.epochKey)
        var secrets: [(name: String, bytes: [UInt8])] = [
            ("the owner secret", scene.ownerSecret),
            ("the scope's key", scene.scopeKey.keyPair.secretBytes()),
            ("the receiver's key", scene.receiver.key.secretBytes()),
            ("the gateway's key", scene.gateway.key.secretBytes()),
            ("the identity's key", try scene.key.secretBytes()),
            ("the epoch key", self.epochKey),
            ("the content key", Array(inside.contentKey.prefix(32))),
            ("r", inside.r.bytes),
            ("K", try shared.encoded()),
        ]
        let grant = scene.material.reader.grant.digest
        for key in try ReencryptionKey.all(of: scene.centers, first: grant) where key.grant == grant {
            secrets.append(("the re-encryption key", key.secret.bytes))
            secrets.append(("S", try key.blinding(scene.receiver.key).bytes))
            secrets += key.shares.map { ("a center's share", $0.keyPair.secretBytes()) }
        }
        secrets += scene.parties.map { ("the issuing share of \($0.name)", $0.share.secretBytes()) }
        secrets += (scene.storing + scene.parties.map(\.identity)).map {
            ("the key of \($0.name)", $0.key.secretBytes())
        }
        let records = try envelope.open(shared: shared, epochKey: self.epochKey).filter { !$0.isPadding }
        secrets += records.filter { $0.data.count >= 32 }.map { ("a record", Array($0.data.prefix(32))) }
        return secrets
    }
}
