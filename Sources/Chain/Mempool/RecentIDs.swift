/// The ids that were noted last, in bounded memory.
struct RecentIDs: Sendable {
    private let limit: Int
    private var known: Set<[UInt8]> = []
    /// A ring; the oldest stands at ``next`` once it is full.
    private var order: [[UInt8]] = []
    private var next = 0

    init(limit: Int) { self.limit = max(1, limit) }

    func contains(_ id: [UInt8]) -> Bool { self.known.contains(id) }

    mutating func note(_ id: [UInt8]) {
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
