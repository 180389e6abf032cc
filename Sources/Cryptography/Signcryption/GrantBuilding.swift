package import CanonicalBytes
internal import Certificates
package import P256Group
internal import Transcripts

/// Whom a grant is for: a receiver whose certificate was checked.
///
/// A certificate authenticates nobody: the owner has verified a signature under its key on the request for data.
package struct GrantReceiver: Sendable {
    package let id: String
    package let key: CertifiedKey

    /// - Parameters:
    ///   - id: subject of the certificate; empty for a pseudonym certificate.
    ///   - key: certificate and key, under the pseudonym authority for a pseudonym certificate.
    ///   - now: seconds since 1970.
    /// - Throws: `CONTEXT` without the usage key exchange, `TIME`, `CONTEXT` for another subject or a pseudonym
    ///   certificate with a name.
    package init(id: String, key: CertifiedKey, at now: UInt64) throws(ProtocolFailure) {
        try key.require(.keyExchange, at: now)
        try require(key.subject.utf8.elementsEqual(id.utf8), .context, "the certificate is another receiver's")
        let isPseudonym = key.certificate.fields.usage.contains(.pseudonym)
        try require(isPseudonym == id.isEmpty, .context, "a pseudonym certificate has no name, others have one")
        self.id = id
        self.key = key
    }
}

/// A privacy center that may hold a share: its certificate was checked.
package struct GrantCenter: Sendable {
    package let id: String
    package let key: CertifiedKey

    /// - Parameters:
    ///   - id: names the center in the grant.
    ///   - key: its certificate and key.
    ///   - now: seconds since 1970.
    /// - Throws: `CONTEXT` without the usage proxy, `TIME`.
    package init(id: String, key: CertifiedKey, at now: UInt64) throws(ProtocolFailure) {
        try key.require(.proxy, at: now)
        self.id = id
        self.key = key
    }
}

/// The random values of one grant; the compiler sees to it that they are used once.
package struct GrantRandomness: ~Copyable {
    fileprivate let grantID: [UInt8]
    fileprivate var x: P256Scalar
    fileprivate var coefficients: [P256Scalar]
    fileprivate var ephemerals: [P256Scalar]
    fileprivate var aux: [UInt8]

    /// Fresh values of the system's generator for a threshold of a number of centers.
    package init(threshold: Int, of centers: Int) {
        self.grantID = SecureRandom.bytes(32)
        self.x = .random()
        self.coefficients = (0..<max(threshold - 1, 0)).map { _ in .random() }
        self.ephemerals = (0..<centers).map { _ in .random() }
        self.aux = SecureRandom.bytes(32)
    }

    /// Given values, to reproduce a grant.
    ///
    /// - Parameters:
    ///   - grantID: 32 bytes.
    ///   - x: the ephemeral secret.
    ///   - coefficients: t - 1 of them, behind the re-encryption key.
    ///   - ephemerals: one for every center.
    ///   - aux: 32 bytes that hedge the signatures.
    package init(
        grantID: [UInt8],
        x: P256Scalar,
        coefficients: [P256Scalar],
        ephemerals: [P256Scalar],
        aux: [UInt8]
    ) {
        self.grantID = grantID
        self.x = x
        self.coefficients = coefficients
        self.ephemerals = ephemerals
        self.aux = aux
    }

    fileprivate mutating func wipe() {
        self.x.wipe()
        self.coefficients.wipe()
        self.ephemerals.wipe()
        self.aux.wipe()
    }
}

/// A grant with the packages that bring the shares to the privacy centers.
package struct IssuedGrant: Sendable, Hashable {
    /// Public.
    package let grant: [UInt8]
    /// One for every center, in the grant's order; encrypted to it.
    package let packages: [[UInt8]]
}

extension ScopeKey {
    /// Grants a receiver what is sealed to this scope, through privacy centers of which a threshold must take part
    /// (specification section 5.5).
    ///
    /// The threshold is one more than the random coefficients.
    ///
    /// - Parameters:
    ///   - receiver: whom it is for.
    ///   - centers: who holds the shares 1 to n.
    ///   - descriptor: this scope's descriptor.
    ///   - ownerCertificateDigest: of the owner's certificate.
    ///   - ownerKey: the key of that certificate.
    ///   - validity: seconds since 1970, both ends included.
    ///   - randomness: fresh for every grant.
    /// - Returns: the grant and the packages for the centers.
    /// - Throws: `CONTEXT` for a descriptor of another scope, or one for epoch keys; `FORMAT` for an impossible
    ///   threshold or window; `DUPLICATE` for a center that occurs twice; `SCALAR` when other randomness is needed.
    package func grant(
        to receiver: GrantReceiver,
        through centers: [GrantCenter],
        descriptor: ScopeDescriptor,
        ownerCertificateDigest: [UInt8],
        ownerKey: P256KeyPair,
        validity: (notBefore: UInt64, notAfter: UInt64),
        randomness: consuming GrantRandomness
    ) throws(ProtocolFailure) -> IssuedGrant {
        var randomness = randomness
        defer { randomness.wipe() }
        try self.requireOwn(descriptor, ownerCertificateDigest)
        var x = randomness.x
        defer { x.wipe() }
        // The key's commitments and the signature follow; S needs none of them.
        var terms = GrantTerms(
            grantID: randomness.grantID,
            owner: self.owner,
            ownerCertificateDigest: ownerCertificateDigest,
            receiver: receiver.id,
            receiverCertificateDigest: receiver.key.digest,
            scopeDigest: descriptor.digest,
            scopeKey: self.keyPair.publicKey.encoded,
            ephemeral: try P256Point.base(times: x).encoded(),
            notBefore: validity.notBefore,
            notAfter: validity.notAfter,
            commitments: [],
            centers: centers.map { GrantTerms.Center(id: $0.id, certificateDigest: $0.key.digest) }
        )
        // Growing the array would leave a copy of the re-encryption key in freed memory.
        var polynomial: [P256Scalar] = []
        polynomial.reserveCapacity(randomness.coefficients.count + 1)
        defer { polynomial.wipe() }
        polynomial.append(try self.reencryptionKey(terms, receiver.key.publicKey, x))
        polynomial.append(contentsOf: randomness.coefficients)
        terms = try terms.committing(to: polynomial)
        let body = try terms.encoded()
        let grant = body + (try Schnorr.sign(ownerKey, context: "GRANT", message: body, aux: randomness.aux))

        let isComplete = randomness.ephemerals.count == centers.count
        try require(isComplete, .format, "the ephemeral keys are not as many as the centers")
        let digest = VerifiedGrant.digest(of: grant)
        var packages: [[UInt8]] = []
        for (index, center) in zip(UInt8(1)...255, centers) {
            var share = polynomial.value(at: index)
            defer { share.wipe() }
            try require(!share.isZero, .scalar, "choose other coefficients")
            packages.append(
                try KeyPackage.seal(
                    share,
                    index: index,
                    grantDigest: digest,
                    to: center.key.publicKey,
                    signedBy: ownerKey,
                    ephemeral: randomness.ephemerals[Int(index) - 1],
                    aux: randomness.aux
                )
            )
        }
        return IssuedGrant(grant: grant, packages: packages)
    }

    private func requireOwn(_ descriptor: ScopeDescriptor, _ certificateDigest: [UInt8]) throws(ProtocolFailure) {
        let isOurs =
            descriptor.scopeKey == self.keyPair.publicKey.encoded
            && descriptor.owner.utf8.elementsEqual(self.owner.utf8)
            && descriptor.ownerCertificateDigest == certificateDigest
        try require(isOurs, .context, "the descriptor is of another scope")
        let isGrantable = !Self.isEpochKeyScope(descriptor.label)
        try require(isGrantable, .context, "scopes for epoch keys are never granted")
    }

    /// `rk = d_scope · S^-1`.
    private func reencryptionKey(
        _ terms: GrantTerms,
        _ receiver: P256PublicKey,
        _ x: P256Scalar
    ) throws(ProtocolFailure) -> P256Scalar {
        try self.keyPair.withSecret { (d) throws(ProtocolFailure) in
            var blinding = try GrantBlinding.scalar(
                terms,
                receiver: receiver,
                scopeShared: d * receiver.point,
                ephemeralShared: x * receiver.point
            )
            defer { blinding.wipe() }
            return d * blinding.inverse
        }
    }
}

extension GrantTerms {
    /// The same terms with `A_j = a_j·G`.
    fileprivate func committing(to polynomial: [P256Scalar]) throws(ProtocolFailure) -> GrantTerms {
        var commitments: [[UInt8]] = []
        for coefficient in polynomial { commitments.append(try P256Point.base(times: coefficient).encoded()) }
        return GrantTerms(
            grantID: self.grantID,
            owner: self.owner,
            ownerCertificateDigest: self.ownerCertificateDigest,
            receiver: self.receiver,
            receiverCertificateDigest: self.receiverCertificateDigest,
            scopeDigest: self.scopeDigest,
            scopeKey: self.scopeKey,
            ephemeral: self.ephemeral,
            notBefore: self.notBefore,
            notAfter: self.notAfter,
            commitments: commitments,
            centers: self.centers
        )
    }
}

extension [P256Scalar] {
    /// The value of the polynomial with these coefficients, the constant first.
    fileprivate func value(at index: UInt8) -> P256Scalar {
        self.reversed().reduce(.zero) { $0 * P256Scalar(UInt64(index)) + $1 }
    }

    fileprivate mutating func wipe() {
        for index in self.indices { self[index].wipe() }
    }
}
