package import CanonicalBytes
package import Certificates
package import Credentials
package import Ledger
package import P256Group
internal import Pseudonyms

/// Under what somebody acts: a party's own certificate or a pseudonym, with its private key.
package struct RequesterKey: Sendable {
    package let certificate: ImplicitCertificate
    package let key: P256KeyPair
    /// Of the certificate.
    package let issuer: CertificateIssuer

    package init(certificate: ImplicitCertificate, key: P256KeyPair, issuer: CertificateIssuer) {
        self.certificate = certificate
        self.key = key
        self.issuer = issuer
    }

    /// The party's own.
    package init(_ identity: Identity) {
        self.init(certificate: identity.certificate, key: identity.key, issuer: identity.issuer)
    }

    package var isPseudonym: Bool { self.certificate.fields.usage.contains(.pseudonym) }

    /// Signs a transaction, as a party or under the pseudonym.
    ///
    /// - Parameter body: names the certificate's digest as its signer.
    /// - Returns: the transaction.
    /// - Throws: `CONTEXT` when it names another signer.
    package func sign(_ body: TransactionBody) throws(ProtocolFailure) -> Transaction {
        guard self.isPseudonym else {
            return try Transaction(signing: body, certificate: self.certificate, key: self.key)
        }
        return try Transaction(signing: body, pseudonym: Pseudonym(certificate: self.certificate, key: self.key))
    }
}
