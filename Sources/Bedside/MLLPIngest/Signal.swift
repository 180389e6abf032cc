internal import Foundation
internal import Synchronization

/// Wakes one thread that waits for work; a signal that nobody waits for is kept.
final class Signal: Sendable {
    private let condition = NSCondition()
    private let raised = Mutex(false)

    init() {}

    func raise() {
        self.condition.lock()
        self.raised.withLock { $0 = true }
        self.condition.signal()
        self.condition.unlock()
    }

    /// Waits until the signal is raised, at most some seconds, and lowers it.
    func wait(seconds: Double) {
        let deadline = Date(timeIntervalSinceNow: seconds)
        self.condition.lock()
        while !self.raised.withLock({ $0 }), self.condition.wait(until: deadline) {}
        self.raised.withLock { $0 = false }
        self.condition.unlock()
    }
}
