/// Changes of one table that have been applied and not yet written.
struct DirtyRows {
    private static let rowBytes = 160
    private var rows: [[UInt8]: [UInt8]?] = [:]
    private var order: [[UInt8]]?
    /// Bytes that the changes occupy, by estimate.
    private(set) var bytes = 0

    /// How a key was changed; nil when it was not, and a nil inside when it was deleted.
    func value(_ key: [UInt8]) -> [UInt8]?? { self.rows[key] }

    mutating func set(_ key: [UInt8], _ value: [UInt8]?) {
        if let old = self.rows.updateValue(value, forKey: key) {
            self.bytes += (value?.count ?? 0) - (old?.count ?? 0)
        } else {
            self.bytes += Self.rowBytes + key.count + (value?.count ?? 0)
            self.order = nil
        }
    }

    /// The changed keys in order.
    mutating func sortedKeys() -> [[UInt8]] {
        if let order { return order }
        let order = self.rows.keys.sorted { $0.isBelow($1) }
        self.order = order
        return order
    }

    /// All changes in the order of their keys, which is the order of the rows on the disk.
    mutating func sorted() -> [([UInt8], [UInt8]?)] {
        self.sortedKeys().map { ($0, self.rows[$0] ?? nil) }
    }

    mutating func removeAll() {
        self.rows.removeAll(keepingCapacity: self.rows.count < 1 << 16)
        self.order = nil
        self.bytes = 0
    }
}
