internal import CanonicalBytes
internal import Certificates
internal import PrivacyCenterStore
internal import Records
internal import Signcryption

/// Which party owns which scope, by the owners' signed descriptors.
struct ScopeDirectory: Sendable {
    private let context: CenterContext
    private let cache: BoundedCache<ScopeDescriptor>

    init(_ context: CenterContext) {
        self.context = context
        self.cache = BoundedCache(entriesMax: context.limits.cacheEntriesMax)
    }

    /// Keeps a descriptor with its owner's certificate.
    ///
    /// - Returns: whether it is new.
    /// - Throws: ``CenterRefusal``, `StoreError`.
    func put(
        _ bytes: [UInt8],
        ownerCertificate: [UInt8],
        as digest: Digest,
        by peer: PartyName
    ) async throws -> Bool {
        let owner = try self.context.certificates.parse(ownerCertificate).key
        try self.context.requireUnrevoked(owner.digest, of: "owner")
        let now = self.context.nowSeconds
        let scope = try await self.context.verifying {
            try ScopeDescriptor(bytes: bytes).verify(owner: owner, at: now)
        }
        guard try Digest(checking: scope.descriptor.digest) == digest else {
            throw CenterRefusal.refused(.digestMismatch, "the path names another scope than the body")
        }
        guard peer.isNamed(by: scope.descriptor.owner) else {
            throw CenterRefusal.refused(.notOwner, "the scope is another party's")
        }
        _ = try await self.context.certificates.put(ownerCertificate)
        return try await self.keep(scope)
    }

    /// Keeps a descriptor that was verified.
    func keep(_ scope: VerifiedScope) async throws -> Bool {
        let digest = try Digest(checking: scope.descriptor.digest)
        // The store's certificates are objects under their digest; a descriptor is one more of them.
        let outcome = try await self.context.store.putCertificate(scope.descriptor.bytes, digest: digest)
        guard outcome != .conflict else {
            throw CenterRefusal.refused(.conflict, "another object has this digest")
        }
        self.cache.insert(scope.descriptor, for: digest)
        return outcome == .stored
    }

    /// The descriptor of a scope; nil when its owner did not put it.
    func descriptor(_ scope: Digest) async throws -> ScopeDescriptor? {
        if let descriptor = self.cache[scope] { return descriptor }
        guard let bytes = try await self.context.store.certificate(scope),
            let descriptor = try? ScopeDescriptor(bytes: bytes)
        else { return nil }
        self.cache.insert(descriptor, for: scope)
        return descriptor
    }

    /// The descriptors that a party signed, in the order of their digests: an owner that lost its own list gets it back.
    ///
    /// They share a table with certificates, so that a page may be empty and yet not the last.
    ///
    /// - Parameters:
    ///   - peer: the owner.
    ///   - digest: where the page before ended; nil for the first.
    ///   - limit: entries of the table that are looked at.
    /// - Returns: descriptors, and where the next page begins; nil when there is none.
    /// - Throws: `StoreError`.
    func list(
        ownedBy peer: PartyName,
        after digest: Digest?,
        limit: Int
    ) async throws -> (descriptors: [ScopeDescriptor], next: Digest?) {
        let entries = try await self.context.store.certificates(after: digest, limit: limit)
        let descriptors = entries.compactMap { entry -> ScopeDescriptor? in
            guard let descriptor = try? ScopeDescriptor(bytes: entry.bytes),
                descriptor.digest == entry.digest.bytes, peer.isNamed(by: descriptor.owner)
            else { return nil }
            return descriptor
        }
        return (descriptors, entries.count < limit ? nil : entries.last?.digest)
    }

    func isOwner(_ peer: PartyName, of scope: Digest) async throws -> Bool {
        try await self.descriptor(scope).map { peer.isNamed(by: $0.owner) } ?? false
    }
}
