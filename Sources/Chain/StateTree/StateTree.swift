package import CanonicalBytes

/// The authenticated key-value state: a binary sparse Merkle tree over hashed keys, kept as 16-ary nodes.
///
/// The root depends on the set of entries alone, not on their history. With `kh = SHA-256(0x12 || key)` and
/// `vh = SHA-256(0x13 || value)`, the hash of a subtree is
/// - 32 zero bytes when it has no entry;
/// - `SHA-256(0x10 || kh || vh)` when it has one, however high it stands;
/// - `SHA-256(0x11 || left || right)` otherwise, where the bits of `kh`, most significant first, choose the side.
///
/// Only hashes are kept here; the values belong to the store's table of entries.
package enum StateTree {
    /// The root of the state without entries: 32 zero bytes.
    package static let emptyRoot = [UInt8](repeating: 0, count: TreeHash.byteCount)
    /// Most changes that one update takes; a bulk load is cut into batches of ascending key hashes.
    package static let changesMax = 1 << 20

    /// What a batch of changes does to the tree: log16 of the number of keys in nodes for each, and ten hashes a
    /// node.
    ///
    /// - Parameters:
    ///   - base: the nodes before the batch.
    ///   - changes: distinct keys in any order; no value removes the key, which may be absent already.
    /// - Returns: the new root and the nodes that differ.
    /// - Throws: ``ProtocolFailure`` `DUPLICATE` for a key that occurs twice, `FORMAT` for too many changes, `CONTEXT`
    ///   for a damaged node, and what the base throws.
    package static func update(
        _ base: some StateNodes,
        _ changes: [(key: [UInt8], value: [UInt8]?)]
    ) throws(ProtocolFailure) -> StateUpdate {
        try self.requireLawful(count: changes.count)
        let hasher = TreeHasher()
        var hashed: [StateChange] = []
        hashed.reserveCapacity(changes.count)
        for (key, value) in changes {
            hashed.append(StateChange(key: hasher.key(key), value: value.map { hasher.value($0) }))
        }
        return try StateUpdater.update(base, hashed)
    }

    /// ``update(_:_:)`` for entries whose hashes are known, as in a snapshot.
    ///
    /// - Parameters:
    ///   - base: the nodes before the batch.
    ///   - changes: hashes of 32 bytes as ``keyHash(of:)`` and ``valueHash(of:)`` make them.
    /// - Returns: the new root and the nodes that differ.
    /// - Throws: as ``update(_:_:)``, and `FORMAT` for a hash of another length.
    package static func update(
        _ base: some StateNodes,
        hashed changes: [(keyHash: [UInt8], valueHash: [UInt8]?)]
    ) throws(ProtocolFailure) -> StateUpdate {
        try self.requireLawful(count: changes.count)
        var hashed: [StateChange] = []
        hashed.reserveCapacity(changes.count)
        for change in changes {
            let value = try change.valueHash.map(self.treeHash)
            hashed.append(StateChange(key: try self.treeHash(change.keyHash), value: value))
        }
        return try StateUpdater.update(base, hashed)
    }

    /// The root of the tree, 32 bytes, from its topmost node.
    ///
    /// There is nothing above to compare it with but a block's header: whoever starts from stored nodes does that.
    package static func root(of base: some StateNodes) throws(ProtocolFailure) -> [UInt8] {
        try NodeReader(base).root()?.whole.hash.bytes ?? self.emptyRoot
    }

    /// Where a key stands in the tree, 32 bytes.
    package static func keyHash(of key: [UInt8]) -> [UInt8] { TreeHasher().key(key).bytes }

    /// What the tree keeps of a value, 32 bytes.
    package static func valueHash(of value: [UInt8]) -> [UInt8] { TreeHasher().value(value).bytes }

    static func treeHash(_ bytes: [UInt8]) throws(ProtocolFailure) -> TreeHash {
        guard let hash = TreeHash(bytes) else {
            throw ProtocolFailure(.format, "a hash of \(bytes.count) bytes")
        }
        return hash
    }

    private static func requireLawful(count: Int) throws(ProtocolFailure) {
        try require(count <= self.changesMax, .format, "\(count) changes of the state at once")
    }
}
