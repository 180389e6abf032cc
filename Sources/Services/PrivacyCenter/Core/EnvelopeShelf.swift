internal import CanonicalBytes
internal import Certificates
internal import PrivacyCenterStore
internal import Records
internal import Signcryption

/// Hands envelopes out: to the scope's owner, and to a receiver under a grant.
struct EnvelopeShelf: Sendable {
    private let context: CenterContext
    private let scopes: ScopeDirectory

    init(_ context: CenterContext, scopes: ScopeDirectory) {
        self.context = context
        self.scopes = scopes
    }

    /// The bytes of an envelope.
    ///
    /// - Parameters:
    ///   - h1: its address.
    ///   - grant: what a receiver relies on; nil for the owner.
    ///   - peer: who asks.
    /// - Returns: the canonical envelope.
    /// - Throws: ``CenterRefusal``, `StoreError`.
    func read(_ h1: Digest, under grant: Digest?, by peer: PartyName) async throws -> [UInt8] {
        guard let stored = try await self.context.store.envelope(h1) else { throw CenterRefusal.missingEnvelope(h1) }
        if let grant {
            try await self.requireReceiver(peer, grant, of: stored.envelope.scope)
        } else {
            try await self.requireOwner(peer, of: stored.envelope.scope)
        }
        return stored.envelope.bytes
    }

    /// What is there of a scope, in the order of the tree.
    ///
    /// - Parameters:
    ///   - scope: digest of its descriptor.
    ///   - grant: what a receiver relies on; nil for the owner.
    ///   - leafIndex: only what stands behind it.
    ///   - limit: entries at most.
    ///   - peer: who asks.
    /// - Returns: entries behind the index.
    /// - Throws: ``CenterRefusal``, `StoreError`.
    func list(
        _ scope: Digest,
        under grant: Digest? = nil,
        after leafIndex: UInt64?,
        limit: Int,
        by peer: PartyName
    ) async throws -> [EnvelopeListing] {
        if let grant {
            try await self.requireReceiver(peer, grant, of: scope)
        } else {
            try await self.requireOwner(peer, of: scope)
        }
        return try await self.context.store.envelopes(ofScope: scope, after: leafIndex, limit: limit)
    }

    private func requireOwner(_ peer: PartyName, of scope: Digest) async throws {
        guard try await self.scopes.isOwner(peer, of: scope) else {
            throw CenterRefusal.refused(.notOwner, "only the scope's owner may; put the scope's descriptor first")
        }
    }

    private func requireReceiver(_ peer: PartyName, _ grant: Digest, of scope: Digest) async throws {
        guard try await self.scope(grantedTo: peer, by: grant) == scope else {
            throw CenterRefusal.refused(.notReceiver, "the grant is for another scope")
        }
    }

    /// The scope that a party may read now under a grant.
    ///
    /// - Throws: ``CenterRefusal``, `StoreError`.
    func scope(grantedTo peer: PartyName, by grant: Digest) async throws -> Digest {
        guard let rekey = try await self.context.store.rekey(grant) else {
            throw CenterRefusal.refused(.unknownGrant, "no rekey was registered for the grant")
        }
        guard !rekey.isRevoked else { throw CenterRefusal.refused(.grantRevoked, "the owner revoked the grant") }
        let receiver = try await self.context.certificates.requiredKey(rekey.receiver, of: "receiver")
        guard peer.isNamed(by: receiver.subject) else {
            throw CenterRefusal.refused(.notReceiver, "the grant is for another receiver")
        }
        try self.context.requireUnrevoked(receiver.digest, of: "receiver")
        try self.context.requireUnrevoked(rekey.owner.bytes, of: "owner")
        let now = self.context.nowSeconds
        guard rekey.notBefore <= now, now <= rekey.notAfter else {
            throw CenterRefusal.invalid(ProtocolFailure(.time, "the grant is not valid now"))
        }
        return rekey.scope
    }
}
