internal import CanonicalBytes
internal import Certificates
internal import ChainReading
package import Ledger
package import PrivacyCenterStore
package import Records
package import Signcryption

/// Certificates by digest: put by the parties, kept in the store, their keys computed once.
package struct CertificateDirectory: Sendable {
    private let store: any EnvelopeStore
    private let issuers: [TrustedIssuer]
    private let cache: BoundedCache<CertifiedKey>

    /// - Parameters:
    ///   - store: keeps the certificates.
    ///   - issuers: whose certificates are taken.
    ///   - entriesMax: keys that are kept in memory.
    package init(store: any EnvelopeStore, issuers: [TrustedIssuer], entriesMax: Int) {
        self.store = store
        self.issuers = issuers
        self.cache = BoundedCache(entriesMax: entriesMax)
    }

    /// A key that is in memory.
    func cached(_ digest: Digest) -> CertifiedKey? { self.cache[digest] }

    /// The certificate with a digest and its key; nil when it was not put.
    package func key(_ digest: Digest) async throws -> CertifiedKey? {
        if let key = self.cache[digest] { return key }
        // Descriptors are kept in the same table under digests of their own; they are no certificates.
        guard let bytes = try await self.store.certificate(digest),
            let key = try? self.certified(bytes)
        else { return nil }
        self.cache.insert(key, for: digest)
        return key
    }

    /// As ``key(_:)``.
    ///
    /// - Throws: ``CenterRefusal/Reason/unknownCertificate`` when it was not put.
    func requiredKey(_ digest: Digest, of whom: String) async throws -> CertifiedKey {
        guard let key = try await self.key(digest) else {
            throw CenterRefusal.refused(.unknownCertificate, "put the certificate of the \(whom) first")
        }
        return key
    }

    private func certified(_ bytes: [UInt8]) throws(ProtocolFailure) -> CertifiedKey {
        let certificate = try ImplicitCertificate(bytes: bytes)
        let issuer = try TrustedParty.issuer(of: certificate, among: self.issuers).trusted.issuer
        return try CertifiedKey(certificate, from: issuer)
    }

    /// Parses a certificate of these issuers; it authenticates nobody.
    ///
    /// - Throws: ``CenterRefusal/invalid(_:)``.
    func parse(_ bytes: [UInt8]) throws -> (key: CertifiedKey, digest: Digest) {
        do {
            let key = try self.certified(bytes)
            return (key, try Digest(checking: key.digest))
        } catch let failure as ProtocolFailure {
            throw CenterRefusal.invalid(failure)
        }
    }

    /// Keeps a certificate.
    ///
    /// - Returns: whether it is new.
    /// - Throws: ``CenterRefusal``, `StoreError`.
    package func put(_ bytes: [UInt8]) async throws -> Bool {
        let (key, digest) = try self.parse(bytes)
        let outcome = try await self.store.putCertificate(bytes, digest: digest)
        guard outcome != .conflict else {
            throw CenterRefusal.refused(.conflict, "another object has this digest")
        }
        self.cache.insert(key, for: digest)
        return outcome == .stored
    }
}

extension Digest {
    /// Takes a digest that a parser gave as 32 bytes.
    ///
    /// - Throws: ``CenterRefusal/invalid(_:)`` for another length.
    init(checking bytes: [UInt8]) throws {
        guard let digest = Digest(bytes: bytes) else {
            throw CenterRefusal.invalid(ProtocolFailure(.format, "a digest has 32 bytes"))
        }
        self = digest
    }
}
