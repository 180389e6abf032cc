internal import CanonicalBytes
internal import IdentityEncryption
internal import Signcryption
internal import Spool
internal import Transcripts

/// The epoch keys of this gateway while a window is sealed: one for each scope.
///
/// A key is encapsulated once and then used for all envelopes of its scope, so that an envelope costs no pairing. A new
/// one is stored in the transaction of the first envelopes that need it, one of which hands it to the scope's owner.
struct EpochKeyring {
    private let spool: Spool
    private let parameters: ParameterBook
    private let sender: String
    private var known: [[UInt8]: StoredEpochKey] = [:]
    /// Scopes of ``known`` whose key was made for the window in work.
    private var new: Set<[UInt8]> = []

    init(spool: Spool, parameters: ParameterBook, sender: String) {
        self.spool = spool
        self.parameters = parameters
        self.sender = sender
    }

    /// Gives away the keys that were made for the window in work, in the order of their scopes; the caller wipes them.
    mutating func takeMade() -> [StoredEpochKey] {
        var made: [StoredEpochKey] = []
        for scope in self.new.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            if let key = self.known.removeValue(forKey: scope) { made.append(key) }
        }
        self.new.removeAll()
        return made
    }

    /// The key of a scope.
    ///
    /// - Returns: the key, and whether it was made by this call, so that its owner must get it.
    /// - Throws: ``SealerWork/Invalid`` before the first parameters; ``ProtocolFailure``; what the store throws.
    mutating func key(of scope: ScopeDescriptor) throws -> (key: StoredEpochKey, isNew: Bool) {
        if let key = self.known[scope.digest] { return (key, false) }
        guard let parameters = self.parameters.parameters(at: scope.epoch) else {
            throw SealerWork.Invalid(
                description: "no identity parameters are for epoch \(scope.epoch); fetch them and name their file"
            )
        }
        if var stored = try self.spool.epochKey(scope: scope.digest, sender: self.sender) {
            if stored.parameters == parameters.digest {
                self.known[scope.digest] = stored
                return (stored, false)
            }
            // Of other parameters: nobody will issue the keys that would open it.
            stored.key.wipe()
        }
        let made = try self.make(scope, parameters)
        self.known[scope.digest] = made
        self.new.insert(scope.digest)
        return (made, true)
    }

    private func make(_ scope: ScopeDescriptor, _ parameters: IdentityParameters) throws -> StoredEpochKey {
        let identity = EpochCapsule.dataIdentity(
            owner: scope.owner,
            label: scope.label,
            epoch: scope.epoch,
            sender: self.sender
        )
        let encapsulated = try EncapsulationKey(identity: identity, parameters: parameters).encapsulate()
        return StoredEpochKey(
            scope: scope.digest,
            sender: self.sender,
            scopeEpoch: Int64(clamping: scope.epoch),
            parameters: parameters.digest,
            capsuleDigest: encapsulated.capsule.digest,
            capsule: encapsulated.capsule.bytes,
            key: encapsulated.key
        )
    }

    /// After a commit, or instead of one: what the spool holds counts, and no key stays in memory.
    mutating func forget() {
        for scope in Array(self.known.keys) { self.known[scope]?.key.wipe() }
        self.known.removeAll()
        self.new.removeAll()
    }
}
