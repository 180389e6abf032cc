internal import CanonicalBytes
internal import Certificates
internal import P256Group
internal import Testing
internal import Transcripts

@testable internal import Signcryption

/// Attacks that work on the literal formulas of the paper, or on a naive repair, and fail here.
///
/// They are those of the specification's section 11. Each test first shows that the attack does work there.
@Suite struct AttackTests {
    /// E1: the nonce of the sender's proof is the secret that the receiver recomputes.
    @Test func theReceiverDoesNotLearnTheSendersKey() throws {
        let sender = P256Scalar.random()
        let r = P256Scalar.random()
        let challenge = P256Scalar.random()
        let response = r - challenge * sender
        #expect((r - response) * challenge.inverse == sender)

        let world = try World()
        let (eta, aux) = (SecureRandom.bytes(32), SecureRandom.bytes(32))
        let header = try world.header()
        let bytes = try world.scope.seal(
            World.records,
            under: header,
            by: world.gateway.key,
            randomness: SealingRandomness(eta: eta, aux: aux)
        )
        let envelope = try ParsedEnvelope(bytes: bytes).verify(sender: world.gateway.certified).envelope
        // A receiver knows eta and the batch, hence r.
        let recomputed = try ContentKey.secret(
            eta: eta,
            header: header,
            batch: RecordBatch.encode(World.records)
        )
        #expect(P256Point.base(times: recomputed) == envelope.commitment.point)
        for response in [envelope.senderResponse, envelope.commitmentResponse] {
            let guess = (recomputed - response) * envelope.challenge.inverse
            #expect(P256Point.base(times: guess) != world.gateway.certified.publicKey.point)
        }
    }

    /// E2: what leaves the proxy holds the re-encryption key itself.
    @Test func theReceiverDoesNotLearnTheOwnersKey() throws {
        let (owner, receiver) = (P256Scalar.random(), P256Scalar.random())
        func blinding(_ shared: P256Point) throws -> P256Scalar { try P256Scalar.hash("SEED-H4", shared.encoded()) }
        let ownersView = try blinding(owner * P256Point.base(times: receiver))
        let published = owner * ownersView.inverse
        #expect(try published * blinding(receiver * P256Point.base(times: owner)) == owner)

        let delegation = try Delegation(World(), threshold: 1, of: 1)
        let envelope = try delegation.world.sealed()
        let nonce = SecureRandom.bytes(32)
        let part = try ReencryptionPart(bytes: delegation.parts(of: envelope, nonce: nonce)[0])
        let grant = delegation.grant
        let receiverKey = delegation.receiver.key
        let (first, second) = receiverKey.withSecret {
            ($0 * grant.keys.scopeKey.point, $0 * grant.keys.ephemeral.point)
        }
        let s = try GrantBlinding.scalar(
            grant.terms,
            receiver: receiverKey.publicKey,
            scopeShared: first,
            ephemeralShared: second
        )
        // All scalars that the receiver gets: neither leads to a key of the owner when S is multiplied in.
        let ownerKeys = [delegation.world.owner.key.publicKey.point, grant.keys.scopeKey.point]
        for bytes in [Array(part.proof[..<32]), Array(part.proof[32...])] {
            let guess = P256Point.base(times: try P256Scalar(bytes) * s)
            for key in ownerKeys { #expect(guess != key) }
        }
        // The part does open the envelope, so it is the right S that was tried.
        let opened = try delegation.reader.open(
            envelope,
            parts: delegation.parts(of: envelope, nonce: nonce),
            context: GrantReader.Context(nonce: nonce, singleControl: true)
        )
        #expect(opened == World.records)
    }

    /// E6: an accomplice signs a foreign `Y` and lets the privacy center transform it.
    @Test func aTransplantedCommitmentIsRefused() throws {
        let world = try World()
        let victim = try world.sealed()
        let mallory = try world.party("mallory", [.sign])
        let header = try world.header(sender: mallory, sequence: 2)
        let ciphertext = SecureRandom.bytes(80)
        let commitment = victim.envelope.commitment
        let d = try P256Scalar(mallory.key.secretBytes())
        let (k, kr) = (P256Scalar.random(), P256Scalar.random())

        // Without zr the signature over the foreign commitment is perfectly valid, and the answer opens the victim's.
        let naive = try P256Scalar.hash(
            "NAIVE-H3",
            P256Point.base(times: k).encoded(),
            commitment.encoded,
            ciphertext,
            header.bytes
        )
        let checked = P256Point.base(
            times: k - naive * d,
            plus: naive,
            times: mallory.certified.publicKey.point
        )
        #expect(checked == P256Point.base(times: k))
        let s = P256Scalar.random()
        let transformed = world.scopeKey.keyPair.withSecret { $0 * s.inverse * commitment.point }
        #expect(try victim.open(shared: s * transformed, epochKey: nil) == World.records)

        // Here mallory must answer for the logarithm of Y as well, which it does not know.
        let g = try EnvelopeChallenge.hash(
            senderNonce: P256Point.base(times: k),
            commitmentNonce: P256Point.base(times: kr),
            commitment: commitment.encoded,
            ciphertext: ciphertext,
            header: header,
            sender: mallory.certified.publicKey
        )
        var writer = CanonicalWriter()
        writer.magic("WLE1")
        writer.lengthPrefixed(header.bytes)
        writer.raw(commitment.encoded)
        writer.raw(g.bytes + (k - g * d).bytes + kr.bytes)
        writer.lengthPrefixed(ciphertext)
        let forged = try ParsedEnvelope(bytes: writer.bytes)
        #expect(failure { _ = try forged.verify(sender: mallory.certified) } == .signature)
    }

    /// E16: whoever steals the sender's key and knows `aux` opens no envelope of the past.
    @Test func aStolenSenderKeyOpensNoOldEnvelope() throws {
        let world = try World()
        let aux = [UInt8](repeating: 0, count: 32)
        let stolen = world.gateway.key.secretBytes()

        // The draft derived kr from the sender's key: then r falls out.
        let (r, g) = (P256Scalar.random(), P256Scalar.random())
        let y = try P256Point.base(times: r).encoded()
        let draft = try P256Scalar.hash("CBSRE-NONCE-R", stolen, aux, y, [1], [2])
        let response = draft - g * r
        let again = try P256Scalar.hash("CBSRE-NONCE-R", stolen, aux, y, [1], [2])
        #expect((again - response) * g.inverse == r)

        let header = try world.header()
        let bytes = try world.scope.seal(
            World.records,
            under: header,
            by: world.gateway.key,
            randomness: SealingRandomness(eta: SecureRandom.bytes(32), aux: aux)
        )
        let envelope = try ParsedEnvelope(bytes: bytes)
        for tag in ["CBSRE-NONCE-R", "CBSRE-NONCE"] {
            let kr = try P256Scalar.hash(
                tag,
                stolen,
                aux,
                envelope.commitment.encoded,
                envelope.ciphertext,
                header.bytes
            )
            let guess = (kr - envelope.commitmentResponse) * envelope.challenge.inverse
            #expect(P256Point.base(times: guess) != envelope.commitment.point)
        }
        // Nor does the stolen key open anything as a receiver's or scope's key.
        let verified = try envelope.verify(sender: world.gateway.certified)
        let shared = try P256Scalar(stolen) * envelope.commitment.point
        #expect(failure { _ = try verified.open(shared: shared, epochKey: nil) } == .aead)
        #expect(
            failure {
                _ = try verified.open(with: world.gateway.key, descriptorDigest: world.descriptor.digest)
            } == .context
        )
    }

    /// Section 5.7: all privacy centers and the receiver together get one scope epoch and nothing else.
    @Test func collusionYieldsOneScopeEpochAndNothingElse() throws {
        let world = try World()
        let delegation = try Delegation(world, threshold: 2, of: 3)
        let grant = delegation.grant
        let receiver = delegation.receiver.key
        let (first, second) = receiver.withSecret {
            ($0 * grant.keys.scopeKey.point, $0 * grant.keys.ephemeral.point)
        }
        let s = try GrantBlinding.scalar(
            grant.terms,
            receiver: receiver.publicKey,
            scopeShared: first,
            ephemeralShared: second
        )
        let indices: [UInt8] = [1, 3]
        let rk = try indices.reduce(P256Scalar.zero) { sum, index in
            let share = try P256Scalar(delegation.shares[Int(index) - 1].keyPair.secretBytes())
            return sum + P256Scalar.lagrangeAtZero(index, among: indices) * share
        }
        let colluded = try P256KeyPair(secret: rk * s)
        #expect(colluded.publicKey == world.scope.publicKey)

        let next = try world.secret.scopeKey(owner: "owner", label: "ecg", epoch: 2)
        let other = try world.secret.scopeKey(owner: "owner", label: "ecg.other", epoch: 1)
        #expect(colluded.publicKey != next.keyPair.publicKey)
        #expect(colluded.publicKey != other.keyPair.publicKey)
        #expect(colluded.publicKey != world.owner.key.publicKey)

        // One center and the receiver have a share, not the key.
        let single = try P256Scalar(delegation.shares[0].keyPair.secretBytes())
        #expect(P256Point.base(times: single * s) != world.scope.publicKey.point)
    }

    /// E18: epoch keys travel in a scope that is never granted.
    @Test func theScopeOfEpochKeysIsNeverGranted() throws {
        #expect(failure { _ = try Delegation(World(label: "ecg.epoch-keys"), threshold: 1, of: 1) } == .context)
        #expect(ScopeKey.isEpochKeyScope(".epoch-keys"))
        #expect(!ScopeKey.isEpochKeyScope("epoch-keys"))
        #expect(!ScopeKey.isEpochKeyScope("x.epoch-keys.1"))
    }
}
