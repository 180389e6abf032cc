package import CanonicalBytes
package import Certificates
package import P256Group
internal import Transcripts

/// What a pseudonym certificate says besides its key: coarse things that many share.
package struct PseudonymTerms: Sendable {
    /// Random, so that it links nothing.
    package var serial: UInt64
    /// Seconds since 1970, inclusive; aligned to the epoch.
    package var notBefore: UInt64
    /// Seconds since 1970, inclusive; aligned to the epoch.
    package var notAfter: UInt64
    /// `name:value`, strictly ascending by bytes.
    package var attributes: [String]

    /// Terms; their form is checked when a certificate is issued.
    package init(serial: UInt64, notBefore: UInt64, notAfter: UInt64, attributes: [String]) {
        self.serial = serial
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.attributes = attributes
    }
}

/// A certificate with the box that only the holder of the cocoon key opens.
package struct PseudonymResponse: Sendable {
    /// For the authority's own books: it is what a revocation names.
    package let certificate: ImplicitCertificate
    /// `ECIES box || signature`, forwarded by the registration authority, which cannot read it.
    package let bytes: [UInt8]
}

/// The authority that issues pseudonym certificates without knowing for whom (specification section 10).
package struct PseudonymAuthority: Sendable {
    static let boxContext = "PSEU-BOX"

    /// Name and public key, by which certificates are verified.
    package let issuer: CertificateIssuer
    private let key: P256KeyPair
    private let extensionKey: SealingKey

    /// - Parameters:
    ///   - name: the issuer's name in the certificates.
    ///   - key: `d_pca`.
    ///   - extensionKey: `K_PCA` of the epoch.
    package init(name: String, key: P256KeyPair, extensionKey: SealingKey) {
        self.issuer = CertificateIssuer(name: name, publicKey: key.publicKey)
        self.key = key
        self.extensionKey = extensionKey
    }

    /// The random values of one certificate; every one of them is used once.
    ///
    /// Two certificates of one cocoon key, salt and serial would reveal `d_pca` to their holder.
    package struct Randomness: Sendable {
        /// `r_c`, 32 bytes.
        package var salt: [UInt8]
        /// Of the extension, 12 bytes.
        package var nonce: [UInt8]
        /// Of the box.
        package var ephemeral: P256Scalar
        /// Hedges the nonce of the signature, 32 bytes.
        package var aux: [UInt8]

        /// Values of the system's generator, but for those that a test names.
        package init(
            salt: [UInt8] = SecureRandom.bytes(32),
            nonce: [UInt8] = SecureRandom.bytes(12),
            ephemeral: P256Scalar = .random(),
            aux: [UInt8] = SecureRandom.bytes(32)
        ) {
            self.salt = salt
            self.nonce = nonce
            self.ephemeral = ephemeral
            self.aux = aux
        }
    }

    /// Issues a certificate for a cocoon key (step 4).
    ///
    /// - Parameters:
    ///   - cocoonKey: `E(B_i)`.
    ///   - handle: of the registration authority, kept sealed in the certificate.
    ///   - terms: what is certified.
    ///   - randomness: fresh for each certificate.
    /// - Returns: the certificate, for the authority's books, and what goes back to the user.
    /// - Throws: `IDENTITY` or `POINT` for the cocoon key; `FORMAT` for terms or random values out of form.
    package func issue(
        cocoonKey: [UInt8],
        handle: [UInt8],
        terms: PseudonymTerms,
        randomness: Randomness = Randomness()
    ) throws(ProtocolFailure) -> PseudonymResponse {
        let cocoon = try P256PublicKey(cocoonKey)
        try require(randomness.salt.count == ExtensionContent.saltLength, .format, "a salt has 32 bytes")
        var contribution = try self.contribution(randomness.salt, cocoonKey: cocoonKey, serial: terms.serial)
        defer { contribution.wipe() }
        let content = ExtensionContent(cocoonKey: cocoonKey, salt: randomness.salt, handle: handle)
        let extensionBytes = try self.extensionKey.seal(
            content.bytes,
            associated: Self.extensionContext(issuer: self.issuer.name, serial: terms.serial),
            nonce: randomness.nonce
        )
        let fields = self.fields(terms, extensionBytes)
        let point = try (cocoon.point + P256Point.base(times: contribution)).encoded()
        let certificate = try ImplicitCertificate(fields, reconstructionPoint: point)
        let response = try self.respond(certificate, contribution, to: cocoon, randomness)
        return PseudonymResponse(certificate: certificate, bytes: response)
    }

    /// Opens the extension of one of its certificates, the first half of a trace (step 7).
    ///
    /// - Parameters:
    ///   - certificate: the raw certificate.
    ///   - aux: 32 random bytes that hedge the proof's nonce.
    /// - Returns: the cocoon key and the handle, with a proof for third parties.
    /// - Throws: `FORMAT`, `AEAD` for an extension of another authority or epoch; `IDENTITY` or `POINT`; `KEY` when the
    ///   certificate does not belong to the cocoon key.
    package func trace(
        _ certificate: [UInt8],
        aux: [UInt8] = SecureRandom.bytes(32)
    ) throws(ProtocolFailure) -> TraceFinding {
        let certificate = try ImplicitCertificate(bytes: certificate)
        let fields = certificate.fields
        let sealedMin = SealingKey.nonceLength + AuthenticatedEncryption.tagLength
        try require(fields.extensionBytes.count > sealedMin, .format, "the certificate has no sealed extension")
        let content = try ExtensionContent(
            bytes: self.extensionKey.open(
                fields.extensionBytes,
                associated: Self.extensionContext(issuer: fields.issuer, serial: fields.serial)
            )
        )
        var contribution = try self.contribution(content.salt, cocoonKey: content.cocoonKey, serial: fields.serial)
        defer { contribution.wipe() }
        let cocoon = try P256Point(content.cocoonKey)
        let point = try P256Point(certificate.reconstructionPoint)
        let isOfCocoon = cocoon + P256Point.base(times: contribution) == point
        try require(isOfCocoon, .key, "the certificate does not belong to the cocoon key")
        return try TraceFinding(
            certificate: certificate,
            cocoonKey: content.cocoonKey,
            handle: content.handle,
            contribution: P256KeyPair(secret: contribution),
            aux: aux
        )
    }

    private func fields(_ terms: PseudonymTerms, _ extensionBytes: [UInt8]) -> CertificateFields {
        CertificateFields(
            issuer: self.issuer.name,
            serial: terms.serial,
            subject: "",
            notBefore: terms.notBefore,
            notAfter: terms.notAfter,
            usage: [.pseudonym, .keyExchange],
            attributes: terms.attributes,
            extensionBytes: extensionBytes
        )
    }

    /// Encrypts certificate and `ρ = e·c + d_pca` to the cocoon key and signs the box.
    private func respond(
        _ certificate: ImplicitCertificate,
        _ contribution: P256Scalar,
        to cocoon: P256PublicKey,
        _ randomness: Randomness
    ) throws(ProtocolFailure) -> [UInt8] {
        let e = try self.issuer.hash(of: certificate)
        var reply = self.key.withSecret { e * contribution + $0 }
        defer { reply.wipe() }
        var writer = CanonicalWriter(capacity: certificate.bytes.count + 36)
        writer.lengthPrefixed(certificate.bytes)
        writer.raw(reply.bytes)
        let box = try ECIES.seal(
            to: cocoon,
            associated: domainSeparationTag(Self.boxContext),
            plaintext: writer.bytes,
            ephemeral: randomness.ephemeral
        )
        let signature = try Schnorr.sign(
            self.key,
            context: Self.boxContext,
            message: transcript(cocoon.encoded, box),
            aux: randomness.aux
        )
        return box + signature
    }

    /// `c`, which together with the user's `ρ` would reveal `d_pca`: it never leaves the authority.
    private func contribution(
        _ salt: [UInt8],
        cocoonKey: [UInt8],
        serial: UInt64
    ) throws(ProtocolFailure) -> P256Scalar {
        var secret = self.key.secretBytes()
        defer { secret.wipe() }
        return try P256Scalar.hash("PSEU-C", secret, salt, cocoonKey, serial.bigEndianBytes)
    }

    private static func extensionContext(issuer: String, serial: UInt64) -> [UInt8] {
        transcript(domainSeparationTag("PSEU-PCA"), Array(issuer.utf8), serial.bigEndianBytes)
    }
}

/// What the extension of a pseudonym certificate hides: `E(B_i) || r_c || handle`.
private struct ExtensionContent {
    static let saltLength = 32

    let cocoonKey: [UInt8]
    let salt: [UInt8]
    let handle: [UInt8]

    init(cocoonKey: [UInt8], salt: [UInt8], handle: [UInt8]) {
        self.cocoonKey = cocoonKey
        self.salt = salt
        self.handle = handle
    }

    /// - Throws: `FORMAT` when nothing is left for a handle.
    init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        self.cocoonKey = try reader.take(33)
        self.salt = try reader.take(Self.saltLength)
        self.handle = try reader.take(reader.remaining)
        try require(!self.handle.isEmpty, .format, "the extension has no handle")
    }

    var bytes: [UInt8] { self.cocoonKey + self.salt + self.handle }
}
