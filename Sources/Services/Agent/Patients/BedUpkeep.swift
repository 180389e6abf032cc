internal import Normalization
internal import Records
internal import Spool
internal import Synchronization

/// The bed map on its way from the numerics' normalizer, which reads movements, to the waveforms'.
final class SharedBeds: Sendable {
    private struct State {
        var version: UInt64 = 0
        var beds = BedMap()
    }

    private let state = Mutex(State())

    init() {}

    func publish(_ beds: BedMap) {
        self.state.withLock { state in
            state.version += 1
            state.beds = beds
        }
    }

    /// The map, unless it is the one of this version; the version is brought up to date.
    func newer(than version: inout UInt64) -> BedMap? {
        self.state.withLock { state in
            guard state.version != version else { return nil }
            version = state.version
            return state.beds
        }
    }
}

/// Keeps the beds of one normalizer thread up to date.
struct BedUpkeep {
    /// How much time passes between two looks for patients who are gone for long, ms.
    private static let forgettingInterval: Int64 = 3_600_000

    private let shared: SharedBeds?
    private let lane: SpoolLane
    private var watch = AssociationWatch()
    private var version: UInt64 = 0
    private var forgottenAt: Int64 = 0

    init(_ shared: SharedBeds?, lane: SpoolLane) {
        self.shared = shared
        self.lane = lane
    }

    /// Takes over what others have changed: another process, or the numerics' normalizer.
    mutating func refresh(_ processor: inout MessageProcessor, from spool: Spool) throws {
        if let shared = self.shared, self.lane == .waves {
            if let beds = shared.newer(than: &self.version) { processor.beds = beds }
            return
        }
        var hasChanged = false
        try self.watch.whenChanged(in: spool) {
            try processor.refreshBeds(from: spool)
            hasChanged = true
        }
        if hasChanged { self.publish(processor) }
    }

    func publish(_ processor: borrowing MessageProcessor) { self.shared?.publish(processor.beds) }

    /// From time to time, lets go of patients who are gone for long.
    ///
    /// - Parameters:
    ///   - processor: of this thread.
    ///   - burst: the newest; its messages' times stand for the clock.
    mutating func forget(_ processor: inout MessageProcessor, now burst: MessageBurst) {
        guard let first = burst.message(at: 0)?.message, self.lane == .numerics else { return }
        let now = first.receivedAt / 1_000_000
        guard now - self.forgottenAt >= Self.forgettingInterval else { return }
        self.forgottenAt = now
        processor.forgetMovements(now: now)
    }
}
