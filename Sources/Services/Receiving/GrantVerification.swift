package import CanonicalBytes
internal import Certificates
internal import ChainReading
package import Ledger
package import Signcryption

/// Verifies what a grant file holds.
package enum GrantVerification {
    /// The grant, verified under its owner's certificate, which must be of one of the issuers.
    ///
    /// Without time: what was received may be read later; centers judge whether the grant is valid now.
    ///
    /// - Throws: `FORMAT`; `CONTEXT` for an unknown issuer; as ``ParsedGrant/verify(owner:descriptor:at:)``.
    package static func verified(
        _ file: GrantFile,
        issuers: [TrustedIssuer]
    ) throws(ProtocolFailure) -> VerifiedGrant {
        let certificate = try ImplicitCertificate(bytes: file.ownerCertificate)
        let issuer = try TrustedParty.issuer(of: certificate, among: issuers)
        return try ParsedGrant(bytes: file.grant).verify(
            owner: CertifiedKey(certificate, from: issuer.trusted.issuer),
            descriptor: file.descriptor,
            at: nil
        )
    }
}
