package import CanonicalBytes
package import Certificates
package import P256Group
internal import Synchronization

/// Remembers implicit certificates with their public keys, whose computation costs as much as a signature check.
///
/// A key depends on nothing but the certificate's bytes and the issuer's, so remembering changes no answer.
package final class CertificateCache: Sendable {
    private struct Key: Hashable {
        let certificate: ByteKey
        let issuer: ByteKey

        init(_ certificate: [UInt8], of issuer: CertificateIssuer) {
            self.certificate = ByteKey(certificate)
            self.issuer = ByteKey(issuer.publicKey.encoded)
        }
    }

    package struct Entry: Sendable {
        package let certificate: ImplicitCertificate
        package let key: VerificationKey
        /// Nil when the certificate's subject is no party.
        package let party: PartyName?
    }

    private struct Contents {
        var entries: [Key: Entry] = [:]
        /// In the order of their arrival; the oldest goes first.
        var order: [Key] = []
        var next = 0
    }

    private let tables: KeyTables
    private let limit: Int
    private let contents = Mutex(Contents())

    /// - Parameters:
    ///   - limit: certificates to remember at most.
    ///   - tables: of keys that are used much; by default at most 36 MiB of them.
    package init(limit: Int = 4_096, tables: KeyTables = KeyTables(limit: 256)) {
        self.limit = max(1, limit)
        self.tables = tables
    }

    /// The certificate as it was found under this issuer; nil for one that is not remembered.
    package func known(_ bytes: [UInt8], of issuer: CertificateIssuer) -> Entry? {
        let key = Key(bytes, of: issuer)
        guard let entry = self.contents.withLock({ $0.entries[key] }) else { return nil }
        return entry.certificate.fields.issuer.utf8.elementsEqual(issuer.name.utf8) ? entry : nil
    }

    /// The certificate and its key.
    ///
    /// - Throws: what parsing and ``CertificateIssuer/publicKey(of:at:usage:)`` throw; failures are not remembered.
    package func entry(of bytes: [UInt8], issuer: CertificateIssuer) throws(ProtocolFailure) -> Entry {
        let key = Key(bytes, of: issuer)
        if let known = self.contents.withLock({ $0.entries[key] }) { return known }
        let certificate = try ImplicitCertificate(bytes: bytes)
        let publicKey = try issuer.publicKey(of: certificate, at: nil)
        let entry = Entry(
            certificate: certificate,
            key: VerificationKey(publicKey, tables: self.tables),
            party: PartyName(certificate.fields.subject)
        )
        self.contents.withLock { contents in
            guard contents.entries.updateValue(entry, forKey: key) == nil else { return }
            if contents.order.count < self.limit {
                contents.order.append(key)
            } else {
                contents.entries[contents.order[contents.next]] = nil
                contents.order[contents.next] = key
                contents.next = (contents.next + 1) % self.limit
            }
        }
        return entry
    }
}
