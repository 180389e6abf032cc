/// The state of one channel with what several blocks changed kept in memory until it is written together.
///
/// Reading sees every change at once. A crash loses what was not flushed: ``storedHeight`` then says from which block
/// on the caller repeats. Used from one thread.
package final class BufferedStateStore {
    private let store: StateStore
    private let dirtyBytesMax: Int
    private var dirtyNodes = DirtyRows<NodeKey>()
    private var dirtyEntries = DirtyRows<EntryKey>()
    private var nodes: ClockCache<NodeKey>
    private var values: ClockCache<EntryKey>
    /// The height after the last change; nil for a new store.
    package private(set) var height: UInt64?

    /// Wraps a store.
    ///
    /// - Parameters:
    ///   - store: from now on used through this only.
    ///   - cacheBytes: of nodes that are kept for reading, the store's own included as far as three quarters of it
    ///     suffice; an eighth of it in addition for values.
    ///   - dirtyBytesMax: changes beyond this are flushed by the ``apply(_:)`` that reaches it.
    package init(_ store: StateStore, cacheBytes: Int = 128 << 20, dirtyBytesMax: Int = 16 << 20) {
        self.store = store
        self.dirtyBytesMax = dirtyBytesMax
        self.nodes = ClockCache(bytesMax: cacheBytes - min(store.bytesInMemory, cacheBytes / 4 * 3))
        self.values = ClockCache(bytesMax: cacheBytes / 8)
        self.height = store.height
    }

    /// The height that is in the file.
    package var storedHeight: UInt64? { self.store.height }

    /// Bytes of changes that are not in the file, by estimate.
    package var dirtyBytes: Int {
        self.dirtyNodes.bytes + self.dirtyEntries.bytes + self.store.changeCount * Self.changeBytes
    }

    /// Of a node that is in memory anyway: its place in a list, and what the journal will say of it.
    private static let changeBytes = 200

    /// The node at a path; nil when there is none.
    package func node(path: [UInt8]) throws(LedgerStoreFailure) -> [UInt8]? {
        let key = NodeKey(path)
        if TopNodes.place(of: key) != nil { return try self.store.node(key) }
        if let changed = self.dirtyNodes.value(key) { return changed }
        if let known = self.nodes.value(key) { return known }
        let bytes = try self.store.node(key)
        self.nodes.insert(key, bytes)
        return bytes
    }

    /// The value of a key; nil when there is none.
    package func value(key: [UInt8]) throws(LedgerStoreFailure) -> [UInt8]? {
        let known = EntryKey(key)
        if let changed = self.dirtyEntries.value(known) { return changed }
        if let value = self.values.value(known) { return value }
        guard let value = try self.store.value(key: key) else {
            self.values.insertMiss(known)
            return nil
        }
        self.values.insert(known, value)
        return value
    }

    /// Applies a change.
    ///
    /// - Throws: ``LedgerStoreFailure/refused(_:)`` unless its height is above ``height``, or what ``flush()`` throws
    ///   when it comes to that; the change is applied then, and only the file lags.
    package func apply(_ change: StateChange) throws(LedgerStoreFailure) {
        if let height = self.height, change.height <= height {
            throw .refused("the state of height \(height) cannot become that of height \(change.height)")
        }
        for (path, bytes) in change.nodes {
            let key = NodeKey(path)
            if !self.store.change(key, to: bytes) { self.dirtyNodes.set(key, bytes) }
        }
        for (key, value) in change.entries { self.dirtyEntries.set(EntryKey(key), value) }
        self.height = change.height
        if self.dirtyBytes > self.dirtyBytesMax { try self.flush() }
    }

    /// Writes all changes in one transaction.
    ///
    /// - Throws: ``LedgerStoreFailure/diskFull(_:)``: the changes stay in memory, the call may be repeated.
    package func flush() throws(LedgerStoreFailure) {
        guard let height = self.height, height != self.store.height else { return }
        let (nodes, entries) = (self.dirtyNodes.sorted(), self.dirtyEntries.sorted())
        try self.store.write(
            height: height,
            nodes: nodes.map { ($0.key, $0.value) },
            entries: entries.map { ($0.key.bytes, $0.value) }
        )
        for (key, bytes) in nodes { self.nodes.insert(key, bytes) }
        // A new node is soon changed again; most new values are never looked at, and whoever does remembers them.
        for (key, value) in entries { self.values.update(key, value) }
        self.dirtyNodes.removeAll()
        self.dirtyEntries.removeAll()
    }

    /// Lets go of the file without writing what is not in it, for another state to take its place.
    package func close() { self.store.close() }

    /// Entries whose key begins with a prefix, in the order of their keys, changes included.
    ///
    /// - Parameters:
    ///   - prefix: empty for all.
    ///   - after: only keys behind this one.
    ///   - limit: how many at most.
    /// - Returns: the first ones.
    /// - Throws: the failures of the disk.
    package func entries(
        prefix: [UInt8],
        after: [UInt8]? = nil,
        limit: Int
    ) throws(LedgerStoreFailure) -> [StateEntry] {
        let range = KeyRange(prefix: prefix, after: after)
        var scan = try EntryScan(self.store.file, range)
        defer { scan.end() }
        let changed = self.dirtyEntries.sortedKeys()
        var place = changed.firstIndex(notBelow: range.lower)
        if !range.includesLower, place < changed.count, changed[place].bytes == range.lower { place += 1 }
        var stored = try scan.next()
        var entries: [StateEntry] = []
        while entries.count < limit {
            let key = place < changed.count && range.contains(changed[place].bytes) ? changed[place].bytes : nil
            if let found = stored, key.map({ found.key.isBelow($0) }) ?? true {
                entries.append(found)
                stored = try scan.next()
                continue
            }
            guard let key else { break }
            if let value = self.dirtyEntries.value(EntryKey(key)) ?? nil {
                entries.append(StateEntry(key: key, value: value))
            }
            if stored?.key == key { stored = try scan.next() }
            place += 1
        }
        return entries
    }

    /// Flushes, and opens the state as it is now for another thread to read, for example to make a snapshot.
    package func makeExport(chunkBytes: Int = EntryChunk.bytesMax) throws(LedgerStoreFailure) -> sending StateExport {
        try self.flush()
        return try StateExport(path: self.store.file.path, chunkBytes: chunkBytes)
    }
}

extension [EntryKey] {
    /// The index of the first element that is not below the bytes, in an ordered array.
    fileprivate func firstIndex(notBelow bytes: [UInt8]) -> Int {
        var (low, high) = (0, self.count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle].bytes.isBelow(bytes) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
