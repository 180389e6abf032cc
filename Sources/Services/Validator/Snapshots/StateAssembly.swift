internal import CanonicalBytes
internal import Ledger
internal import LedgerStore
internal import StateTree

/// Puts a state together from the chunks of a proven snapshot, in any order, beside the state that is in use.
final class StateAssembly {
    /// Why a chunk is not taken.
    enum Failure: Error {
        /// It is not what the certified root stands for: its sender is at fault.
        case unproven(ProtocolFailure)
        case store(LedgerStoreFailure)
    }

    let manifest: SnapshotManifest
    /// The committees up to the snapshot.
    let view: CommitteeView
    let builder: StateBuilder
    private(set) var missing: Set<Int>
    /// Nodes above the parts, which change as parts come.
    private var top = MemoryNodes()
    private var topPaths: Set<[UInt8]> = []
    private var root = StateTree.emptyRoot

    /// - Parameters:
    ///   - manifest: verified.
    ///   - view: what verifying it yielded.
    ///   - path: of the state that is to be replaced.
    /// - Throws: the failures of the disk.
    init(_ manifest: SnapshotManifest, _ view: CommitteeView, path: String) throws(LedgerStoreFailure) {
        self.manifest = manifest
        self.view = view
        self.builder = try StateBuilder(path: path)
        self.missing = Set(manifest.wantedParts)
    }

    /// Takes a chunk that is still missing.
    func put(_ bytes: [UInt8], index: Int) throws(Failure) {
        guard self.missing.contains(index) else { return }
        let (chunk, update) = try self.check(bytes, index)
        do throws(LedgerStoreFailure) {
            try self.builder.put(entries: chunk.entries)
            var own: [(path: [UInt8], bytes: [UInt8])] = []
            for (path, bytes) in update.nodes {
                if path.count < self.manifest.depth {
                    self.top.replace(path, by: bytes)
                    self.topPaths.insert(path)
                } else if let bytes {
                    own.append((path, bytes))
                }
            }
            try self.builder.put(nodes: own)
        } catch { throw .store(error) }
        self.root = update.root
        self.missing.remove(index)
    }

    private func check(_ bytes: [UInt8], _ index: Int) throws(Failure) -> (SnapshotChunk, StateUpdate) {
        do throws(ProtocolFailure) {
            let chunk = try SnapshotChunk(bytes: bytes)
            try require(
                try chunk.part(index, depth: self.manifest.depth) == self.manifest.parts[index],
                .context,
                "the chunk's entries do not lead to the certified root"
            )
            let changes: [(keyHash: [UInt8], valueHash: [UInt8]?)] = chunk.leaves.map { ($0.keyHash, $0.valueHash) }
            return (chunk, try StateTree.update(self.top, hashed: changes))
        } catch { throw .unproven(error) }
    }

    /// Makes the state durable beside the one in use.
    ///
    /// - Throws: the failures of the disk; nothing has changed then.
    func complete() throws(LedgerStoreFailure) {
        guard self.missing.isEmpty, self.root == self.manifest.header.stateRoot else {
            throw .refused("the state that was put together does not have the certified root")
        }
        for path in self.topPaths.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            guard let bytes = self.topNode(path) else { continue }
            try self.builder.put(nodes: [(path, bytes)])
        }
        try self.builder.complete(height: self.manifest.height)
    }

    private func topNode(_ path: [UInt8]) -> [UInt8]? {
        // Nodes in memory are always readable.
        do throws(ProtocolFailure) { return try self.top.node(at: path) } catch { return nil }
    }
}
