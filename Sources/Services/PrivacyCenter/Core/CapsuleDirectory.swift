internal import CanonicalBytes
internal import Certificates
internal import PrivacyCenterStore
internal import Records
internal import Signcryption

/// Capsules of epoch keys by digest: put by the gateways that made them, held before the envelopes that name them.
struct CapsuleDirectory: Sendable {
    private let context: CenterContext
    private let scopes: ScopeDirectory
    private let shelf: EnvelopeShelf
    private let cache: BoundedCache<CapsuleIdentity>

    init(_ context: CenterContext, scopes: ScopeDirectory, shelf: EnvelopeShelf) {
        self.context = context
        self.scopes = scopes
        self.shelf = shelf
        self.cache = BoundedCache(entriesMax: context.limits.cacheEntriesMax)
    }

    /// Keeps a capsule.
    ///
    /// - Parameters:
    ///   - bytes: the capsule; whether its key opens anything, only a receiver finds out.
    ///   - digest: under which it is put.
    ///   - peer: who delivers it; of the sender's organization.
    /// - Returns: whether it is new.
    /// - Throws: ``CenterRefusal``, `StoreError`.
    func put(_ bytes: [UInt8], as digest: Digest, by peer: PartyName) async throws -> Bool {
        let capsule = EpochCapsule(bytes: bytes)
        guard capsule.digest == digest.bytes else {
            throw CenterRefusal.refused(.digestMismatch, "the path names another capsule than the body")
        }
        let identity = try Self.identity(of: capsule)
        guard let sender = PartyName(identity.sender), EnvelopeIntake.senderRoles.contains(sender.role) else {
            throw CenterRefusal.refused(.senderNotPermitted, "the sender's role seals no envelopes")
        }
        guard sender.organization.utf8.elementsEqual(peer.organization.utf8) else {
            throw CenterRefusal.refused(.foreignOrganization, "the capsule was made in another organization")
        }
        // The store's certificates are objects under their digest; a capsule is one more of them.
        let outcome = try await self.context.store.putCertificate(bytes, digest: digest)
        guard outcome != .conflict else {
            throw CenterRefusal.refused(.conflict, "another object has this digest")
        }
        self.cache.insert(identity, for: digest)
        return outcome == .stored
    }

    /// Hands a capsule out.
    ///
    /// - Parameters:
    ///   - digest: of the capsule.
    ///   - grant: what a receiver relies on; nil for the owner of the data, and for the sender's organization.
    ///   - visitor: who asks.
    /// - Returns: its bytes.
    /// - Throws: ``CenterRefusal``, `StoreError`.
    func read(_ digest: Digest, under grant: Digest?, by visitor: Visitor) async throws -> [UInt8] {
        guard let bytes = try await self.context.store.certificate(digest),
            let identity = try? Self.identity(of: EpochCapsule(bytes: bytes))
        else { throw CenterRefusal.refused(.notFound, "there is no such capsule") }
        if let grant {
            let scope = try await self.shelf.scope(grantedTo: visitor, by: grant)
            guard let descriptor = try await self.scopes.descriptor(scope), identity.isOfData(in: descriptor) else {
                throw CenterRefusal.refused(.notReceiver, "the grant is for another scope")
            }
        } else {
            guard let peer = visitor.peer else {
                throw CenterRefusal.refused(.receiverProofRequired, "without a certificate name the grant")
            }
            let isSender = PartyName(identity.sender)?.organization.utf8.elementsEqual(peer.organization.utf8) ?? false
            guard peer.isNamed(by: identity.owner) || isSender && EnvelopeIntake.senderRoles.contains(peer.role) else {
                throw CenterRefusal.refused(.notOwner, "only the owner of the data may; receivers name their grant")
            }
        }
        return bytes
    }

    /// Requires that the capsule which an envelope of mode 1 names is here, and is of its sender and scope.
    ///
    /// - Throws: ``CenterRefusal/Reason/unknownCapsule``, ``CenterRefusal/invalid(_:)`` for a capsule of other data;
    ///   `StoreError`.
    func requireCapsule(of header: EnvelopeHeader) async throws {
        guard header.mode == .scopeAndEpochKey else { return }
        guard let identity = try await self.identity(Digest(checking: header.capsuleDigest)) else {
            throw CenterRefusal.refused(.unknownCapsule, "put the capsule of the envelope's epoch key first")
        }
        var isOfEnvelope = identity.sender.utf8.elementsEqual(header.sender.utf8)
        // Who owns the scope may not be known here yet; receivers check it again.
        if let descriptor = try await self.scopes.descriptor(Digest(checking: header.scopeDigest)) {
            isOfEnvelope = isOfEnvelope && identity.isOfData(in: descriptor)
        }
        guard isOfEnvelope else {
            throw CenterRefusal.invalid(ProtocolFailure(.context, "the capsule is of other data"))
        }
    }

    private func identity(_ digest: Digest) async throws -> CapsuleIdentity? {
        if let known = self.cache[digest] { return known }
        guard let bytes = try await self.context.store.certificate(digest) else { return nil }
        let capsule = EpochCapsule(bytes: bytes)
        guard capsule.digest == digest.bytes, let identity = try? Self.identity(of: capsule) else { return nil }
        self.cache.insert(identity, for: digest)
        return identity
    }

    private static func identity(of capsule: EpochCapsule) throws -> CapsuleIdentity {
        do throws(ProtocolFailure) { return try CapsuleIdentity(capsule.identity()) } catch {
            throw CenterRefusal.invalid(error)
        }
    }
}
