package import CanonicalBytes
package import Certificates
package import P256Group
internal import Transcripts

/// An envelope whose fields were read; its signature was not looked at (specification section 5.2).
package struct ParsedEnvelope: Sendable {
    package let bytes: [UInt8]
    package let header: EnvelopeHeader
    /// `H1`, the index pointer: the hash of the envelope, 32 bytes.
    package let indexPointer: [UInt8]
    /// `Y = r·G`.
    package let commitment: P256PublicKey
    let challenge: P256Scalar
    /// `z`.
    let senderResponse: P256Scalar
    /// `zr`.
    let commitmentResponse: P256Scalar
    let ciphertext: [UInt8]

    /// Parses an envelope.
    ///
    /// - Throws: `FORMAT`; `POINT` for `Y`; `SCALAR` for `g`, `z` or `zr`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLE1")
        let header = try reader.lengthPrefixed()
        let commitment = try reader.take(33)
        let challenge = try reader.take(32)
        let senderResponse = try reader.take(32)
        let commitmentResponse = try reader.take(32)
        self.ciphertext = try reader.lengthPrefixed()
        try reader.finish()
        self.header = try EnvelopeHeader(bytes: header)
        self.commitment = try P256PublicKey(commitment)
        self.challenge = try P256Scalar(challenge)
        self.senderResponse = try P256Scalar(senderResponse)
        self.commitmentResponse = try P256Scalar(commitmentResponse)
        self.bytes = bytes
        self.indexPointer = Self.indexPointer(of: bytes)
    }

    /// `H1` of an envelope's bytes.
    package static func indexPointer(of bytes: [UInt8]) -> [UInt8] { TaggedHash.digest("CBSRE-INDEX", bytes) }

    /// Verifies who sealed the envelope, without opening it (specification section 5.4).
    ///
    /// The sender's certificate is judged at the time that the header claims: who receives an envelope from the
    /// network also checks that the certificate is not revoked.
    ///
    /// - Parameter sender: the certificate that the header names, with its key.
    /// - Returns: the envelope, as one that may be opened or transformed.
    /// - Throws: `CONTEXT` or `TIME` for the certificate, `SIGNATURE`.
    package func verify(sender: CertifiedKey) throws(ProtocolFailure) -> VerifiedEnvelope {
        try sender.require(.sign, at: self.header.created)
        try sender.require(subject: self.header.sender, digest: self.header.senderCertificateDigest)
        let senderNonce = P256Point.base(
            times: self.senderResponse,
            plus: self.challenge,
            times: sender.publicKey.point
        )
        let commitmentNonce = P256Point.base(
            times: self.commitmentResponse,
            plus: self.challenge,
            times: self.commitment.point
        )
        let isIdentity = senderNonce.isIdentity || commitmentNonce.isIdentity
        try require(!isIdentity, .signature, "a commitment is the identity")
        let expected = try EnvelopeChallenge.hash(
            senderNonce: senderNonce,
            commitmentNonce: commitmentNonce,
            commitment: self.commitment.encoded,
            ciphertext: self.ciphertext,
            header: self.header,
            sender: sender.publicKey
        )
        try require(expected == self.challenge, .signature, "the envelope's signature does not fit")
        return VerifiedEnvelope(self, sender)
    }

    /// Reconstructs the sender's key and verifies, for a sender that is not seen again.
    ///
    /// - Throws: as ``CertifiedKey/init(_:from:)``, then as ``verify(sender:)``.
    package func verify(
        certificate: ImplicitCertificate,
        from issuer: CertificateIssuer
    ) throws(ProtocolFailure) -> VerifiedEnvelope {
        try self.verify(sender: CertifiedKey(certificate, from: issuer))
    }
}

/// An envelope that its sender sealed; made by ``ParsedEnvelope/verify(sender:)`` alone.
package struct VerifiedEnvelope: Sendable {
    package let envelope: ParsedEnvelope
    package let sender: CertifiedKey

    fileprivate init(_ envelope: ParsedEnvelope, _ sender: CertifiedKey) {
        self.envelope = envelope
        self.sender = sender
    }

    package var header: EnvelopeHeader { self.envelope.header }
    package var indexPointer: [UInt8] { self.envelope.indexPointer }
    package var bytes: [UInt8] { self.envelope.bytes }
}

/// The challenge `g` under which the sender's key and `r` are proven together.
enum EnvelopeChallenge {
    static func hash(
        senderNonce: P256Point,
        commitmentNonce: P256Point,
        commitment: [UInt8],
        ciphertext: [UInt8],
        header: EnvelopeHeader,
        sender: P256PublicKey
    ) throws(ProtocolFailure) -> P256Scalar {
        try P256Scalar.hash(
            "CBSRE-H3",
            senderNonce.encoded(),
            commitmentNonce.encoded(),
            commitment,
            ciphertext,
            header.bytes,
            Array(header.sender.utf8),
            sender.encoded
        )
    }
}
