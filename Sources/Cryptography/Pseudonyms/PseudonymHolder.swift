package import CanonicalBytes
package import Certificates
package import P256Group
internal import Transcripts

/// A user with the secrets of one request for pseudonym certificates (specification section 10, steps 1, 2 and 5).
package struct PseudonymHolder: Sendable {
    /// The user, as in the identity certificate.
    package let subject: String
    /// The epoch that the certificates are for.
    package let epoch: UInt64
    /// How many certificates; indices are below it.
    package let count: UInt32
    private let caterpillar: P256KeyPair
    private let expansionKey: [UInt8]

    /// - Parameters:
    ///   - subject: as in the identity certificate.
    ///   - epoch: one short epoch.
    ///   - count: certificates wanted for the epoch.
    ///   - caterpillar: `a` with `A`, fresh for the request.
    ///   - expansionKey: `kx`, 32 random bytes, fresh for the request.
    /// - Throws: `FORMAT` for an expansion key of another length.
    package init(
        subject: String,
        epoch: UInt64,
        count: UInt32,
        caterpillar: P256KeyPair = .generate(),
        expansionKey: [UInt8] = SecureRandom.bytes(32)
    ) throws(ProtocolFailure) {
        try require(
            expansionKey.count == PseudonymRequest.expansionKeyLength,
            .format,
            "an expansion key has 32 bytes"
        )
        self.subject = subject
        self.epoch = epoch
        self.count = count
        self.caterpillar = caterpillar
        self.expansionKey = expansionKey
    }

    /// Makes the request to a registration authority.
    ///
    /// - Parameters:
    ///   - registrationAuthority: its name, `ra_id`.
    ///   - identity: the user's long-term key.
    ///   - possessionAux: 32 random bytes for the signature under `a`.
    ///   - requestAux: 32 random bytes for the signature under the identity key.
    /// - Returns: the request, to be sent over an authenticated channel.
    /// - Throws: nothing in practice; `SCALAR` for a hash that is zero.
    package func request(
        to registrationAuthority: String,
        identity: P256KeyPair,
        possessionAux: [UInt8] = SecureRandom.bytes(32),
        requestAux: [UInt8] = SecureRandom.bytes(32)
    ) throws(ProtocolFailure) -> PseudonymRequest {
        var writer = CanonicalWriter()
        writer.magic("WLN1")
        writer.lengthPrefixed(registrationAuthority)
        writer.lengthPrefixed(self.subject)
        writer.raw(self.caterpillar.publicKey.encoded)
        writer.raw(self.expansionKey)
        writer.u64(self.epoch)
        writer.u32(self.count)
        let possession = try Schnorr.sign(
            self.caterpillar,
            context: PseudonymRequest.possessionContext,
            message: writer.bytes,
            aux: possessionAux
        )
        writer.raw(possession)
        let signature = try Schnorr.sign(
            identity,
            context: PseudonymRequest.requestContext,
            message: writer.bytes,
            aux: requestAux
        )
        writer.raw(signature)
        return try PseudonymRequest(bytes: writer.bytes)
    }

    /// The key pair `b_i` that the response of this index is encrypted to.
    ///
    /// - Throws: `CONTEXT` for an index that was not requested, `IDENTITY`.
    package func cocoonKeyPair(_ index: UInt32) throws(ProtocolFailure) -> P256KeyPair {
        try require(index < self.count, .context, "no certificate of this index was requested")
        return try CocoonExpansion(key: self.expansionKey, epoch: self.epoch)
            .keyPair(of: self.caterpillar, index: index)
    }

    /// Opens the response of one index.
    ///
    /// - Throws: as ``Pseudonym/init(response:cocoon:issuer:)``, or `CONTEXT` for an index that was not requested.
    package func receive(
        _ response: [UInt8],
        index: UInt32,
        issuer: CertificateIssuer
    ) throws(ProtocolFailure) -> Pseudonym {
        try Pseudonym(response: response, cocoon: try self.cocoonKeyPair(index), issuer: issuer)
    }
}
