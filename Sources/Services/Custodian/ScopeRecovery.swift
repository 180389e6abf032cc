internal import CanonicalBytes
internal import Certificates
package import Credentials
internal import Records
internal import Signcryption
internal import Uplink

/// What came of getting scopes back.
package struct RecoverySummary: Sendable, Codable, Equatable {
    /// Descriptors of the owner at the centers; one that two centers have counts twice.
    package var found = 0
    /// Those that the list did not have.
    package var added = 0
    /// Those of them that stand beside another descriptor of the same label and epoch.
    package var beside = 0
    /// Those that do not verify, or are of another owner secret.
    package var refused = 0

    package init() {}
}

/// Makes a custodian's list of scopes anew, from its owner secret and what privacy centers hold.
///
/// The labels are in the descriptors, and the keys follow from secret, label and epoch. A center cannot slip in a scope:
/// each descriptor must be signed by the owner and have the key that the secret gives.
package struct ScopeRecovery: Sendable {
    private let custodian: Custodian

    /// Opens the custodian of a directory that has its owner secret already: a new one would fit no envelope.
    ///
    /// - Throws: ``CustodianError/file(_:_:)`` without a secret, and as ``Custodian/init(directory:identity:)``.
    package init(directory: String, identity: Identity) throws {
        let path = "\(directory)/\(OwnerSecretFile.name)"
        guard PrivateFile.exists(path) else {
            throw CustodianError.file(path, "there is none; put your copy of it there with mode 0600 first")
        }
        self.custodian = try Custodian(directory: directory, identity: identity)
    }

    /// Adds what a privacy center has.
    ///
    /// - Parameters:
    ///   - center: its address, `https://host:port`.
    ///   - summary: is added to.
    ///   - report: called with each descriptor's digest that is refused, and why.
    /// - Throws: ``CustodianError``, `UplinkFailure`, or a database error; what was added stays.
    package func run(
        from center: String,
        summary: inout RecoverySummary,
        report: ([UInt8], String) -> Void
    ) async throws {
        let identity = self.custodian.identity
        let client = SecureClient(identity: IdentityWatch(identity), servers: [.privacyCenter])
        let result: Result<Void, any Error>
        do {
            let center = try CustodianService.center(center, client)
            result = .success(try await self.copy(from: center, &summary, report))
        } catch { result = .failure(error) }
        await client.close()
        try result.get()
    }

    private func copy(
        from center: PrivacyCenterClient,
        _ summary: inout RecoverySummary,
        _ report: ([UInt8], String) -> Void
    ) async throws {
        var certificates: [Digest: [UInt8]] = [:]
        var next: Digest?
        repeat {
            let page = try await center.ownScopes(after: next)
            var scopes: [RegisteredScope] = []
            for bytes in page.descriptors {
                summary.found += 1
                let certificate = try await self.certificate(of: bytes, at: center, &certificates)
                do {
                    scopes.append(try self.custodian.recovered(ScopeDescriptor(bytes: bytes), certificate: certificate))
                } catch {
                    summary.refused += 1
                    report(ScopeDescriptor.digest(of: bytes), "\(error)")
                }
            }
            let kept = try self.custodian.registry.recover(scopes, from: center.name)
            summary.added += kept.new
            summary.beside += kept.beside
            // A center that repeats itself would be asked for ever.
            if let after = next, let then = page.next,
                then.bytes.lexicographicallyPrecedes(after.bytes) || then == after
            {
                throw CustodianError.center(center.name, "its list goes back")
            }
            next = page.next
        } while next != nil
    }

    /// The owner's certificate that a descriptor names; empty when the descriptor cannot be read.
    private func certificate(
        of descriptor: [UInt8],
        at center: PrivacyCenterClient,
        _ known: inout [Digest: [UInt8]]
    ) async throws -> [UInt8] {
        guard let parsed = try? ScopeDescriptor(bytes: descriptor),
            let digest = Digest(bytes: parsed.ownerCertificateDigest)
        else { return [] }
        if let bytes = known[digest] { return bytes }
        let bytes = try await center.certificate(digest)
        known[digest] = bytes
        return bytes
    }
}
