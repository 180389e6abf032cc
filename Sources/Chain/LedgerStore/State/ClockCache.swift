/// Byte strings by key, as many as fit into a number of bytes; what has not been asked for lately goes first.
///
/// The clock is a ring of slots with a mark that reading sets and the hand clears.
struct ClockCache<Key: RowKey> {
    private struct Slot {
        var key: Key
        /// What the key stands for; nil when it stands for nothing, which is worth knowing as well.
        var value: [UInt8]?
        var isMarked: Bool
    }

    /// What a slot costs besides key and value: two array headers, the slot and its place in the table.
    private static var slotBytes: Int { 160 }
    private var slots: [Slot] = []
    private var places: [Key: Int] = [:]
    private var hand = 0
    /// Bytes that the cache occupies, by estimate.
    private(set) var bytes = 0
    let bytesMax: Int

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// What is known of a key; nil when nothing is, and a nil inside when it stands for nothing.
    mutating func value(_ key: Key) -> [UInt8]?? {
        guard let place = self.places[key] else { return nil }
        self.slots[place].isMarked = true
        return .some(self.slots[place].value)
    }

    /// Remembers what a key stands for.
    mutating func insert(_ key: Key, _ value: [UInt8]?) {
        if let place = self.places[key] {
            self.bytes += (value?.count ?? 0) - (self.slots[place].value?.count ?? 0)
            self.slots[place].value = value
            self.slots[place].isMarked = true
        } else {
            self.places[key] = self.slots.count
            self.slots.append(Slot(key: key, value: value, isMarked: false))
            self.bytes += self.cost(key, value)
        }
        while self.bytes > self.bytesMax, !self.slots.isEmpty { self.evict() }
    }

    private mutating func evict() {
        while true {
            if self.hand >= self.slots.count { self.hand = 0 }
            guard self.slots[self.hand].isMarked else { break }
            self.slots[self.hand].isMarked = false
            self.hand += 1
        }
        let slot = self.slots[self.hand]
        self.places[slot.key] = nil
        self.bytes -= self.cost(slot.key, slot.value)
        // The last slot takes the free place, so that the ring has no holes.
        let last = self.slots.removeLast()
        guard self.hand < self.slots.count else { return }
        self.slots[self.hand] = last
        self.places[last.key] = self.hand
        self.hand += 1
    }

    private func cost(_ key: Key, _ value: [UInt8]?) -> Int {
        Self.slotBytes + key.byteCount + (value?.count ?? 0)
    }
}
