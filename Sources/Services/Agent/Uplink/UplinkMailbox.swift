internal import Foundation
internal import Synchronization

/// What tasks on the network report to the uplink's thread.
final class UplinkMailbox<Message: Sendable>: Sendable {
    private let messages = Mutex<[Message]>([])
    private let woken = Mutex(false)
    private let condition = NSCondition()

    /// Reports something; never blocks on the reader's work.
    func post(_ message: Message) {
        self.messages.withLock { $0.append(message) }
        self.wake()
    }

    /// Ends the reader's wait.
    func wake() {
        self.condition.lock()
        self.woken.withLock { $0 = true }
        self.condition.broadcast()
        self.condition.unlock()
    }

    /// Everything reported since the last call; waits for it at most so many seconds, or for ``wake()``.
    func collect(timeout: Double) -> [Message] {
        self.condition.lock()
        let isWoken = self.woken.withLock { woken in
            defer { woken = false }
            return woken
        }
        if !isWoken { _ = self.condition.wait(until: Date(timeIntervalSinceNow: timeout)) }
        self.woken.withLock { $0 = false }
        self.condition.unlock()
        return self.messages.withLock { messages in
            defer { messages.removeAll(keepingCapacity: true) }
            return messages
        }
    }
}
