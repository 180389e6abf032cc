/// Dijkstra's algorithm over pairs of a chain and the number of hops to it.
///
/// Labels are ordered by cost, then by hops, then by the chains on the way. Every hop makes a label greater, so labels
/// are settled in ascending order and the first one of a pair is the least. The first one of the destination passes no
/// chain twice: without the detour it would cost no more and have fewer hops.
struct RouteSearch {
    struct Label {
        let cost: UInt64
        /// Places of the chains on the way, with both ends.
        let steps: [Int]
        var chain: Int { self.steps[self.steps.count - 1] }

        static func < (a: Label, b: Label) -> Bool {
            if a.cost != b.cost { return a.cost < b.cost }
            if a.steps.count != b.steps.count { return a.steps.count < b.steps.count }
            return a.steps.lexicographicallyPrecedes(b.steps)
        }
    }

    private let hopsMax: Int
    /// Of every pair the least label so far; nil where there is none.
    private var labels: [Label?]
    private var isSettled: [Bool]
    /// Pairs with a label that is not settled.
    private var open: [Int]

    init(chainCount: Int, start: Int, hopsMax: Int) {
        self.hopsMax = hopsMax
        let count = chainCount * (hopsMax + 1)
        self.labels = [Label?](repeating: nil, count: count)
        self.isSettled = [Bool](repeating: false, count: count)
        let pair = start * (hopsMax + 1)
        self.labels[pair] = Label(cost: 0, steps: [start])
        self.open = [pair]
    }

    /// Settles the least open label.
    mutating func settleNext() -> Label? {
        var best: (place: Int, label: Label)?
        for (place, pair) in self.open.enumerated() {
            guard let label = self.labels[pair] else { continue }
            if best.map({ label < $0.label }) ?? true { best = (place, label) }
        }
        guard let (place, label) = best else { return nil }
        self.isSettled[self.open[place]] = true
        self.open.swapAt(place, self.open.count - 1)
        self.open.removeLast()
        return label
    }

    /// Notes a way to a chain by one hop more, where hops are left.
    mutating func reach(_ chain: Int, cost: UInt64, from label: Label) {
        let hops = label.steps.count
        guard hops <= self.hopsMax else { return }
        let pair = chain * (self.hopsMax + 1) + hops
        guard !self.isSettled[pair] else { return }
        let reached = Label(cost: label.cost + cost, steps: label.steps + [chain])
        if let known = self.labels[pair] {
            if reached < known { self.labels[pair] = reached }
        } else {
            self.labels[pair] = reached
            self.open.append(pair)
        }
    }
}
