internal import Foundation
internal import Logging
internal import Relaying
internal import Synchronization

/// What a gateway knows of itself, for its status and metrics.
final class GatewayBoard: Sendable {
    /// Where something goes wrong.
    enum Step: String, Sendable, CaseIterable {
        case scan, count, check, seek, prove, certify, submit, expire, follow, lease, height
    }

    /// The last trouble of a step.
    struct Trouble: Sendable, Hashable {
        let step: String
        let text: String
        /// Since the start.
        var count: UInt64
        /// Milliseconds since 1970.
        var time: UInt64
    }

    struct Picture: Sendable {
        var load = GatewayPlan.Load()
        var isQuiet = false
        var lease = "none"
        /// Of the application chain and of the relay chain.
        var heights: [UInt64] = [0, 0]
        /// Milliseconds since 1970 at which each chain was last reached; 0: never.
        var reached: [UInt64] = [0, 0]
        var settled: [UInt64] = [0, 0]
        var successions: [ChainSuccession: SuccessionReading] = [:]
        var troubles: [String: Trouble] = [:]
        /// Submissions by kind and outcome.
        var submissions: [String: UInt64] = [:]
        /// Leaves that a contract refused for good, the newest.
        var abandoned: [String] = []
    }

    private static let abandonedMax = 32
    /// A step's trouble is logged at most so often, ms.
    private static let logEvery: UInt64 = 10_000

    private let picture = Mutex(Picture())
    private let logger: Logger
    /// Milliseconds since 1970.
    private let clock: @Sendable () -> UInt64

    init(logger: Logger, clock: @escaping @Sendable () -> UInt64) {
        self.logger = logger
        self.clock = clock
    }

    var current: Picture { self.picture.withLock { $0 } }

    func update(_ change: (inout Picture) -> Void) { self.picture.withLock { change(&$0) } }

    func note(_ step: Step, _ text: String) {
        let now = self.clock()
        let isNews = self.picture.withLock { picture in
            let old = picture.troubles[step.rawValue]
            let isNews = (old?.time ?? 0) + Self.logEvery <= now
            let time = isNews ? now : old?.time ?? now
            picture.troubles[step.rawValue] = Trouble(
                step: step.rawValue,
                text: String(text.prefix(500)),
                count: (old?.count ?? 0) + 1,
                time: time
            )
            return isNews
        }
        guard isNews else { return }
        self.logger.info("a step failed; it is tried again", metadata: ["step": "\(step.rawValue)", "why": "\(text)"])
    }

    func note(_ succession: ChainSuccession, _ reading: SuccessionReading) {
        self.update { $0.successions[succession] = reading }
    }

    func count(_ outcome: SubmissionOutcome, of kind: ParcelKind) {
        self.update { $0.submissions["\(kind),\(Self.word(outcome))", default: 0] += 1 }
    }

    func countCanary(isCertified: Bool) {
        self.update { $0.submissions["canary,\(isCertified ? "certified" : "refused")", default: 0] += 1 }
    }

    func abandon(_ place: LeafPlace, _ code: UInt16) {
        self.update { picture in
            picture.abandoned.append("\(place): code \(code)")
            if picture.abandoned.count > Self.abandonedMax { picture.abandoned.removeFirst() }
        }
        self.logger.error(
            "a contract refuses what this gateway brings; look with `wardline relay trace`",
            metadata: ["leaf": "\(place)", "code": "\(code)"]
        )
    }

    func reach(_ shore: Shore, _ height: UInt64) {
        let now = self.clock()
        self.update { picture in
            let place = shore == .application ? 0 : 1
            picture.heights[place] = max(picture.heights[place], height)
            picture.reached[place] = now
        }
    }

    private static func word(_ outcome: SubmissionOutcome) -> String {
        switch outcome {
        case .accepted: "accepted"
        case .alreadyThere: "already_there"
        case .gap: "gap"
        case .behind: "behind"
        case .stale: "stale"
        case .outdated: "outdated"
        case .held: "held"
        case .open: "open"
        case .refused: "refused"
        }
    }
}
