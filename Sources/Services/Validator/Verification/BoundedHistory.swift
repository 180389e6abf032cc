/// Values that came lately: when there are too many, or they are too large together, the oldest go.
struct BoundedHistory<Key: Hashable, Value> {
    private struct Entry {
        let value: Value
        let bytes: Int
        /// Tells a key that came again from its older place in `order`.
        let number: UInt64
    }

    private let countMax: Int
    private let bytesMax: Int
    private var entries: [Key: Entry] = [:]
    /// As they came, with some that were removed since.
    private var order = Queue<(key: Key, number: UInt64)>()
    private var next: UInt64 = 0
    /// Of all values that are kept, together.
    private(set) var bytes = 0

    /// - Parameters:
    ///   - countMax: values that are kept at most.
    ///   - bytesMax: of them together; a single value that is larger is not kept.
    init(countMax: Int, bytesMax: Int) {
        self.countMax = countMax
        self.bytesMax = bytesMax
    }

    var count: Int { self.entries.count }

    /// Places in the order of arrival, those of removed values too: what it takes besides the values.
    var placeCount: Int { self.order.count }

    subscript(key: Key) -> Value? { self.entries[key]?.value }

    /// Keeps a value, unless there is one with this key.
    ///
    /// - Returns: the keys that had to go for it.
    @discardableResult
    mutating func insert(_ value: Value, for key: Key, bytes: Int) -> [Key] {
        guard self.entries[key] == nil else { return [] }
        self.entries[key] = Entry(value: value, bytes: bytes, number: self.next)
        self.order.append((key, self.next))
        self.next += 1
        self.bytes += bytes
        var gone: [Key] = []
        while self.entries.count > self.countMax || self.bytes > self.bytesMax, let oldest = self.order.removeFirst() {
            guard self.entries[oldest.key]?.number == oldest.number else { continue }
            self.take(oldest.key)
            gone.append(oldest.key)
        }
        self.trim()
        return gone
    }

    /// Forgets a value, if it is there.
    mutating func remove(_ key: Key) {
        self.take(key)
        self.trim()
    }

    private mutating func take(_ key: Key) { self.bytes -= self.entries.removeValue(forKey: key)?.bytes ?? 0 }

    /// Removed values leave their places when nothing older is kept, and all at once when they are most of the order.
    private mutating func trim() {
        while let oldest = self.order.first, self.entries[oldest.key]?.number != oldest.number {
            _ = self.order.removeFirst()
        }
        guard self.order.count > 2 * self.entries.count + 64 else { return }
        for place in self.order.removeAll() where self.entries[place.key]?.number == place.number {
            self.order.append(place)
        }
    }
}
