package import CanonicalBytes
package import P256Group
internal import Transcripts

/// `S`, which separates the re-encryption key from the scope's key; the owner and the receiver compute it
/// (specification section 5.5).
package enum GrantBlinding {
    /// `S` from the two Diffie-Hellman points; the caller wipes it.
    ///
    /// - Parameters:
    ///   - terms: the grant's names, digests and keys.
    ///   - receiver: `Q_r`.
    ///   - scopeShared: `d_scope·Q_r = d_r·Q_scope`.
    ///   - ephemeralShared: `x·Q_r = d_r·X`.
    /// - Returns: `S`.
    /// - Throws: `IDENTITY`.
    package static func scalar(
        _ terms: GrantTerms,
        receiver: P256PublicKey,
        scopeShared: P256Point,
        ephemeralShared: P256Point
    ) throws(ProtocolFailure) -> P256Scalar {
        var first = try scopeShared.encoded()
        defer { first.wipe() }
        var second = try ephemeralShared.encoded()
        defer { second.wipe() }
        return try P256Scalar.hash(
            "CBSRE-H4",
            Array(terms.owner.utf8),
            Array(terms.receiver.utf8),
            terms.receiverCertificateDigest,
            terms.scopeDigest,
            terms.grantID,
            terms.ephemeral,
            terms.scopeKey,
            receiver.encoded,
            first,
            second
        )
    }
}
