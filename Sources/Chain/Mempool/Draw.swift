/// One choice of transactions, in turns that are worth the same number of bytes.
@usableFromInline struct Draw {
    private let lanes: [Lane]
    /// By lane, the first place that is not chosen yet.
    private var heads: [Int]
    private let quantum: Int
    /// By lane, what is left of its turns.
    @usableFromInline private(set) var credits: [Int]
    /// The lane whose turn is next.
    @usableFromInline private(set) var turn: Int

    @usableFromInline init(lanes: [Lane], turn: Int, quantum: Int) {
        self.lanes = lanes
        self.heads = Array(repeating: 0, count: lanes.count)
        self.credits = lanes.map(\.credit)
        self.quantum = Swift.max(1, quantum)
        self.turn = turn
    }

    /// - Returns: ids in the order of the turns, an identity's ascending by rank.
    @usableFromInline mutating func choose(max: Int, bytes: Int, excluding isTaken: ([UInt8]) -> Bool) -> [[UInt8]] {
        var ids: [[UInt8]] = []
        var used = 0
        var open = 0
        for lane in self.lanes.indices where self.findHead(of: lane, isTaken) { open += 1 }
        while open > 0, ids.count < max {
            var tookAny = false
            for _ in self.lanes.indices {
                let lane = self.turn
                guard self.head(of: lane) != nil else {
                    self.pass()
                    continue
                }
                self.credits[lane] += self.quantum
                while let next = self.head(of: lane), next.bytes <= self.credits[lane] {
                    guard ids.count < max, used + next.bytes <= bytes || ids.isEmpty else {
                        // The block is full in the middle of a turn, which goes on with the next block.
                        self.credits[lane] -= self.quantum
                        return ids
                    }
                    ids.append(next.id)
                    used += next.bytes
                    self.credits[lane] -= next.bytes
                    self.heads[lane] += 1
                    tookAny = true
                    if !self.findHead(of: lane, isTaken) { open -= 1 }
                }
                self.pass()
            }
            if !tookAny { self.skipRounds() }
        }
        return ids
    }

    private func head(of lane: Int) -> Lane.Place? {
        self.heads[lane] < self.lanes[lane].places.count ? self.lanes[lane].places[self.heads[lane]] : nil
    }

    /// Passes over what is taken; who has nothing left saves no credit.
    private mutating func findHead(of lane: Int, _ isTaken: ([UInt8]) -> Bool) -> Bool {
        while let next = self.head(of: lane) {
            guard isTaken(next.id) else { return true }
            self.heads[lane] += 1
        }
        self.credits[lane] = 0
        return false
    }

    private mutating func pass() { self.turn = (self.turn + 1) % self.lanes.count }

    /// Nobody can pay for the next transaction: the rounds until somebody can are given at once.
    private mutating func skipRounds() {
        let missing = self.lanes.indices.compactMap { lane in
            self.head(of: lane).map { ($0.bytes - self.credits[lane] + self.quantum - 1) / self.quantum }
        }
        guard let rounds = missing.min(), rounds > 1 else { return }
        for lane in self.lanes.indices where self.head(of: lane) != nil {
            self.credits[lane] += (rounds - 1) * self.quantum
        }
    }
}
