internal import CanonicalBytes

/// How much of a list may change at one epoch boundary, so that a certificate of the old committee still speaks for the
/// new one: as many seats as the old one survives faults, a third of each subgroup, one at least of either.
struct ChangeBudget {
    private let policy: ListPolicy
    private var total: Int
    private var groups: [Int]
    /// Seats of every subgroup after the changes so far.
    private(set) var seats: [Int]

    init(of old: VerificationNodeList) {
        self.policy = old.policy
        self.total = max(1, old.faults)
        self.groups = old.seats.map { max(1, $0.count / 3) }
        self.seats = old.seats.map(\.count)
    }

    /// Takes one seat away.
    ///
    /// - Returns: false, and nothing is changed, where the bounds forbid it or too few seats would be left.
    mutating func vacate(_ place: Int) -> Bool {
        let isEnough = self.seats[place] > self.policy.subgroups[place].seatsMin
        let isEnoughInAll = self.seats.reduce(0, +) > Int(self.policy.threshold)
        guard isEnough, isEnoughInAll, self.charge(place) else { return false }
        self.seats[place] -= 1
        return true
    }

    /// Gives one seat more.
    ///
    /// - Returns: false, and nothing is changed, where the bounds forbid it.
    mutating func occupy(_ place: Int) -> Bool {
        guard self.charge(place) else { return false }
        self.seats[place] += 1
        return true
    }

    /// Takes a change from what is allowed.
    private mutating func charge(_ place: Int) -> Bool {
        guard self.total > 0, self.groups[place] > 0 else { return false }
        self.total -= 1
        self.groups[place] -= 1
        return true
    }
}
