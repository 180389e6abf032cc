internal import Foundation
internal import Synchronization

/// Who commits next, when numerics and waveforms both wait.
///
/// As long as numerics have work, a waveform gives way to a fixed number of their commits, then it has one of its own. So
/// neither lane starves, and numerics never queue.
final class LaneTurn: Sendable {
    private struct State {
        var isBusy = false
        var commits: UInt64 = 0
    }

    /// Commits of numerics for one of waveforms.
    static let weight: UInt64 = 8

    private let state = Mutex(State())
    private let changed = NSCondition()

    init() {}

    /// Numerics have work.
    func begin() { self.change { $0.isBusy = true } }

    /// Numerics have committed.
    func committed() { self.change { $0.commits &+= 1 } }

    /// Numerics have nothing left to do.
    func rest() { self.change { $0.isBusy = false } }

    /// Blocks the waveforms' thread until it is its turn.
    ///
    /// - Parameter seconds: after which it goes on in any case: numerics that cannot commit must not stop waveforms.
    func giveWay(seconds: Double = 1) {
        let limit = self.state.withLock { $0.commits } &+ Self.weight
        let deadline = Date(timeIntervalSinceNow: seconds)
        self.changed.lock()
        defer { self.changed.unlock() }
        while !self.mayGo(limit) { guard self.changed.wait(until: deadline) else { return } }
    }

    private func mayGo(_ limit: UInt64) -> Bool { self.state.withLock { !$0.isBusy || $0.commits >= limit } }

    private func change(_ body: (inout State) -> Void) {
        self.changed.lock()
        self.state.withLock { body(&$0) }
        self.changed.broadcast()
        self.changed.unlock()
    }
}
