/// A walk over the stored entries of a range of keys.
struct EntryScan {
    private let statement: SQLiteStatement
    private var isOver = false

    init(_ file: SQLiteFile, _ range: KeyRange) throws(LedgerStoreFailure) {
        let lower = range.includesLower ? "key >= ?1" : "key > ?1"
        let upper = range.below == nil ? "" : " AND key < ?2"
        self.statement = try file.statement("SELECT key, value FROM entries WHERE \(lower)\(upper) ORDER BY key")
        self.statement.bind(1, range.lower)
        if let below = range.below { self.statement.bind(2, below) }
    }

    /// The next entry; nil at the end.
    mutating func next() throws(LedgerStoreFailure) -> StateEntry? {
        guard !self.isOver else { return nil }
        guard try self.statement.next() else {
            self.isOver = true
            return nil
        }
        return StateEntry(key: self.statement.blob(0), value: self.statement.blob(1))
    }

    /// Lets go of the statement before the walk is over.
    func end() { self.statement.reset() }
}
