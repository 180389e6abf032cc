package import CanonicalBytes
package import P256Group

/// What a user asks a registration authority for: certificates of one epoch (specification section 10, step 1).
///
/// Parsed, not verified. With `A` and `kx` it expands to all cocoon keys of the request, so it stays with the
/// registration authority and goes to a tracing authority only.
package struct PseudonymRequest: Sendable {
    static let possessionContext = "PSEU-POP"
    static let requestContext = "PSEU-REQ"
    static let expansionKeyLength = 32

    /// The registration authority that the request is meant for.
    package let registrationAuthority: String
    /// The user, as in the identity certificate.
    package let subject: String
    /// `E(A)`, as encoded.
    package let caterpillarKey: [UInt8]
    /// `kx`, 32 bytes.
    package let expansionKey: [UInt8]
    /// The epoch that the certificates are for.
    package let epoch: UInt64
    /// How many certificates.
    package let count: UInt32
    /// The canonical encoding with both signatures, which is what is stored for a trace.
    package let bytes: [UInt8]

    /// Parses a request.
    ///
    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLN1")
        self.registrationAuthority = try reader.text()
        self.subject = try reader.text()
        self.caterpillarKey = try reader.take(33)
        self.expansionKey = try reader.take(Self.expansionKeyLength)
        self.epoch = try reader.u64()
        self.count = try reader.u32()
        _ = try reader.take(2 * Schnorr.signatureLength)
        try reader.finish()
        self.bytes = bytes
    }

    /// Requires that the holder of an identity key made this request for this registration authority.
    ///
    /// - Parameters:
    ///   - identity: the key of the user's identity certificate.
    ///   - registrationAuthority: whom the request must name.
    /// - Returns: the request, from which cocoon keys may be expanded.
    /// - Throws: `IDENTITY` or `POINT` for `A`, `CONTEXT` for another authority, `SCALAR` or `SIGNATURE`; in this order.
    package func verified(
        by identity: P256PublicKey,
        for registrationAuthority: String
    ) throws(ProtocolFailure) -> VerifiedPseudonymRequest {
        let caterpillar = try P256PublicKey(self.caterpillarKey)
        let isMeant = self.registrationAuthority.utf8.elementsEqual(registrationAuthority.utf8)
        try require(isMeant, .context, "the request is for another registration authority")
        let possessionStart = self.bytes.count - 2 * Schnorr.signatureLength
        let signatureStart = self.bytes.count - Schnorr.signatureLength
        try Schnorr.verify(
            caterpillar,
            context: Self.possessionContext,
            message: Array(self.bytes[..<possessionStart]),
            signature: Array(self.bytes[possessionStart..<signatureStart])
        )
        try Schnorr.verify(
            identity,
            context: Self.requestContext,
            message: Array(self.bytes[..<signatureStart]),
            signature: Array(self.bytes[signatureStart...])
        )
        return VerifiedPseudonymRequest(request: self, caterpillar: caterpillar)
    }
}

/// A request whose two signatures were checked.
package struct VerifiedPseudonymRequest: Sendable {
    /// What was asked for.
    package let request: PseudonymRequest
    /// `A`.
    package let caterpillar: P256PublicKey

    fileprivate init(request: PseudonymRequest, caterpillar: P256PublicKey) {
        self.request = request
        self.caterpillar = caterpillar
    }

    /// `B_i` for an index below the request's count.
    ///
    /// - Throws: `CONTEXT` for another index, `IDENTITY`.
    package func cocoonKey(_ index: UInt32) throws(ProtocolFailure) -> P256PublicKey {
        try require(index < self.request.count, .context, "no certificate of this index was requested")
        return try CocoonExpansion(key: self.request.expansionKey, epoch: self.request.epoch)
            .publicKey(of: self.caterpillar, index: index)
    }
}
