internal import CanonicalBytes
internal import Certificates
internal import PrivacyCenterStore
internal import Records
internal import Signcryption

/// Hands envelopes out: to the scope's owner, and to a receiver under a grant.
struct EnvelopeShelf: Sendable {
    private let context: CenterContext
    private let scopes: ScopeDirectory
    private let receivers: ReceiverCheck

    init(_ context: CenterContext, scopes: ScopeDirectory) {
        self.context = context
        self.scopes = scopes
        self.receivers = ReceiverCheck(context)
    }

    /// The bytes of an envelope.
    ///
    /// - Parameters:
    ///   - h1: its address.
    ///   - grant: what a receiver relies on; nil for the owner.
    ///   - visitor: who asks.
    /// - Returns: the canonical envelope.
    /// - Throws: ``CenterRefusal``, `StoreError`.
    func read(_ h1: Digest, under grant: Digest?, by visitor: Visitor) async throws -> [UInt8] {
        if visitor.peer == nil, grant == nil { throw Self.grantNeeded }
        guard let stored = try await self.context.store.envelope(h1) else { throw CenterRefusal.missingEnvelope(h1) }
        try await self.require(visitor, grant, of: stored.envelope.scope)
        return stored.envelope.bytes
    }

    /// Several envelopes that a grant opens.
    ///
    /// - Parameters:
    ///   - h1s: their addresses.
    ///   - grant: what the receiver relies on.
    ///   - visitor: who asks.
    /// - Returns: the envelopes, to be read in parts.
    /// - Throws: ``CenterRefusal``, `StoreError`.
    func batch(_ h1s: [Digest], under grant: Digest, by visitor: Visitor) async throws -> EnvelopeBatch {
        let limits = self.context.limits
        guard (1...limits.batchMax).contains(h1s.count) else {
            throw CenterRefusal.refused(.malformedBody, "a request names 1 to \(limits.batchMax) envelopes")
        }
        let scope = try await self.scope(grantedTo: visitor, by: grant)
        return EnvelopeBatch(store: self.context.store, scope: scope, h1s: h1s, room: limits.answerBytesMax)
    }

    /// What is there of a scope, in the order of the tree.
    ///
    /// - Parameters:
    ///   - scope: digest of its descriptor.
    ///   - grant: what a receiver relies on; nil for the owner.
    ///   - leafIndex: only what stands behind it.
    ///   - limit: entries at most.
    ///   - visitor: who asks.
    /// - Returns: entries behind the index.
    /// - Throws: ``CenterRefusal``, `StoreError`.
    func list(
        _ scope: Digest,
        under grant: Digest? = nil,
        after leafIndex: UInt64?,
        limit: Int,
        by visitor: Visitor
    ) async throws -> [EnvelopeListing] {
        try await self.require(visitor, grant, of: scope)
        return try await self.context.store.envelopes(ofScope: scope, after: leafIndex, limit: limit)
    }

    private static let grantNeeded = CenterRefusal.refused(
        .receiverProofRequired,
        "without a certificate name the grant and show a proof of being its receiver"
    )

    private func require(_ visitor: Visitor, _ grant: Digest?, of scope: Digest) async throws {
        if let grant {
            guard try await self.scope(grantedTo: visitor, by: grant) == scope else {
                throw CenterRefusal.refused(.notReceiver, "the grant is for another scope")
            }
            return
        }
        guard let peer = visitor.peer else { throw Self.grantNeeded }
        guard try await self.scopes.isOwner(peer, of: scope) else {
            throw CenterRefusal.refused(.notOwner, "only the scope's owner may; put the scope's descriptor first")
        }
    }

    /// The scope that a visitor may read now under a grant.
    ///
    /// - Throws: ``CenterRefusal``, `StoreError`.
    func scope(grantedTo visitor: Visitor, by grant: Digest) async throws -> Digest {
        guard let rekey = try await self.context.store.rekey(grant) else {
            throw CenterRefusal.refused(.unknownGrant, "no rekey was registered for the grant")
        }
        guard !rekey.isRevoked else { throw CenterRefusal.refused(.grantRevoked, "the owner revoked the grant") }
        let receiver = try await self.context.certificates.requiredKey(rekey.receiver, of: "receiver")
        try await self.receivers.require(visitor, is: receiver, of: grant)
        try self.context.requireUnrevoked(receiver.digest, of: "receiver")
        try self.context.requireUnrevoked(rekey.owner.bytes, of: "owner")
        try rekey.requireTime(self.context.nowSeconds)
        return rekey.scope
    }
}

extension Rekey {
    /// Requires that the grant's time has come and is not over; seconds since 1970.
    func requireTime(_ now: UInt64) throws(CenterRefusal) {
        guard self.notBefore <= now, now <= self.notAfter else {
            throw .refused(.grantExpired, "the grant's time is over, or has not come")
        }
    }
}
