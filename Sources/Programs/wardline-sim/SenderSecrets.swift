internal import CanonicalBytes
internal import P256Group
internal import Signcryption
internal import Transcripts

/// What only its sender knew of an envelope, as whoever opens it gets to know it (specification section 5.3).
struct SenderSecrets {
    /// `k44`.
    let contentKey: [UInt8]
    let eta: [UInt8]
    /// `r`, with `r·G = Y`.
    let r: P256Scalar
    /// `g`, `z` and `zr` of the signature.
    let signature: (challenge: P256Scalar, sender: P256Scalar, commitment: P256Scalar)

    /// Takes an envelope apart.
    ///
    /// - Parameters:
    ///   - envelope: to be opened.
    ///   - shared: its point `K`.
    ///   - epochKey: of mode 1.
    /// - Throws: `AEAD` for another point or key, `FO` when `r` is not the one behind `Y`.
    init(_ envelope: VerifiedEnvelope, shared: P256Point, epochKey: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(envelope.bytes)
        try reader.magic("WLE1")
        let header = try reader.lengthPrefixed()
        let commitment = try reader.take(33)
        self.signature = (
            try P256Scalar(reader.take(32)), try P256Scalar(reader.take(32)), try P256Scalar(reader.take(32))
        )
        let ciphertext = try reader.lengthPrefixed()
        let scopePart = KeyDerivation.hkdf(
            "CBSRE-KEM",
            secret: try shared.encoded(),
            info: transcript(commitment, header),
            length: 32
        )
        self.contentKey = KeyDerivation.hkdf(
            "CBSRE-CONTENT",
            secret: scopePart + epochKey,
            info: transcript([envelope.header.mode.rawValue], commitment, header),
            length: AuthenticatedEncryption.keyAndNonceLength
        )
        let plaintext = try AuthenticatedEncryption.open(
            self.contentKey,
            associated: transcript(header, commitment),
            ciphertext: ciphertext
        )
        self.eta = Array(plaintext.prefix(32))
        self.r = try P256Scalar.hash("CBSRE-H1", self.eta, header, Array(plaintext.dropFirst(32)))
        let isSenders = try P256Point.base(times: self.r).encoded() == commitment
        try require(isSenders, .fo, "the scalar is not the one behind Y")
    }

    /// `kr = zr + g·r`, the nonce of the proof of `r`.
    var commitmentNonce: P256Scalar { self.signature.commitment + self.signature.challenge * self.r }

    /// What would be the sender's key if its nonce were something that is known here.
    var keysUnderKnownNonces: [P256Scalar] {
        var nonces = [self.r, self.commitmentNonce, self.signature.commitment]
        if let eta = try? P256Scalar(self.eta) { nonces.append(eta) }
        return nonces.map { ($0 - self.signature.sender) * self.signature.challenge.inverse }
    }

    /// What would be the sender's key if both envelopes were signed with one nonce.
    func key(underSameNonceAs other: SenderSecrets) -> P256Scalar {
        let difference = other.signature.challenge - self.signature.challenge
        return (self.signature.sender - other.signature.sender) * difference.inverse
    }
}
