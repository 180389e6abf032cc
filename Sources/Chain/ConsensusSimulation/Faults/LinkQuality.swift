/// How well messages travel.
///
/// Times are in microseconds of virtual time.
package struct LinkQuality: Hashable, Sendable {
    /// Of 100 messages, lost.
    package var loss = 0
    /// Of 100 messages, delivered twice.
    package var duplication = 0
    package var delay: ClosedRange<UInt64> = 500...8_000
    /// Of 100 messages, held back for up to ``stall``; what comes after overtakes them.
    package var stalled = 0
    package var stall: UInt64 = 200_000

    package init() {}

    /// What the network is like after the faults: every message arrives soon.
    package static let calm = LinkQuality()
}

/// Who reaches whom.
struct Topology: Sendable {
    /// Group of each replica during a partition; replicas of different groups do not reach each other.
    private var groups: [ReplicaNumber: Int] = [:]
    private var isPartitioned = false
    private var cuts: Set<Link> = []
    private var slow: [Link: UInt64] = [:]

    typealias ReplicaNumber = UInt16

    struct Link: Hashable, Sendable {
        let from: ReplicaNumber
        let to: ReplicaNumber
    }

    mutating func partition(_ list: [[ReplicaNumber]]) {
        self.isPartitioned = true
        self.groups = [:]
        for (index, members) in list.enumerated() {
            for member in members { self.groups[member] = index }
        }
    }

    mutating func heal() {
        self.isPartitioned = false
        self.groups = [:]
        self.cuts = []
        self.slow = [:]
    }

    mutating func cut(from: ReplicaNumber, to: ReplicaNumber) { self.cuts.insert(Link(from: from, to: to)) }

    mutating func slow(from: ReplicaNumber, to: ReplicaNumber, by microseconds: UInt64) {
        self.slow[Link(from: from, to: to)] = microseconds
    }

    func connects(_ from: ReplicaNumber, _ to: ReplicaNumber) -> Bool {
        if self.cuts.contains(Link(from: from, to: to)) { return false }
        guard self.isPartitioned else { return true }
        guard let left = self.groups[from], let right = self.groups[to] else { return false }
        return left == right
    }

    func extraDelay(_ from: ReplicaNumber, _ to: ReplicaNumber) -> UInt64 {
        self.slow[Link(from: from, to: to)] ?? 0
    }
}
