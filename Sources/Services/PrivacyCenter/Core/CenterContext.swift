internal import CanonicalBytes
package import Certificates
internal import Credentials
package import P256Group
internal import PrivacyCenterStore
package import Receipts
internal import Records
internal import Signcryption

/// The center's own certificate with what it signs by.
package struct CenterKeys: Sendable {
    package let certificate: ImplicitCertificate
    package let key: P256KeyPair
    package let signer: CenterSigner

    /// - Throws: `FORMAT` for a name that statements cannot hold.
    package init(certificate: ImplicitCertificate, key: P256KeyPair) throws {
        self.certificate = certificate
        self.key = key
        self.signer = try CenterSigner(certificate: certificate, key: key)
    }
}

/// What all parts of a center share.
struct CenterContext: Sendable {
    let store: any EnvelopeStore
    let appender: BatchingAppender
    let certificates: CertificateDirectory
    let revocations: any RevocationSource
    let threads: VerificationThreads
    let limits: CenterLimits
    /// The newest generation of the center's keys.
    let keys: @Sendable () throws -> CenterKeys
    /// Milliseconds since 1970.
    let clock: @Sendable () -> UInt64

    /// Seconds since 1970.
    var nowSeconds: UInt64 { self.clock() / 1000 }

    /// - Throws: ``CenterRefusal/Reason/certificateRevoked``.
    func requireUnrevoked(_ digest: [UInt8], of whom: String) throws {
        guard !self.revocations.contains(digest) else {
            throw CenterRefusal.refused(.certificateRevoked, "the certificate of the \(whom) is revoked")
        }
    }

    /// Runs a job on the verification threads; the specification's failures become refusals.
    func verifying<T: Sendable>(_ job: @escaping @Sendable () throws -> T) async throws -> T {
        do {
            return try await self.threads.run(job)
        } catch let failure as ProtocolFailure {
            throw CenterRefusal.invalid(failure.asSeenByRemoteParty)
        }
    }
}

extension PartyName {
    /// Whether a certificate's subject or an object's owner is this party.
    func isNamed(by text: String) -> Bool { self.description.utf8.elementsEqual(text.utf8) }
}
