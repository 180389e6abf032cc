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
    private var misses = Doorkeeper()
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
        if self.update(key, value) { return }
        self.places[key] = self.slots.count
        self.slots.append(Slot(key: key, value: value, isMarked: false))
        self.bytes += self.cost(key, value)
        self.makeRoom()
    }

    /// Remembers that a key stands for nothing, if that was asked for before.
    ///
    /// Most of what is looked for in vain is a new key: it is written at once, and never looked for again.
    mutating func insertMiss(_ key: Key) {
        if !self.misses.isFirst(key) { self.insert(key, nil) }
    }

    /// Remembers what a key stands for from now on, if it is remembered at all.
    ///
    /// - Returns: whether it is.
    @discardableResult
    mutating func update(_ key: Key, _ value: [UInt8]?) -> Bool {
        guard let place = self.places[key] else { return false }
        self.bytes += (value?.count ?? 0) - (self.slots[place].value?.count ?? 0)
        self.slots[place].value = value
        self.slots[place].isMarked = true
        self.makeRoom()
        return true
    }

    private mutating func makeRoom() {
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

/// Tells, with a few errors, whether a key comes for the first time in a while.
private struct Doorkeeper {
    private static let bits = 1 << 16
    private var words = [UInt64](repeating: 0, count: Self.bits / 64)
    private var count = 0

    /// Whether the key has not been seen since the last time that all were forgotten; from now on it has.
    ///
    /// An error, of one key in eight at most, costs a place in the cache and nothing else.
    mutating func isFirst(_ key: some Hashable) -> Bool {
        let place = Int(UInt(bitPattern: key.hashValue) % UInt(Self.bits))
        let bit: UInt64 = 1 << UInt64(place % 64)
        guard self.words[place / 64] & bit == 0 else { return false }
        if self.count == Self.bits / 8 {
            for index in self.words.indices { self.words[index] = 0 }
            self.count = 0
        }
        self.words[place / 64] |= bit
        self.count += 1
        return true
    }
}
