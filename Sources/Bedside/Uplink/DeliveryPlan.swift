/// An envelope that waits, as the plan sees it.
package struct DeliveryCandidate: Sendable, Hashable {
    /// Larger for younger envelopes.
    package let id: Int64
    /// Positions of the centers whose receipts are there already.
    package let receivedBy: Set<Int>

    package init(id: Int64, receivedBy: Set<Int>) {
        self.id = id
        self.receivedBy = receivedBy
    }
}

/// One envelope on its way to one center.
package struct Assignment: Sendable, Hashable {
    package let envelope: Int64
    /// Position of the center in the configuration.
    package let center: Int

    package init(envelope: Int64, center: Int) {
        self.envelope = envelope
        self.center = center
    }
}

/// What came of an assignment.
package enum DeliveryOutcome: Sendable, Hashable {
    case delivered
    /// The center cannot take envelopes now; it is left alone for a while, at least as long as it asked for (ns).
    case centerFailed(reason: String, atLeast: UInt64)
    /// The center takes envelopes, but not this one.
    case envelopeRefused
}

/// Decides which envelope goes to which center when; time and randomness come from outside.
///
/// Live envelopes go first, since somebody may be waiting for them, but one in ``liveShare`` + 1 places belongs to the
/// backlog, oldest first, so that it ends however long the live stream lasts. A center that failed is tried with one
/// envelope before it gets more, and one that answers slowly holds no more than its share of the places.
package struct DeliveryPlan: Sendable {
    /// What is known about a center.
    package struct Center: Sendable, Hashable {
        package let name: String
        /// Failures since the last success.
        package internal(set) var failures = 0
        /// Why the last one failed; nil after a success.
        package internal(set) var problem: String?
        /// Monotonic ns before which it is left alone.
        package internal(set) var notBefore: UInt64 = 0
        package internal(set) var inFlight = 0

        /// Whether the last attempt succeeded.
        package var isUp: Bool { self.problem == nil }
    }

    /// Live envelopes for one of the backlog.
    package static let liveShare = 3

    package private(set) var centers: [Center]
    private let copies: Int
    private let inFlightMax: Int
    /// Assignments to one center at one time.
    private let share: Int
    private let backoff: RetryBackoff
    private var inFlight: [Int64: Set<Int>] = [:]
    private var turn = 0

    /// - Parameters:
    ///   - centers: names in the order of the configuration.
    ///   - copies: centers whose receipts an envelope needs, 1 to the number of centers.
    ///   - inFlightMax: assignments at one time, in equal shares to the centers.
    ///   - backoff: for centers that fail.
    package init(centers: [String], copies: Int, inFlightMax: Int, backoff: RetryBackoff = RetryBackoff()) {
        self.centers = centers.map { Center(name: $0) }
        self.copies = min(max(copies, 1), centers.count)
        self.inFlightMax = max(inFlightMax, 1)
        self.share = max(1, (self.inFlightMax + centers.count - 1) / max(centers.count, 1))
        self.backoff = backoff
    }

    /// Numerics' envelopes for one of waveforms.
    package static let numericsShare = 3

    /// Mixes two lists in their order: after ``numericsShare`` of the first comes one of the second, and what one list
    /// lacks the other one gets.
    package static func mixed(
        _ numerics: [DeliveryCandidate],
        _ waves: [DeliveryCandidate]
    ) -> [DeliveryCandidate] {
        guard !waves.isEmpty else { return numerics }
        var (numerics, waves) = (numerics[...], waves[...])
        var mixed: [DeliveryCandidate] = []
        mixed.reserveCapacity(numerics.count + waves.count)
        while !(numerics.isEmpty && waves.isEmpty) {
            mixed += numerics.prefix(self.numericsShare)
            numerics = numerics.dropFirst(self.numericsShare)
            if let wave = waves.popFirst() { mixed.append(wave) }
        }
        return mixed
    }

    /// Assignments under way.
    package var inFlightCount: Int { self.inFlight.values.reduce(0) { $0 + $1.count } }

    /// Whether another assignment could begin now.
    package func hasRoom(now: UInt64) -> Bool {
        self.inFlightCount < self.inFlightMax && self.centers.contains { self.isOpen($0, now: now) }
    }

    /// When a center that is left alone may be tried again, monotonic ns; nil when none is.
    package var nextAttempt: UInt64? {
        self.centers.filter { !$0.isUp && $0.inFlight == 0 }.map(\.notBefore).min()
    }

    /// Begins as many assignments as there is room for.
    ///
    /// - Parameters:
    ///   - live: youngest first.
    ///   - backlog: oldest first; may repeat what is live.
    ///   - now: monotonic ns.
    /// - Returns: what is to be sent now.
    package mutating func begin(
        live: [DeliveryCandidate],
        backlog: [DeliveryCandidate],
        now: UInt64
    ) -> [Assignment] {
        var assignments: [Assignment] = []
        var live = live[...]
        var backlog = backlog[...]
        while self.hasRoom(now: now), !(live.isEmpty && backlog.isEmpty) {
            let wantsLive = self.turn % (Self.liveShare + 1) < Self.liveShare
            let candidate = wantsLive ? live.popFirst() ?? backlog.popFirst() : backlog.popFirst() ?? live.popFirst()
            guard let candidate else { break }
            let begun = self.begin(candidate, now: now)
            if !begun.isEmpty { self.turn &+= 1 }
            assignments += begun
        }
        return assignments
    }

    /// Notes what came of an assignment.
    package mutating func finish(
        _ assignment: Assignment,
        _ outcome: DeliveryOutcome,
        now: UInt64,
        using generator: inout some RandomNumberGenerator
    ) {
        guard self.inFlight[assignment.envelope]?.remove(assignment.center) != nil else { return }
        if self.inFlight[assignment.envelope]?.isEmpty == true { self.inFlight[assignment.envelope] = nil }
        self.centers[assignment.center].inFlight -= 1
        switch outcome {
        case .delivered, .envelopeRefused:
            self.centers[assignment.center].failures = 0
            self.centers[assignment.center].problem = nil
            self.centers[assignment.center].notBefore = 0
        case .centerFailed(let reason, let atLeast):
            self.centers[assignment.center].problem = reason
            // What failed together counts once, or one lost connection would look like many.
            guard now >= self.centers[assignment.center].notBefore else { return }
            self.centers[assignment.center].failures += 1
            let failures = self.centers[assignment.center].failures
            let delay = self.backoff.delay(failures: failures, atLeast: atLeast, using: &generator)
            self.centers[assignment.center].notBefore = now + delay
        }
    }

    private mutating func begin(_ candidate: DeliveryCandidate, now: UInt64) -> [Assignment] {
        let underWay = self.inFlight[candidate.id] ?? []
        let have = candidate.receivedBy.union(underWay)
        var missing = self.copies - have.count
        var assignments: [Assignment] = []
        for step in self.centers.indices where missing > 0 && self.inFlightCount < self.inFlightMax {
            // By turns, so that the centers share the load when fewer copies than centers are wanted.
            let center =
                Int(UInt64(bitPattern: candidate.id) % UInt64(self.centers.count) + UInt64(step))
                % self.centers.count
            guard !have.contains(center), self.isOpen(self.centers[center], now: now) else { continue }
            self.centers[center].inFlight += 1
            self.inFlight[candidate.id, default: []].insert(center)
            assignments.append(Assignment(envelope: candidate.id, center: center))
            missing -= 1
        }
        return assignments
    }

    private func isOpen(_ center: Center, now: UInt64) -> Bool {
        center.isUp ? center.inFlight < self.share : now >= center.notBefore && center.inFlight == 0
    }
}
