package import CanonicalBytes

/// Transactions that wait for a block.
///
/// No identity can fill it: each has a quota, what is too much in total goes from whoever has the most, and blocks are
/// filled in turns that are worth the same number of bytes to everybody (deficit round robin: Shreedhar and Varghese,
/// *Efficient Fair Queueing*, SIGCOMM 1995). There is no clock inside: equal calls give equal pools.
///
/// What every transaction passes through can be inlined, so that it is compiled for the contents that there are: for any
/// content, looking an identifier up costs several times as much.
package struct Mempool<Content: Sendable>: Sendable {
    @usableFromInline struct Waiting: Sendable {
        @usableFromInline let entry: PoolEntry<Content>
        @usableFromInline let arrival: UInt64
        @usableFromInline let number: UInt64

        @inlinable init(entry: PoolEntry<Content>, arrival: UInt64, number: UInt64) {
            self.entry = entry
            self.arrival = arrival
            self.number = number
        }
    }

    /// An arrival, to find what waits longest.
    @usableFromInline struct Arrival: Sendable {
        @usableFromInline let id: [UInt8]
        @usableFromInline let number: UInt64

        @inlinable init(id: [UInt8], number: UInt64) {
            self.id = id
            self.number = number
        }
    }

    package let limits: PoolLimits
    /// Bytes of all transactions.
    @usableFromInline package internal(set) var bytes = 0
    @usableFromInline var waiting: [ByteKey: Waiting] = [:]
    @usableFromInline var lanes: [Lane] = []
    @usableFromInline var laneOf: [ByteKey: Int] = [:]
    @usableFromInline var recent: RecentIDs
    /// The lane whose turn is next.
    @usableFromInline var turn = 0
    @usableFromInline var arrivals: [Arrival] = []
    @usableFromInline var firstArrival = 0
    @usableFromInline var nextNumber: UInt64 = 0
    /// Before this time nothing expires; nothing that waits does so earlier.
    @usableFromInline var nextExpiry = UInt64.max

    package init(limits: PoolLimits = PoolLimits()) {
        self.limits = limits
        self.recent = RecentIDs(limit: limits.remembered)
    }

    @inlinable package var count: Int { self.waiting.count }

    @inlinable package var isEmpty: Bool { self.waiting.isEmpty }

    /// Identities that something of theirs waits for.
    package var identities: Int { self.lanes.count }

    @inlinable package func contains(_ id: [UInt8]) -> Bool { self.waiting[ByteKey(id)] != nil }

    /// What waits under this id.
    @inlinable package subscript(id: [UInt8]) -> Content? { self.waiting[ByteKey(id)]?.entry.content }

    /// What waits on an identity's account.
    @inlinable package func load(of identity: [UInt8]) -> (count: Int, bytes: Int) {
        guard let index = self.laneOf[ByteKey(identity)] else { return (0, 0) }
        return (self.lanes[index].places.count, self.lanes[index].bytes)
    }

    // MARK: - Coming and going

    /// Takes a transaction whose signature holds.
    ///
    /// - Parameters:
    ///   - entry: the transaction.
    ///   - now: milliseconds since 1970.
    /// - Returns: ids that had to go, of the identities with the most bytes.
    /// - Throws: ``PoolRefusal``; the pool is then as before.
    @discardableResult
    @inlinable package mutating func insert(_ entry: PoolEntry<Content>, at now: UInt64) throws(PoolRefusal)
        -> [[UInt8]]
    {
        if self.waiting[ByteKey(entry.id)] != nil { throw .waiting }
        if self.recent.contains(entry.id) { throw .committed }
        if entry.validUntil < now { throw .expired }
        let load = self.load(of: entry.identity)
        guard load.count < self.limits.countPerIdentity, load.bytes + entry.bytes <= self.limits.bytesPerIdentity,
            entry.bytes <= self.limits.bytes
        else { throw .quota }
        let evicted = try self.makeRoom(for: entry, load.bytes)
        self.add(entry, at: now)
        return evicted
    }

    @inlinable mutating func add(_ entry: PoolEntry<Content>, at now: UInt64) {
        let number = self.nextNumber
        self.nextNumber += 1
        let index = self.lane(of: entry.identity)
        self.lanes[index].insert(
            Lane.Place(id: entry.id, rank: entry.rank, bytes: entry.bytes, number: number)
        )
        self.waiting[ByteKey(entry.id)] = Waiting(entry: entry, arrival: now, number: number)
        self.arrivals.append(Arrival(id: entry.id, number: number))
        self.bytes += entry.bytes
        self.nextExpiry = min(self.nextExpiry, self.expiry(of: entry, arrival: now))
    }

    /// The last time at which it may wait, milliseconds since 1970.
    @inlinable func expiry(of entry: PoolEntry<Content>, arrival: UInt64) -> UInt64 {
        let (end, overflows) = arrival.addingReportingOverflow(self.limits.lifetime)
        return min(entry.validUntil, overflows ? .max : end)
    }

    @inlinable mutating func lane(of identity: [UInt8]) -> Int {
        let key = ByteKey(identity)
        if let index = self.laneOf[key] { return index }
        self.laneOf[key] = self.lanes.count
        self.lanes.append(Lane(identity: identity))
        return self.lanes.count - 1
    }

    /// Chooses what goes before anything is changed: the last transactions of the fullest identities.
    @usableFromInline mutating func makeRoom(
        for entry: PoolEntry<Content>,
        _ ownBytes: Int
    ) throws(PoolRefusal) -> [[UInt8]] {
        var evicted: [[UInt8]] = []
        var (count, bytes) = (self.waiting.count + 1, self.bytes + entry.bytes)
        var taken: [Int: (count: Int, bytes: Int)] = [:]
        while count > self.limits.count || bytes > self.limits.bytes {
            var fullest = 0
            var most = -1
            for index in self.lanes.indices {
                let rest = self.lanes[index].bytes - (taken[index]?.bytes ?? 0)
                if rest > most { (fullest, most) = (index, rest) }
            }
            // Whoever would be the fullest then has to wait.
            guard most > ownBytes + entry.bytes else { throw .full }
            let gone = taken[fullest] ?? (0, 0)
            let places = self.lanes[fullest].places
            let victim = places[places.count - 1 - gone.count]
            taken[fullest] = (gone.count + 1, gone.bytes + victim.bytes)
            evicted.append(victim.id)
            count -= 1
            bytes -= victim.bytes
        }
        for id in evicted { self.remove(id) }
        return evicted
    }

    /// Forgets a transaction, because it cannot stand in any block.
    @inlinable package mutating func remove(_ id: [UInt8]) {
        guard let gone = self.waiting.removeValue(forKey: ByteKey(id)) else { return }
        self.bytes -= gone.entry.bytes
        guard let index = self.laneOf[ByteKey(gone.entry.identity)] else { return }
        self.lanes[index].remove(id)
        if self.lanes[index].places.isEmpty { self.removeLane(index) }
        self.skipGone()
    }

    @usableFromInline mutating func removeLane(_ index: Int) {
        self.laneOf[ByteKey(self.lanes[index].identity)] = nil
        let last = self.lanes.count - 1
        if index != last {
            self.lanes[index] = self.lanes[last]
            self.laneOf[ByteKey(self.lanes[index].identity)] = index
        }
        self.lanes.removeLast()
        if self.turn >= self.lanes.count { self.turn = 0 }
    }

    /// A block with these transactions is final.
    @inlinable package mutating func committed(_ ids: [[UInt8]]) {
        for id in ids {
            self.recent.note(id)
            self.remove(id)
        }
    }

    /// What waits of an identity with one rank.
    ///
    /// - Returns: the ids, in the order of their arrival.
    @inlinable package func waiting(of identity: [UInt8], rank: UInt64) -> [[UInt8]] {
        self.laneOf[ByteKey(identity)].map { self.lanes[$0].ids(of: rank) } ?? []
    }

    /// Forgets what can no longer take effect or has waited too long.
    ///
    /// - Parameter now: milliseconds since 1970.
    /// - Returns: the ids, in the order of their arrival.
    package mutating func expire(at now: UInt64) -> [[UInt8]] {
        guard now > self.nextExpiry else { return [] }
        var expired: [[UInt8]] = []
        self.nextExpiry = .max
        for arrival in self.arrivals[self.firstArrival...] {
            guard let known = self.waiting[ByteKey(arrival.id)], known.number == arrival.number else { continue }
            let expiry = self.expiry(of: known.entry, arrival: known.arrival)
            if expiry < now { expired.append(arrival.id) } else { self.nextExpiry = min(self.nextExpiry, expiry) }
        }
        for id in expired { self.remove(id) }
        return expired
    }

    // MARK: - Blocks

    /// Chooses transactions for a block, in turns.
    ///
    /// What was chosen goes on waiting until it is committed; the turn goes on where it ended.
    ///
    /// - Parameters:
    ///   - max: transactions at most.
    ///   - bytes: their bytes at most; a single larger one is chosen alone.
    ///   - isTaken: whether a block in flight holds it already.
    /// - Returns: in the order of the turns.
    @inlinable package mutating func candidates(
        max: Int,
        bytes: Int,
        excluding isTaken: ([UInt8]) -> Bool
    ) -> [Content] {
        var draw = Draw(lanes: self.lanes, turn: self.turn, quantum: self.limits.quantum)
        let ids = draw.choose(max: max, bytes: bytes, excluding: isTaken)
        for (index, credit) in draw.credits.enumerated() { self.lanes[index].credit = credit }
        self.turn = draw.turn
        return ids.compactMap { self.waiting[ByteKey($0)]?.entry.content }
    }

    // MARK: - Complaints

    /// What waits longest, with its arrival in milliseconds since 1970; nil for an empty pool.
    package var oldestWaiting: (id: [UInt8], arrival: UInt64, content: Content)? {
        for arrival in self.arrivals[self.firstArrival...] {
            guard let known = self.waiting[ByteKey(arrival.id)], known.number == arrival.number else { continue }
            return (arrival.id, known.arrival, known.entry.content)
        }
        return nil
    }

    /// Moves the beginning of the arrivals past what has gone.
    @inlinable mutating func skipGone() {
        while self.firstArrival < self.arrivals.count {
            let arrival = self.arrivals[self.firstArrival]
            if self.waiting[ByteKey(arrival.id)]?.number == arrival.number { break }
            self.firstArrival += 1
        }
        guard self.arrivals.count > 64, self.arrivals.count > 2 * (self.waiting.count + self.firstArrival / 2) else {
            return
        }
        self.arrivals = self.arrivals[self.firstArrival...].filter { self.waiting[ByteKey($0.id)]?.number == $0.number }
        self.firstArrival = 0
    }
}
