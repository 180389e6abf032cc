/// Changes of one table that have been applied and not yet written.
struct DirtyRows<Key: RowKey> {
    private static var rowBytes: Int { 160 }
    private var rows: [Key: [UInt8]?] = [:]
    private var order: [Key]?
    /// Bytes that the changes occupy, by estimate.
    private(set) var bytes = 0

    /// How a key was changed; nil when it was not, and a nil inside when it was deleted.
    func value(_ key: Key) -> [UInt8]?? { self.rows[key] }

    mutating func set(_ key: Key, _ value: [UInt8]?) {
        if let old = self.rows.updateValue(value, forKey: key) {
            self.bytes += (value?.count ?? 0) - (old?.count ?? 0)
        } else {
            self.bytes += Self.rowBytes + key.byteCount + (value?.count ?? 0)
            self.order = nil
        }
    }

    /// The changed keys in order.
    mutating func sortedKeys() -> [Key] {
        if let order { return order }
        let order = self.rows.keys.sorted { $0.isBelow($1) }
        self.order = order
        return order
    }

    /// All changes in the order of their keys, which is the order of the rows on the disk.
    mutating func sorted() -> [(key: Key, value: [UInt8]?)] {
        self.rows.sorted { $0.key.isBelow($1.key) }
    }

    mutating func removeAll() {
        self.rows.removeAll(keepingCapacity: self.rows.count < 1 << 16)
        self.order = nil
        self.bytes = 0
    }
}
