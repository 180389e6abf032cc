internal import Synchronization

/// What the core last said of itself.
final class StatusBoard: Sendable {
    struct Core: Sendable {
        var channels: [ValidatorStatus.ChannelStatus] = []
        var isDiskFull = false
        var logBytes = 0
        var synchronizations: UInt64 = 0
    }

    private struct State: Sendable {
        var core = Core()
        var isRunning = false
        var failure: String?
        var nextAt = Instant(nanoseconds: 0)
    }

    private let state = Mutex(State())

    /// Whether the last word is old enough for a new one.
    func isDue(_ now: Instant) -> Bool { self.state.withLock { now >= $0.nextAt } }

    func publish(_ core: Core, _ now: Instant) {
        self.state.withLock { state in
            state.core = core
            state.isRunning = true
            state.nextAt = now.advanced(milliseconds: 10)
        }
    }

    func end(_ failure: String?) {
        self.state.withLock { state in
            state.isRunning = false
            state.failure = failure
        }
    }

    var current: (core: Core, isRunning: Bool, failure: String?) {
        self.state.withLock { ($0.core, $0.isRunning, $0.failure) }
    }
}
