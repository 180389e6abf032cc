internal import ChainReading
internal import Contracts
internal import Ledger
internal import Synchronization

/// The newest head of the access channel that a quorum confirmed, and when it did.
///
/// What is read afterwards must not be older; and when nobody confirmed one for too long, nothing is handed over.
final class HeadWatch: Sendable {
    struct Confirmation: Sendable {
        let height: UInt64
        /// Milliseconds since 1970, by this machine's clock.
        let time: UInt64
    }

    private let facts: any ChainFacts
    /// ms.
    private let ageMax: UInt64
    /// Milliseconds since 1970.
    private let clock: @Sendable () -> UInt64
    private let state = Mutex<Confirmation?>(nil)

    init(_ facts: any ChainFacts, secondsMax: UInt64, clock: @escaping @Sendable () -> UInt64) {
        self.facts = facts
        self.ageMax = secondsMax * 1_000
        self.clock = clock
    }

    /// nil before the first.
    var newest: Confirmation? { self.state.withLock { $0 } }

    /// Whether the newest head was confirmed so long ago that a revocation may be behind it.
    var isStale: Bool { self.newest.map { self.isOver($0.time) } ?? true }

    /// Whether something that was read at a time is too old to be acted on.
    func isOver(_ time: UInt64) -> Bool {
        let now = self.clock()
        return now > time && now - time > self.ageMax
    }

    /// Takes in what a quorum proved about the access channel.
    ///
    /// - Parameters:
    ///   - fact: just read.
    ///   - time: when the reading began, ms since 1970.
    /// - Returns: false when a newer head was known already.
    @discardableResult
    func note(_ fact: ChainFact, readAt time: UInt64) -> Bool {
        self.state.withLock { state in
            if let state, fact.height < state.height { return false }
            state = Confirmation(height: fact.height, time: max(time, state?.time ?? 0))
            return true
        }
    }

    /// Asks for the head.
    ///
    /// - Throws: as `ChainFacts.fact`.
    func refresh() async throws {
        let time = self.clock()
        // Any key will do: its absence is proven under the newest head.
        let fact = try await self.facts.fact(of: AccessKey.permission([UInt8](repeating: 0, count: 32)), on: .access)
        self.note(fact, readAt: time)
    }

    /// Keeps the head fresh until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            try? await self.refresh()
            try? await Task.sleep(for: .milliseconds(max(self.ageMax / 3, 200)))
        }
    }
}
