package import CanonicalBytes
package import Certificates
package import P256Group
internal import Transcripts

/// What a registration authority sends to the pseudonym authority for one certificate.
package struct CocoonOrder: Sendable, Hashable {
    /// `E(B_i)`.
    package let cocoonKey: [UInt8]
    /// Opaque to everyone but the registration authority.
    package let handle: [UInt8]

    /// An order as it was sent or kept; whether key and handle hold shows when the certificate is issued and traced.
    package init(cocoonKey: [UInt8], handle: [UInt8]) {
        self.cocoonKey = cocoonKey
        self.handle = handle
    }
}

/// The authority that knows the users, and none of their pseudonyms (specification section 10).
package struct RegistrationAuthority: Sendable {
    /// `ra_id`.
    package let name: String
    private let handleKey: SealingKey

    /// - Parameters:
    ///   - name: stands in every request to it.
    ///   - handleKey: `K_RA` of the epoch.
    package init(name: String, handleKey: SealingKey) {
        self.name = name
        self.handleKey = handleKey
    }

    /// Verifies a request against the identity certificate of the user who sent it.
    ///
    /// - Parameters:
    ///   - request: as received; the caller stores its bytes for a trace.
    ///   - certificate: the user's identity certificate; the caller has looked it up in the revocation list.
    ///   - issuer: who issued the certificate.
    ///   - now: seconds since 1970.
    ///   - countMax: the certificates that a user gets for one epoch, at most.
    /// - Returns: the request, from which cocoon keys may be expanded.
    /// - Throws: as ``CertificateIssuer/publicKey(of:at:usage:)`` and ``PseudonymRequest/verified(by:for:)``; `CONTEXT`
    ///   for another subject or too large a count, `FORMAT` for a subject that no handle holds.
    package func accept(
        _ request: PseudonymRequest,
        from certificate: ImplicitCertificate,
        issuer: CertificateIssuer,
        at now: UInt64,
        countMax: UInt32
    ) throws(ProtocolFailure) -> VerifiedPseudonymRequest {
        let identity = try issuer.publicKey(of: certificate, at: now, usage: .sign)
        let verified = try request.verified(by: identity, for: self.name)
        let isSubject = request.subject.utf8.elementsEqual(certificate.fields.subject.utf8)
        try require(isSubject, .context, "the request names another subject than the certificate")
        let fits = request.subject.utf8.count <= CocoonHandle.subjectBytesMax
        try require(fits, .format, "the subject is longer than 63 bytes")
        try require(request.count <= countMax, .context, "the request asks for too many certificates")
        return verified
    }

    /// Orders the certificates of one request.
    ///
    /// They go to the pseudonym authority among those of other users, see ``mixed(_:)``.
    ///
    /// - Throws: `FORMAT` for a subject longer than 63 bytes; `IDENTITY` for a request that was made to fail.
    package func orders(for verified: VerifiedPseudonymRequest) throws(ProtocolFailure) -> [CocoonOrder] {
        let request = verified.request
        var orders: [CocoonOrder] = []
        for index in 0..<request.count {
            let handle = CocoonHandle(subject: request.subject, epoch: request.epoch, index: index)
            let cocoonKey = try verified.cocoonKey(index)
            orders.append(CocoonOrder(cocoonKey: cocoonKey.encoded, handle: try self.seal(handle)))
        }
        return orders
    }

    /// The orders of many users, in an order that does not tell whose they are.
    package static func mixed(_ orders: [[CocoonOrder]]) -> [CocoonOrder] { orders.flatMap { $0 }.shuffled() }

    /// Seals a handle.
    ///
    /// - Parameters:
    ///   - handle: whose cocoon key it is.
    ///   - nonce: 12 random bytes, used once under the key.
    /// - Returns: 104 bytes.
    /// - Throws: `FORMAT` for a subject longer than 63 bytes or a nonce of another length.
    package func seal(
        _ handle: CocoonHandle,
        nonce: [UInt8] = SecureRandom.bytes(12)
    ) throws(ProtocolFailure) -> [UInt8] {
        try handle.sealed(with: self.handleKey, nonce: nonce)
    }

    /// Names the user behind a cocoon key, the second half of a trace (specification section 10, step 7).
    ///
    /// - Parameters:
    ///   - handle: as the pseudonym authority found it in the certificate.
    ///   - cocoonKey: `E(B_i)`, which a verified ``TraceFinding`` ties to the certificate.
    ///   - request: the stored bytes of the user's request.
    ///   - identity: the key of the user's identity certificate.
    /// - Returns: the user, the epoch and the index of the certificate.
    /// - Throws: `FORMAT` or `AEAD` for the handle; as ``PseudonymRequest/verified(by:for:)``; `CONTEXT` when the handle
    ///   is outside the request, `PROOF` when the cocoon key does not come from it.
    package func trace(
        handle: [UInt8],
        cocoonKey: [UInt8],
        request: [UInt8],
        identity: P256PublicKey
    ) throws(ProtocolFailure) -> CocoonHandle {
        let handle = try CocoonHandle(sealed: handle, key: self.handleKey)
        let verified = try PseudonymRequest(bytes: request).verified(by: identity, for: self.name)
        let isOfRequest =
            handle.epoch == verified.request.epoch && handle.index < verified.request.count
            && handle.subject.utf8.elementsEqual(verified.request.subject.utf8)
        try require(isOfRequest, .context, "the handle is outside the signed request")
        let expanded = try verified.cocoonKey(handle.index).encoded
        try require(expanded == cocoonKey, .proof, "the cocoon key does not come from this request")
        return handle
    }
}
