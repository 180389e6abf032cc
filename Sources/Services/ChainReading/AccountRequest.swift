package import CanonicalBytes
package import Certificates
package import Contracts
package import IBTP
package import Ledger
package import P256Group

/// A request for data that came to an account of a chain without the contract `access`: one with an EVM.
///
/// No chain files and decides it. The account's owner opens it with the key of its certificate, decides itself, and the
/// account's answer on its own chain is what everybody can prove afterwards; docs/spec/share-across-chains.md.
package struct AccountRequest: Sendable, Hashable {
    package let id: MessageID
    package let access: RequestAccess
    /// Digest of the share request, which stands in the open.
    package let share: [UInt8]
    /// Who signed the request.
    package let certificate: ImplicitCertificate
    package let issuer: CertificateIssuer
    /// The signed request.
    package let transaction: Transaction

    /// Opens a message and requires that it is a request which its asker signed for this chain.
    ///
    /// - Parameters:
    ///   - message: as the broker has taken it; that is the caller's to compare.
    ///   - key: of the certificate that the sealed request names.
    ///   - issuers: of requesters' certificates that the owner believes.
    ///   - now: milliseconds since 1970.
    /// - Throws: `FORMAT`, `AEAD`, `CONTEXT` for another chain, an unknown issuer or another request than the exchange
    ///   is about; `SIGNATURE`; `TIME` for one whose time is over, or a certificate that is not valid now.
    package init(
        _ message: InterchainMessage,
        with key: P256KeyPair,
        issuers: [TrustedIssuer],
        at now: UInt64
    ) throws(ProtocolFailure) {
        let id = try message.id
        guard let extra = try message.relayExtension, let share = extra.shareRequest else {
            throw ProtocolFailure(.format, "a message without the digest of a share request")
        }
        let sealed = try SealedShareRequest(in: message)
        let inner = try sealed.open(with: key, for: id.to, share: share)
        guard let access = inner.requestedAccess, inner.body.contract == RequestAccess.contract,
            inner.body.method == RequestAccess.method
        else { throw ProtocolFailure(.context, "what was sealed asks for no data") }
        let chain = Array(id.to.chainName.utf8)
        let verified = try TransactionVerifier(chain: chain, issuers: issuers).verify(inner)
        guard let certificate = verified.caller.certificate, let issuer = verified.issuer?.issuer else {
            throw ProtocolFailure(.context, "nobody has signed the request")
        }
        let fields = certificate.fields
        let seconds = now / 1_000
        try require(
            fields.notBefore <= seconds && seconds <= fields.notAfter,
            .time,
            "the certificate is not valid now"
        )
        try require(access.expires >= now, .time, "the request's time is over")
        let asker = ShareRequest.asker(of: id.from, certificate: extra.certificate)
        let digest = ShareRequest.digest(access, by: certificate.digest, asker: asker)
        try require(digest == share, .context, "the exchange is about another request")
        (self.id, self.access, self.share, self.transaction) = (id, access, share, inner)
        (self.certificate, self.issuer) = (certificate, issuer)
    }
}
