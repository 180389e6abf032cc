@preconcurrency internal import Glibc

/// Makes the state of a height from a snapshot, in a new file that replaces the old one when it is complete.
///
/// Used from one thread. A crash leaves the old state, or none: never a half-made one.
package final class StateBuilder {
    private let path: String
    private let file: SQLiteFile
    private var rows = 0
    private static let rowsPerTransaction = 100_000

    /// Begins a state beside the one at `path`.
    package init(path: String) throws(LedgerStoreFailure) {
        self.path = path
        unlink(path + Folder.partial)
        SQLiteFile.removeLog(of: path + Folder.partial)
        var options = StateStore.options
        options.isBulk = true
        self.file = try SQLiteFile(path + Folder.partial, options)
        try self.file.execute("BEGIN")
    }

    /// Adds entries; ascending keys are the quickest.
    package func put(entries: [StateEntry]) throws(LedgerStoreFailure) {
        try StateStore.write(entries: entries.map { ($0.key, $0.value) }, self.file)
        try self.count(entries.count)
    }

    /// Adds nodes of the authenticated tree.
    package func put(nodes: [(path: [UInt8], bytes: [UInt8])]) throws(LedgerStoreFailure) {
        var rest: [(key: NodeKey, bytes: [UInt8]?)] = []
        for (path, bytes) in nodes {
            let key = NodeKey(path)
            if let place = TopNodes.place(of: key) {
                try TopNodes.write(place, bytes, number: 0, self.file)
            } else {
                rest.append((key, bytes))
            }
        }
        try self.putLoosely(rest.sorted { $0.key.isBelow($1.key) })
        try self.count(nodes.count)
    }

    /// Puts the new state into the place of the old one, whose ``StateStore`` must be gone.
    ///
    /// The builder is not used after that.
    package func finish(height: UInt64) throws(LedgerStoreFailure) {
        try self.complete(height: height)
        try self.replace()
    }

    /// Makes the new state durable beside the old one, which may still be in use; nothing more can be put.
    ///
    /// - Throws: the failures of the disk; the old state is untouched.
    package func complete(height: UInt64) throws(LedgerStoreFailure) {
        try StateStore.write(height: height, self.file)
        try self.file.execute("COMMIT")
        self.file.close()
        try DiskFile(self.path + Folder.partial, .change).synchronize()
    }

    /// Puts the complete state into the place of the old one, whose ``StateStore`` must be closed.
    ///
    /// - Throws: the failures of the disk: the process must end, and the state may be gone.
    package func replace() throws(LedgerStoreFailure) {
        // The old file goes before its log, because without the log it may be a mixture of two heights.
        for name in [self.path, self.path + "-wal", self.path + "-shm"] {
            guard unlink(name) == 0 || errno == ENOENT else { throw DiskFile.failure("cannot delete", name, errno) }
        }
        guard rename(self.path + Folder.partial, self.path) == 0 else {
            throw DiskFile.failure("cannot rename", self.path + Folder.partial, errno)
        }
        try Folder.synchronize(Folder.parent(of: self.path))
    }

    /// Gives the new state up and deletes it.
    package func discard() {
        self.file.close()
        unlink(self.path + Folder.partial)
    }

    /// Writes ordered nodes and leaves a quarter of their pages free.
    ///
    /// Rows that come in order fill their pages; later almost every node that grows would make its page and both
    /// neighbours move their rows. Nodes that came one by one leave as much room.
    private func putLoosely(_ nodes: [(key: NodeKey, bytes: [UInt8]?)]) throws(LedgerStoreFailure) {
        let insertion = try self.file.statement("INSERT OR REPLACE INTO nodes VALUES (?1, zeroblob(\(Self.roomBytes)))")
        var (rooms, start, bytes) = ([Int64](), 0, 0)
        for (index, node) in nodes.enumerated() {
            bytes += node.bytes?.count ?? 0
            guard bytes >= 3 * Self.roomBytes, node.key.isNumber else { continue }
            try StateStore.write(Array(nodes[start...index]), self.file)
            try insertion.run(node.key.roomRow)
            rooms.append(node.key.roomRow)
            (start, bytes) = (index + 1, 0)
        }
        try StateStore.write(Array(nodes[start...]), self.file)
        let deletion = try self.file.statement("DELETE FROM nodes WHERE path = ?1")
        for room in rooms { try deletion.run(room) }
    }

    private static let roomBytes = 600

    private func count(_ rows: Int) throws(LedgerStoreFailure) {
        self.rows += rows
        guard self.rows >= Self.rowsPerTransaction else { return }
        self.rows = 0
        try self.file.execute("COMMIT; BEGIN")
    }
}
