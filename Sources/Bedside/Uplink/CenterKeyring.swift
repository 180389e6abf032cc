package import CanonicalBytes
package import Certificates
internal import P256Group
package import Receipts
package import Records
internal import Synchronization

/// The verified keys of privacy centers, by the digest of their certificate.
package final class CenterKeyring: Sendable {
    private let keys = Mutex<[Digest: CenterKey]>([:])

    package init() {}

    /// A key that was learnt before.
    package func key(_ digest: Digest) -> CenterKey? { self.keys.withLock { $0[digest] } }

    /// Learns a center's key from its certificate.
    ///
    /// The window of validity is left out: a receipt that was kept for years must still verify, and what a center
    /// signs now is judged by the connection it came over.
    ///
    /// - Parameters:
    ///   - certificate: as it came.
    ///   - digest: that it must have.
    ///   - name: the center's party name in the configuration.
    ///   - issuer: of the consortium.
    /// - Returns: the key, which is kept.
    /// - Throws: `FORMAT`; `CONTEXT` for another digest, subject, role or issuer; `POINT` or `IDENTITY`.
    package func learn(
        _ certificate: [UInt8],
        digest: Digest,
        name: String,
        issuer: CertificateIssuer
    ) throws(ProtocolFailure) -> CenterKey {
        let certificate = try ImplicitCertificate(bytes: certificate)
        try require(certificate.digest == digest.bytes, .context, "the certificate has another digest")
        let isNamed = certificate.fields.subject.utf8.elementsEqual(name.utf8)
        try require(isNamed, .context, "the certificate is not that of \(name)")
        let key = try CenterKey(certificate, from: issuer, at: nil)
        self.keys.withLock { keys in
            // A center has a handful of certificates over the years; a flood of them is not worth the memory.
            if keys.count >= 256 { keys.removeAll() }
            keys[digest] = key
        }
        return key
    }
}
