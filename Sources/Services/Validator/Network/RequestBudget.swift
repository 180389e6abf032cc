/// How many questions of a peer are answered: a bucket of tokens for each kind.
struct RequestBudget {
    enum Kind: Int, CaseIterable {
        case status, blocks, body, snapshot

        /// Answers a second in the long run.
        fileprivate var rate: UInt64 {
            switch self {
            case .status: 50
            case .blocks: 40
            case .body: 40
            case .snapshot: 100
            }
        }
    }

    private struct Bucket {
        /// Thousandths of a token.
        var level: UInt64
        var filledAt: Instant
    }

    private var buckets: [[Bucket?]]

    /// - Parameter peers: numbers are taken modulo this bound, since peers are few and known.
    init(peers: Int = 1_024) {
        self.buckets = Array(repeating: Array(repeating: nil, count: Kind.allCases.count), count: peers)
    }

    /// Takes a token.
    ///
    /// - Returns: false when the peer asks too often.
    mutating func take(_ kind: Kind, of peer: UInt16, at now: Instant) -> Bool {
        let row = Int(peer) % self.buckets.count
        let full = kind.rate * 2_000
        var bucket = self.buckets[row][kind.rawValue] ?? Bucket(level: full, filledAt: now)
        let elapsed = now.milliseconds(since: bucket.filledAt)
        if elapsed > 0 {
            bucket.level = min(full, bucket.level + min(elapsed, 10_000) * kind.rate)
            bucket.filledAt = now
        }
        let isLeft = bucket.level >= 1_000
        if isLeft { bucket.level -= 1_000 }
        self.buckets[row][kind.rawValue] = bucket
        return isLeft
    }
}
