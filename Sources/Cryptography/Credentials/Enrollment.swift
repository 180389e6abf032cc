internal import Certificates

/// Gets a party its first identity.
package enum Enrollment {
    /// How it ended.
    package enum Outcome: Sendable {
        case enrolled(Identity)
        /// The directory held a valid identity; nothing was changed.
        case already(Identity)
    }

    /// Enrols with a one-time token; safe to run again after it ended in any way.
    ///
    /// A directory whose identity has expired gets a new generation for the same party.
    ///
    /// - Parameters:
    ///   - authority: `https://host:port`.
    ///   - token: pins the authority's root.
    ///   - path: the identity directory.
    ///   - hosts: under which names the party's servers are reached.
    ///   - protection: how the keys rest.
    ///   - now: seconds since 1970.
    /// - Returns: the identity, new or as it was.
    /// - Throws: ``CredentialsError``; the directory stays as it was, but for the pending request.
    package static func run(
        authority: String,
        token: EnrollmentToken,
        directory path: String,
        hosts: [HostName] = [],
        protection: KeyProtection = .file,
        at now: UInt64
    ) async throws(CredentialsError) -> Outcome {
        let directory = IdentityDirectory(path)
        try directory.prepare()
        let lock = try DirectoryLock(path)
        defer { withExtendedLifetime(lock) {} }
        let present = directory.currentGeneration == nil ? nil : try Identity.load(directory: path)
        if let present, now <= present.validUntil {
            try directory.discardPending()
            return .already(present)
        }
        let root = try await AuthorityClient.pinnedRoot(at: authority, fingerprint: token.rootFingerprint)
        let client = try AuthorityClient(url: authority, root: root)
        let identity = try await client.use { client throws(CredentialsError) in
            let offer = try await client.offer(token: token.secret)
            let party = try self.party(of: offer, replacing: present)
            let request = try directory.pending(party, authority: authority, hosts: hosts, protection: protection)
            let answer = try await client.enroll(request.message(token: token.secret))
            guard answer.issuer.root == root else { throw .malformed("the authority answered with another root") }
            let identity = try directory.install(answer, for: request, at: now)
            await self.fetchRevocations(client, identity)
            return try Identity.load(directory: path)
        }
        return .enrolled(identity)
    }

    /// Fetches the list if that is possible: services fetch it again, and the identity is complete without.
    static func fetchRevocations(_ client: AuthorityClient, _ identity: Identity) async {
        guard let bytes = try? await client.revocations() else { return }
        _ = try? RevocationStore(identity).install(bytes)
    }

    private static func party(of offer: Offer, replacing present: Identity?) throws(CredentialsError) -> PartyName {
        guard let party = PartyName(offer.party) else { throw .malformed("the authority's offer names no party") }
        guard present.map({ $0.name == party }) ?? true else {
            throw .malformed("the directory is of \(present?.name.description ?? ""), the token of \(party)")
        }
        return party
    }
}

extension Identity {
    /// The last second at which both certificates are valid, seconds since 1970.
    package var validUntil: UInt64 { min(self.certificate.fields.notAfter, self.peer.notAfter) }

    /// Whether less than a third of the certificates' time is left.
    package func isRenewalDue(at now: UInt64) -> Bool {
        let begin = self.certificate.fields.notBefore
        let whole = self.validUntil > begin ? self.validUntil - begin : 0
        return now > begin + whole / 3 * 2
    }
}
