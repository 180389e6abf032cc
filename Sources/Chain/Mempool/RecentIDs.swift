internal import CanonicalBytes

/// The ids that were noted last, in bounded memory.
@usableFromInline struct RecentIDs: Sendable {
    private let limit: Int
    private var known: Set<ByteKey> = []
    /// A ring; the oldest stands at ``next`` once it is full.
    private var order: [ByteKey] = []
    private var next = 0

    init(limit: Int) { self.limit = max(1, limit) }

    @usableFromInline func contains(_ id: [UInt8]) -> Bool { self.known.contains(ByteKey(id)) }

    @usableFromInline mutating func note(_ id: [UInt8]) {
        let id = ByteKey(id)
        guard self.known.insert(id).inserted else { return }
        guard self.order.count == self.limit else {
            self.order.append(id)
            return
        }
        self.known.remove(self.order[self.next])
        self.order[self.next] = id
        self.next = (self.next + 1) % self.limit
    }
}
