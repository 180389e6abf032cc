internal import IBTP

/// How far one chain's committees, or lists, are known on the other.
struct SuccessionWork: Hashable, Sendable {
    let succession: ChainSuccession
    var newest: UInt64?
    var known: UInt64?
    var isUnderWay = false
    var attempts = 0
    /// Look, or bring, not before this tick.
    var notBefore: UInt64 = 0
    /// Somebody was refused because of it.
    var isInDoubt = false
    /// The other chain's trust may end.
    var isTrustOld = false

    init(_ succession: ChainSuccession) { self.succession = succession }

    /// The epoch to be brought next.
    var next: UInt64? {
        guard let newest, let known, known < newest else { return nil }
        return known + 1
    }

    var isSettled: Bool { self.next == nil && !self.isUnderWay && !self.isTrustOld }
}

/// What waits for its time on the relay chain.
struct ExpiryWork: Hashable, Sendable {
    /// Open exchanges with a limit, ascending by the last block in which an answer counts.
    private(set) var deadlines: [Deadline] = []
    private(set) var height: UInt64 = 0
    /// When the relay chain made its last block, in ticks.
    private(set) var grown: UInt64 = 0
    var isUnderWay = false
    var attempts = 0
    var notBefore: UInt64 = 0

    struct Deadline: Hashable, Sendable {
        let message: MessageID
        /// The block in which the exchange began, from 1.
        let begun: UInt64
        let height: UInt64
    }

    /// The first block in which something began that still waits; nil when nothing does.
    var earliest: UInt64? { self.deadlines.map(\.begun).min() }

    mutating func noteHeight(_ height: UInt64, at now: UInt64) {
        guard height > self.height else { return }
        self.height = height
        self.grown = now
    }

    mutating func watch(_ message: MessageID, from begun: UInt64, until height: UInt64?, atMost count: Int) {
        guard let height, begun > 0 else { return }
        self.end(message)
        let place = self.deadlines.firstIndex { $0.height > height } ?? self.deadlines.count
        self.deadlines.insert(Deadline(message: message, begun: begun, height: height), at: place)
        // The last one keeps the chain going until all are over.
        if self.deadlines.count > count { self.deadlines.remove(at: self.deadlines.count - 2) }
    }

    mutating func end(_ message: MessageID) {
        guard let place = self.deadlines.firstIndex(where: { $0.message == message }) else { return }
        self.deadlines.remove(at: place)
    }

    /// Everything that was due before a block of this height is undone.
    mutating func settle(at height: UInt64) {
        guard let first = self.deadlines.firstIndex(where: { $0.height + Self.slack >= height }) else {
            self.deadlines = []
            return
        }
        self.deadlines.removeFirst(first)
    }

    /// Blocks after which a deadline is surely dealt with: a block undoes a bounded number.
    private static let slack: UInt64 = 16
}

// Committees, lists and deadlines.
extension GatewayPlan {
    mutating func scheduleChores(_ actions: inout [PlanAction]) {
        for place in self.successions.indices { self.scheduleSuccession(place, &actions) }
        self.scheduleExpiry(&actions)
    }

    private mutating func scheduleSuccession(_ place: Int, _ actions: inout [PlanAction]) {
        let work = self.successions[place]
        guard !work.isUnderWay, self.now >= work.notBefore else { return }
        self.successions[place].isUnderWay = true
        if let next = work.next, self.isToAct(work) {
            actions.append(.follow(work.succession, epoch: next))
        } else if work.isTrustOld, self.isToAct(work) {
            actions.append(.show(work.succession, epoch: work.known ?? 0))
        } else {
            actions.append(.readSuccession(work.succession))
        }
    }

    /// A gateway without the lease leaves it to the other one, until its own work needs it.
    private func isToAct(_ work: SuccessionWork) -> Bool { self.lease != .another || work.isInDoubt }

    /// Somebody was refused because the other chain does not know an epoch.
    mutating func doubt(_ succession: ChainSuccession) {
        guard let place = self.successions.firstIndex(where: { $0.succession == succession }) else { return }
        guard !self.successions[place].isInDoubt else { return }
        self.successions[place].isInDoubt = true
        self.successions[place].notBefore = self.now
    }

    /// Whether the receiving chain can judge a leaf's certificate, as far as one knows.
    func isFollowed(_ parcel: Parcel) -> Bool {
        let succession = ChainSuccession(.committee, of: parcel.place.shore)
        guard let work = self.successions.first(where: { $0.succession == succession }), let known = work.known else {
            return true
        }
        return parcel.epoch <= known
    }

    mutating func noteSuccession(_ succession: ChainSuccession, _ reading: SuccessionReading?) {
        self.settle(succession) { work, now, backoff in
            guard let reading else {
                work.attempts += 1
                work.notBefore = now + backoff.pause(attempts: work.attempts, height: 3)
                return
            }
            work.attempts = 0
            work.newest = max(work.newest ?? 0, reading.newest)
            work.known = max(work.known ?? 0, reading.known)
            work.isInDoubt = work.isInDoubt && work.next != nil
            work.isTrustOld = reading.isTrustOld
        }
    }

    mutating func noteFollowed(_ succession: ChainSuccession, _ epoch: UInt64) {
        self.settle(succession) { work, _, _ in
            work.attempts = 0
            work.known = max(work.known ?? 0, epoch)
            work.newest = max(work.newest ?? 0, epoch)
            work.isInDoubt = work.isInDoubt && work.next != nil
            work.isTrustOld = false
        }
    }

    mutating func failFollow(_ succession: ChainSuccession) {
        self.settle(succession) { work, now, backoff in
            work.attempts += 1
            work.notBefore = now + backoff.pause(attempts: work.attempts, height: 4)
            // Another gateway may have brought it.
            (work.newest, work.isTrustOld) = (nil, false)
        }
    }

    private mutating func settle(
        _ succession: ChainSuccession,
        _ change: (inout SuccessionWork, _ now: UInt64, Backoff) -> Void
    ) {
        guard let place = self.successions.firstIndex(where: { $0.succession == succession }) else { return }
        var work = self.successions[place]
        work.isUnderWay = false
        work.notBefore = self.now + self.limits.successionEvery
        change(&work, self.now, self.backoff)
        if work.next != nil || work.isTrustOld, work.attempts == 0, self.isToAct(work) { work.notBefore = self.now }
        self.successions[place] = work
    }

    /// The relay chain makes no blocks by itself: while something waits for its time, somebody has to.
    private mutating func scheduleExpiry(_ actions: inout [PlanAction]) {
        guard !self.expiry.deadlines.isEmpty, !self.expiry.isUnderWay, self.now >= self.expiry.notBefore else { return }
        let window = self.lease == .another ? self.limits.backupWindow : 0
        guard self.now >= self.expiry.grown + self.limits.expireEvery + window else { return }
        self.expiry.isUnderWay = true
        actions.append(.expire)
    }

    mutating func noteExpiry(_ height: UInt64?) {
        self.expiry.isUnderWay = false
        if let height {
            self.expiry.attempts = 0
            self.expiry.notBefore = self.now + self.limits.expireEvery
            self.expiry.settle(at: height)
        } else {
            self.expiry.attempts += 1
            self.expiry.notBefore =
                self.now + self.backoff.pause(attempts: self.expiry.attempts, height: 5)
        }
    }
}
