internal import CanonicalBytes
internal import Certificates
package import Credentials
internal import Glibc
internal import KeywordTags
package import Signcryption
internal import Transcripts

/// An institution's side of sealing: it owns the scopes that gateways seal to, and opens what they sealed.
///
/// Its directory holds the owner secret and the list of scopes; its identity signs the scopes' descriptors.
package final class Custodian: Sendable {
    private let watch: IdentityWatch
    package let registry: ScopeRegistry
    /// Holds the owner secret, the scopes and the grants.
    package let directory: String
    /// Whether this start made the owner secret.
    package let secretIsNew: Bool
    private let secret: OwnerSecret

    /// Opens the custodian's directory, which is made when it does not exist.
    ///
    /// - Throws: `CredentialsError`, ``CustodianError``, or a database error.
    package init(directory: String, identity: Identity) throws {
        try PrivateFile.makeDirectory(directory)
        self.directory = directory
        // A service and a command that start at once must not make two secrets.
        let lock = try DirectoryLock(directory)
        defer { withExtendedLifetime(lock) {} }
        (self.secret, self.secretIsNew) = try OwnerSecretFile.readOrCreate(in: directory)
        self.registry = try ScopeRegistry(directory: directory)
        self.watch = IdentityWatch(identity)
    }

    /// The newest generation of the custodian's identity.
    package var identity: Identity { self.watch.current }

    /// The owner's name in descriptors and envelopes.
    package var owner: String { self.identity.certificate.fields.subject }

    /// The scope of a label in an epoch, described now unless it was before.
    ///
    /// A descriptor stays as it was first signed: two for one label and epoch would be refused everywhere.
    ///
    /// - Throws: ``CustodianError/label(_:)``, or a database error.
    package func scope(label: String, epoch: UInt64) throws -> RegisteredScope {
        guard Self.isLabel(label) else { throw CustodianError.label(label) }
        if let known = try self.registry.scope(label: label, epoch: epoch) { return known }
        let identity = self.identity
        let descriptor = try ScopeDescriptor(
            signing: self.scopeKey(label: label, epoch: epoch),
            owner: identity.key,
            certificateDigest: identity.certificate.digest
        )
        return try self.registry.keep(
            RegisteredScope(
                label: label,
                epoch: epoch,
                digest: descriptor.digest,
                descriptor: descriptor.bytes,
                ownerCertificate: identity.certificate.bytes,
                createdAt: Self.milliseconds()
            )
        )
    }

    /// Takes a descriptor that this custodian signed once, from whoever kept it.
    ///
    /// - Parameters:
    ///   - descriptor: as it came.
    ///   - certificate: the owner's, which the descriptor names; it may have expired since.
    /// - Returns: the scope, proven to be the owner's and of this secret.
    /// - Throws: as `ScopeDescriptor.verify`, or ``CustodianError/scope(_:)`` for another owner or secret.
    func recovered(_ descriptor: ScopeDescriptor, certificate: [UInt8]) throws -> RegisteredScope {
        _ = try descriptor.verify(
            owner: CertifiedKey(bytes: certificate, from: self.identity.issuer),
            at: nil
        )
        guard descriptor.owner.utf8.elementsEqual(self.owner.utf8) else {
            throw CustodianError.scope("it belongs to \(descriptor.owner)")
        }
        let key = try self.scopeKey(label: descriptor.label, epoch: descriptor.epoch)
        guard key.isDescribed(by: descriptor) else {
            throw CustodianError.scope("it was made from another owner secret than the one in the directory")
        }
        return RegisteredScope(
            label: descriptor.label,
            epoch: descriptor.epoch,
            digest: descriptor.digest,
            descriptor: descriptor.bytes,
            ownerCertificate: certificate,
            createdAt: Self.milliseconds()
        )
    }

    /// The key that opens a scope.
    package func scopeKey(label: String, epoch: UInt64) throws -> ScopeKey {
        try self.secret.scopeKey(owner: self.owner, label: label, epoch: epoch)
    }

    /// The organization's key of keyword tags in an epoch: 32 bytes, which the caller wipes.
    package func discoveryKey(epoch: UInt64) throws -> [UInt8] {
        try self.secret.withBytes { secret in
            try KeywordKey(
                ownerSecret: secret,
                organization: self.identity.name.organization,
                epoch: epoch
            ).secretBytes()
        }
    }

    /// What stands for a label on the chain: 32 bytes, the same for all epochs, that tell nobody the label.
    ///
    /// `HKDF("CONSENT-LABEL", owner secret, T(organization, label), 32)`; consents about whole labels name it.
    package func labelDigest(_ label: String) -> [UInt8] {
        self.secret.withBytes { secret in
            KeyDerivation.hkdf(
                "CONSENT-LABEL",
                secret: secret,
                info: transcript(Array(self.identity.name.organization.utf8), Array(label.utf8)),
                length: 32
            )
        }
    }

    private static func isLabel(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    private static func milliseconds() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
    }
}
