internal import CanonicalBytes
internal import Consensus
internal import Ledger
internal import LedgerStore
internal import StateTree

/// Writes the snapshot of one final block, beside everything else that goes on.
struct SnapshotWriter: Sendable {
    let snapshots: Snapshots
    /// For files that mean nothing after a crash.
    let scratch: String
    /// What a chunk is to have on average at most.
    let chunkBytes: Int
    let header: BlockHeader
    let certificate: QuorumCertificate
    let handovers: [Handover]

    /// - Parameter export: of the state after the block.
    /// - Throws: ``LedgerStoreFailure/refused(_:)`` also for a state that does not have the certified root; then there
    ///   is no snapshot.
    func write(_ export: StateExport) throws(LedgerStoreFailure) {
        guard export.height == self.header.height else { throw .refused("the state is of block \(export.height)") }
        let state = try SortedState(export, directory: self.scratch)
        let depth = self.depth(of: state.byteCount)
        let manifest = try self.manifest(of: state, depth: depth).bytes
        guard manifest.count <= SnapshotManifest.bytesMax else { throw .refused("the manifest is too long") }
        var parts = state.parts(depth: depth)
        try self.snapshots.write(height: self.header.height, manifest: manifest) { () throws(LedgerStoreFailure) in
            guard let chunk = try parts.next() else { return nil }
            let bytes = chunk.entries.isEmpty ? [] : chunk.bytes
            guard bytes.count <= SnapshotChunk.bytesMax else { throw .refused("a chunk of \(bytes.count) bytes") }
            return bytes
        }
        try state.remove()
    }

    /// Equal states are cut alike everywhere, so that one validator's chunk can take the place of another's.
    private func depth(of bytes: Int) -> Int {
        (0..<StatePart.depthMax).first { bytes >> (4 * $0) <= self.chunkBytes } ?? StatePart.depthMax
    }

    private func manifest(of state: SortedState, depth: Int) throws(LedgerStoreFailure) -> SnapshotManifest {
        var walk = state.parts(depth: depth)
        var parts: [StatePart] = []
        let root: [UInt8]
        while let chunk = try walk.next() { parts.append(try self.part(chunk, parts.count, depth)) }
        do throws(ProtocolFailure) { root = try StateTree.root(of: parts) } catch { throw .refused("\(error)") }
        guard root == self.header.stateRoot else {
            throw .refused("the stored entries do not have the root of block \(self.header.height)")
        }
        return SnapshotManifest(
            header: self.header,
            certificate: self.certificate,
            handovers: self.handovers,
            depth: depth,
            parts: parts
        )
    }

    private func part(_ chunk: SnapshotChunk, _ index: Int, _ depth: Int) throws(LedgerStoreFailure) -> StatePart {
        do throws(ProtocolFailure) { return try chunk.part(index, depth: depth) } catch { throw .refused("\(error)") }
    }
}
