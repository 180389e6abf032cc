internal import CanonicalBytes
internal import IdentityEncryption
internal import Signcryption
internal import Synchronization
internal import Transcripts

/// The keys of identities that a receiver has, and the epoch keys that they opened.
final class IdentityKeyring: Sendable {
    private struct State {
        var epochKeys: [[UInt8]: [UInt8]] = [:]
    }

    private let scope: ScopeDescriptor
    private let keys: [IdentityKey]
    private let state = Mutex(State())

    init(_ keys: [IdentityKey], of scope: ScopeDescriptor) {
        self.keys = keys
        self.scope = scope
    }

    var openedCount: Int { self.state.withLock { $0.epochKeys.count } }

    /// The epoch key in a capsule of a sender's data.
    ///
    /// - Throws: ``ReceivingError/identityKey(sender:label:epoch:)``; `CONTEXT` for a capsule of other data or parameters,
    ///   `FO` and others for one that is none.
    func epochKey(_ capsule: EpochCapsule, of sender: String) throws -> [UInt8] {
        if let known = self.state.withLock({ $0.epochKeys[capsule.digest] }) { return known }
        let identity = EpochCapsule.dataIdentity(
            owner: self.scope.owner,
            label: self.scope.label,
            epoch: self.scope.epoch,
            sender: sender
        )
        try require(capsule.identity() == identity, .context, "the capsule is of other data")
        // Keys of one identity under different parameters: after a new setup some capsules are of the old one.
        let candidates = self.keys.filter { $0.identity == identity }
        let fitting = candidates.first { (try? capsule.content(under: $0.parameters)) != nil } ?? candidates.first
        guard let key = fitting else {
            throw ReceivingError.identityKey(sender: sender, label: self.scope.label, epoch: self.scope.epoch)
        }
        let epochKey = try key.open(capsule)
        self.state.withLock { $0.epochKeys[capsule.digest] = epochKey }
        return epochKey
    }

    /// Overwrites the epoch keys.
    func wipe() {
        self.state.withLock { state in
            for name in Array(state.epochKeys.keys) { state.epochKeys[name]?.wipe() }
            state.epochKeys.removeAll()
        }
    }
}
