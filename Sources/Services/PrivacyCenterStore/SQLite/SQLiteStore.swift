extension RelationalStore {
    /// Opens the SQLite store of a directory, which is made when it does not exist; one process at a time.
    ///
    /// - Parameters:
    ///   - directory: gets `store.db`, `store.sums` (a digest of every page), `store.trail`, `store.lock`.
    ///   - limits: bounds of envelopes and threads.
    /// - Returns: the open store.
    /// - Throws: ``StoreError``; ``StoreError/damaged(_:)`` already tells what a scrub would find.
    package static func sqlite(directory: String, limits: StoreLimits = StoreLimits()) throws -> RelationalStore {
        RelationalStore(engine: try SQLiteEngine(directory: directory, readers: limits.readers), limits: limits)
    }

    /// Opens the SQLite store of a directory beside the process that writes it: to back it up, or to scrub its rows.
    package static func sqliteReadOnly(
        directory: String,
        limits: StoreLimits = StoreLimits()
    ) throws -> RelationalStore {
        let path = SQLiteFiles.databasePath(directory)
        return RelationalStore(
            engine: try SQLiteEngine(readOnlyFile: path, readers: limits.readers),
            limits: limits
        )
    }
}
