internal import LedgerStore

/// How much of a channel's data is kept in memory for reading, and what of it.
package struct CacheBudget: Sendable, Hashable {
    /// What a validator may be given.
    package static let bytesRange = 4 << 20...16 << 30

    /// Of nodes of the state; values, pages of the databases and ids that wait take half as much again in addition.
    package let bytes: Int

    /// - Parameter bytes: of nodes of the state, as much as ``bytesRange`` allows.
    package init(bytes: Int = 64 << 20) { self.bytes = bytes }

    /// Opens the state of a channel, behind a cache.
    func stateStore(path: String) throws(LedgerStoreFailure) -> BufferedStateStore {
        // Nodes are in memory already: pages need room for the inner ones of the tables, and for one transaction.
        let store = try StateStore(path: path, cacheBytes: self.bytes / 8 * 3)
        return BufferedStateStore(store, cacheBytes: self.bytes, dirtyBytesMax: .max)
    }

    /// Opens the index of transactions; some of their ids wait in memory, so that many are written at once.
    func transactionIndex(path: String) throws(LedgerStoreFailure) -> TransactionIndex {
        try TransactionIndex(path: path, pendingMax: self.bytes / 512, cacheBytes: self.bytes / 2)
    }

    /// Opens the index of what happened to a subject.
    func subjectIndex(path: String, rules: UInt32) throws(LedgerStoreFailure) -> SubjectIndex {
        try SubjectIndex(path: path, rules: rules, cacheBytes: self.bytes / 4)
    }
}
