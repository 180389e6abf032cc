internal import CanonicalBytes
internal import Certificates
internal import Credentials
internal import Signcryption
internal import Spool
internal import Synchronization

/// The scope of a stream in one epoch, as a thing to ask the custodian for.
struct ScopeRequest: Sendable, Hashable {
    let stream: PatientStream
    var purpose = ScopePurpose.records
    let epoch: Int64

    /// The label that the custodian describes it under.
    var label: String { self.stream.label(for: self.purpose) }
}

/// Knows the verified scopes of streams, and remembers which ones somebody has to fetch.
final class ScopeBook: Sendable {
    /// Length of a scope's epoch in seconds.
    static let epochSeconds: Int64 = 604_800
    private static let verifiedMax = 8_192

    private struct State {
        var verified: [ScopeRequest: VerifiedScope] = [:]
        var wanted: Set<ScopeRequest> = []
        /// Increases with each scope that becomes known.
        var version = 0
    }

    private let spool: Spool
    private let state = Mutex(State())

    init(spool: Spool) { self.spool = spool }

    /// The epoch of a moment, seconds since 1970.
    static func epoch(at seconds: Int64) -> Int64 {
        Int64((Double(seconds) / Double(self.epochSeconds)).rounded(.down))
    }

    /// Whether the next epoch's scope is worth having: in the last eighth of an epoch.
    static func isNextEpochNear(at seconds: Int64) -> Bool {
        seconds - self.epoch(at: seconds) * self.epochSeconds >= self.epochSeconds / 8 * 7
    }

    /// Changes when a scope becomes known.
    var version: Int { self.state.withLock { $0.version } }

    /// Scopes that nobody has fetched yet.
    var wanted: Set<ScopeRequest> { self.state.withLock { $0.wanted } }

    /// A scope that is known and verified; one that is not becomes wanted.
    ///
    /// - Throws: when the store fails.
    func scope(_ request: ScopeRequest, identity: Identity, now: Int64) throws -> VerifiedScope? {
        let (known, isWanted) = self.state.withLock { ($0.verified[request], $0.wanted.contains(request)) }
        if known != nil || isWanted { return known }
        if let stored = try self.spool.scope(of: request.stream, for: request.purpose, epoch: request.epoch),
            let scope = try? Self.verify(stored, identity: identity, now: now)
        {
            self.remember(scope, request)
            return scope
        }
        self.state.withLock { _ = $0.wanted.insert(request) }
        return nil
    }

    /// Keeps scopes that the custodian gave and that ``verify(_:identity:now:)`` accepted.
    func learn(_ scopes: [StoredScope], identity: Identity, now: Int64) throws {
        try self.spool.store(scopes)
        for stored in scopes {
            let scope = try Self.verify(stored, identity: identity, now: now)
            self.remember(scope, ScopeRequest(stream: stored.stream, purpose: stored.purpose, epoch: stored.epoch))
        }
    }

    /// Forgets scopes of epochs that ended, durably too.
    func forget(before epoch: Int64) throws {
        self.state.withLock { state in
            state.verified = state.verified.filter { $0.key.epoch >= epoch }
            state.wanted = state.wanted.filter { $0.epoch >= epoch }
        }
        try self.spool.deleteScopes(beforeEpoch: epoch)
    }

    /// Checks what a custodian gave: the right label and epoch, signed by an owner of the gateway's own organization.
    ///
    /// - Throws: as ``ScopeDescriptor/verify(owner:at:)``, and `CONTEXT`.
    static func verify(
        _ stored: StoredScope,
        identity: Identity,
        now: Int64
    ) throws(ProtocolFailure) -> VerifiedScope {
        let descriptor = try ScopeDescriptor(bytes: stored.descriptor)
        let isAsked =
            descriptor.label.utf8.elementsEqual(stored.stream.label(for: stored.purpose).utf8)
            && Int64(exactly: descriptor.epoch) == stored.epoch
        try require(isAsked, .context, "the descriptor is of another scope")
        let owner = PartyName(descriptor.owner)
        let isOurs = owner?.organization == identity.name.organization
        try require(isOurs, .context, "the owner is of another organization")
        try require(owner?.role == .institution || owner?.role == .custodian, .context, "the owner is no institution")
        let isRevoked = identity.revocations?.contains(descriptor.ownerCertificateDigest) ?? false
        try require(!isRevoked, .context, "the owner's certificate is revoked")
        return try descriptor.verify(
            owner: CertifiedKey(bytes: stored.ownerCertificate, from: identity.issuer),
            at: UInt64(max(0, now))
        )
    }

    private func remember(_ scope: VerifiedScope, _ request: ScopeRequest) {
        self.state.withLock { state in
            if state.verified.count >= Self.verifiedMax { state.verified.removeAll() }
            state.verified[request] = scope
            state.wanted.remove(request)
            state.version += 1
        }
    }
}
