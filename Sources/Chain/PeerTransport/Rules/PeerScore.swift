internal import Glibc

/// What a peer can do wrong.
package enum Misbehaviour: String, Sendable, Hashable, CaseIterable {
    /// Bytes that cannot be parsed.
    case malformed
    /// A signature that does not verify.
    case badSignature
    /// A frame above its kind's limit.
    case oversized
    /// More than the protocol has a use for.
    case flood

    /// Points when the caller gives none.
    package var defaultWeight: Int {
        switch self {
        case .malformed, .badSignature: 20
        case .oversized: 50
        case .flood: 10
        }
    }
}

/// When a peer's points lead to a penalty, and how long it lasts.
package struct ScoreRules: Sendable, Hashable {
    /// Points that lead to a penalty.
    package var threshold: Double
    /// Seconds after which half of the points are forgiven.
    package var halfLifeSeconds: Double
    /// Seconds of the first penalty; each further one is twice as long.
    package var penaltySeconds: Double
    /// Seconds of any penalty at most; also the good conduct after which the first penalty is short again.
    package var penaltySecondsMax: Double

    package init(
        threshold: Double = 100,
        halfLifeSeconds: Double = 60,
        penaltySeconds: Double = 10,
        penaltySecondsMax: Double = 600
    ) {
        precondition(threshold > 0 && halfLifeSeconds > 0 && penaltySeconds > 0)
        self.threshold = threshold
        self.halfLifeSeconds = halfLifeSeconds
        self.penaltySeconds = penaltySeconds
        self.penaltySecondsMax = max(penaltySeconds, penaltySecondsMax)
    }
}

/// The points of one peer; times are seconds of a clock that never goes back.
package struct PeerScore: Sendable, Hashable {
    private let rules: ScoreRules
    private var points = 0.0
    private var pointsAt = 0.0
    private var penalties = 0
    /// When the last penalty ends or ended; nil when there was none.
    package private(set) var refusedUntil: Double?

    package init(rules: ScoreRules = ScoreRules()) { self.rules = rules }

    /// The points that are not forgiven yet.
    package func points(at now: Double) -> Double {
        self.points * exp2(-max(0, now - self.pointsAt) / self.rules.halfLifeSeconds)
    }

    package func isRefused(at now: Double) -> Bool { self.refusedUntil.map { now < $0 } ?? false }

    /// Adds points.
    ///
    /// - Returns: the seconds of the penalty that begins now; nil when none does.
    package mutating func add(_ weight: Int, at now: Double) -> Double? {
        guard !self.isRefused(at: now) else { return nil }
        self.points = self.points(at: now) + Double(max(0, weight))
        self.pointsAt = now
        guard self.points >= self.rules.threshold else { return nil }
        if let end = self.refusedUntil, now - end >= self.rules.penaltySecondsMax { self.penalties = 0 }
        let seconds = min(self.rules.penaltySecondsMax, self.rules.penaltySeconds * exp2(Double(self.penalties)))
        self.penalties += 1
        self.points = 0
        self.refusedUntil = now + seconds
        return seconds
    }
}
