internal import Certificates

/// Replaces a party's keys and certificates while the old ones are still valid.
package enum KeyRotation {
    /// Makes the next generation by a renewal at the authority; safe to run again after it ended in any way.
    ///
    /// The old generation stays readable, and valid until it expires or is revoked.
    ///
    /// - Parameters:
    ///   - path: the identity directory.
    ///   - hosts: nil keeps those of the certificate; others than those are refused by the authority.
    ///   - now: seconds since 1970.
    /// - Returns: the new current identity.
    /// - Throws: ``CredentialsError``; the current generation stays.
    package static func run(
        directory path: String,
        hosts: [HostName]? = nil,
        at now: UInt64
    ) async throws(CredentialsError) -> Identity {
        let directory = IdentityDirectory(path)
        let old = try Identity.load(directory: path)
        guard now <= old.validUntil else {
            throw .refused(
                code: "certificate-expired",
                detail: "the certificates have expired; get a new token and run `wardline enroll` again"
            )
        }
        let lock = try DirectoryLock(path)
        defer { withExtendedLifetime(lock) {} }
        let folder = IdentityFiles.folder(old.generation, in: path)
        let roots = try PrivateFile.read("\(folder)/\(IdentityFiles.roots)", isSecret: false)
        let request = try directory.pending(
            old.name,
            authority: old.record.authority,
            hosts: hosts ?? old.peer.hosts,
            protection: KeyFile.protection(name: IdentityFiles.key, in: folder)
        )
        return try await AuthorityClient(old).use { client throws(CredentialsError) in
            let answer = try await client.renew(request.message(token: nil))
            guard try answer.issuer.issuer() == old.issuer, Array(answer.issuer.root.utf8) == roots else {
                throw .malformed("the authority answered with other keys than it had")
            }
            let identity = try directory.install(answer, for: request, at: now)
            await Enrollment.fetchRevocations(client, identity)
            return try Identity.load(directory: path)
        }
    }

    /// Revokes own generations at the authority.
    ///
    /// - Parameters:
    ///   - generations: of the identity directory.
    ///   - path: the identity directory; its current generation authenticates the request.
    /// - Throws: ``CredentialsError``.
    package static func revoke(generations: [Int], directory path: String) async throws(CredentialsError) {
        let directory = IdentityDirectory(path)
        let identity = try Identity.load(directory: path)
        var digests: [[UInt8]] = []
        for generation in generations {
            digests.append(try directory.identity(generation: generation).certificate.digest)
        }
        let request = RevocationRequest(digests: digests)
        try await AuthorityClient(identity).use { client throws(CredentialsError) in try await client.revoke(request) }
        // Without a certificate: when all generations are revoked, the authority answers none of them any more.
        let folder = IdentityFiles.folder(identity.generation, in: path)
        let roots = try PrivateFile.read("\(folder)/\(IdentityFiles.roots)", isSecret: false)
        let anyone = try AuthorityClient(url: identity.record.authority, root: String(decoding: roots, as: UTF8.self))
        try await anyone.use { client throws(CredentialsError) in
            await Enrollment.fetchRevocations(client, identity)
        }
    }
}
