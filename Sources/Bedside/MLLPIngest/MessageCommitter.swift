internal import Glibc
package import Records
internal import Synchronization

/// Makes messages of all connections durable, many with one write.
///
/// One thread takes whatever has come while the write before was under way: group commit under load, no added delay
/// without it. Only when the write has returned are the messages' senders answered.
package final class MessageCommitter: Sendable {
    /// A message that waits.
    struct Submission: Sendable {
        let topic: [UInt8]
        let payload: [UInt8]
        /// Gateway clock, ns since 1970 UTC.
        let receivedAt: Int64
        /// Whether its header says when it was made.
        let isTimed: Bool
        /// Called on the committing thread.
        let completion: @Sendable (Outcome) -> Void
    }

    enum Outcome: Sendable {
        case stored(repeated: Bool)
        /// Not on the disk, and not to be acknowledged.
        case notStored(String)
    }

    private struct Shared {
        var waiting: [Submission] = []
        var isStopping = false
        var heartbeat: UInt64 = 0
        var failure: String?
    }

    /// One write carries no more messages than this, and no further ones above so many bytes.
    private static let messagesMax = 1_024
    private static let bytesMax = 1 << 20

    private let store: @Sendable (MessageBurst) throws -> Void
    private let secret: (UInt64, UInt64)
    private let storedLast: [MessageBurst]
    private let shared = Mutex(Shared())
    private let arrived = Signal()

    /// - Parameters:
    ///   - secret: keys the hashes by which repetitions are recognised.
    ///   - storedLast: the newest bursts that came by MLLP, oldest first.
    ///   - store: makes a burst durable; when it returns, the messages survive a power failure.
    package init(
        secret: (UInt64, UInt64),
        storedLast: [MessageBurst] = [],
        store: @escaping @Sendable (MessageBurst) throws -> Void
    ) {
        self.secret = secret
        self.storedLast = storedLast
        self.store = store
    }

    /// Monotonic ns when the thread last showed that it is alive; 0 before it runs.
    package var heartbeat: UInt64 { self.shared.withLock { $0.heartbeat } }

    /// Why the store refused the last write, if it did.
    package var failure: String? { self.shared.withLock { $0.failure } }

    /// Lets a message be stored; its completion is called later, on another thread.
    func submit(_ submission: Submission) {
        self.shared.withLock { $0.waiting.append(submission) }
        self.arrived.raise()
    }

    /// Ends ``run()`` when nothing waits any more.
    package func requestStop() {
        self.shared.withLock { $0.isStopping = true }
        self.arrived.raise()
    }

    /// Works until ``requestStop()``; blocks its thread.
    package func run() {
        var filter = RepetitionFilter(secret: self.secret)
        filter.arm(self.storedLast)
        while true {
            let (group, isOver) = self.shared.withLock { shared in
                shared.heartbeat = Self.monotonic()
                let group = Self.takeGroup(from: &shared.waiting)
                return (group, group.isEmpty && shared.isStopping)
            }
            if isOver { return }
            if group.isEmpty {
                self.arrived.wait(seconds: 1)
            } else {
                self.commit(group, &filter)
            }
        }
    }

    private static func takeGroup(from waiting: inout [Submission]) -> [Submission] {
        var bytes = 0
        var count = 0
        for submission in waiting.prefix(self.messagesMax) {
            if count > 0, bytes + submission.payload.count > self.bytesMax { break }
            bytes += submission.payload.count
            count += 1
        }
        defer { waiting.removeFirst(count) }
        return Array(waiting.prefix(count))
    }

    private func commit(_ group: [Submission], _ filter: inout RepetitionFilter) {
        var burst = MessageBurst()
        var repeated: [Int] = []
        // A group that is not stored must not be remembered: its messages come again.
        var noted = filter
        for (index, submission) in group.enumerated() {
            submission.topic.withUnsafeBytes { topic in
                submission.payload.withUnsafeBytes { payload in
                    burst.append(
                        topic: topic,
                        payload: payload,
                        receivedAt: submission.receivedAt,
                        packetIdentifier: 0,
                        retained: false,
                        broker: MLLPOrigin.broker
                    )
                }
            }
            if noted.isRepeated(topic: submission.topic, payload: submission.payload, isTimed: submission.isTimed) {
                repeated.append(index)
            }
        }
        burst.mark(messagesAt: repeated, as: .redelivered)
        do {
            try self.store(burst)
        } catch {
            let reason = "\(error)"
            self.shared.withLock { $0.failure = reason }
            for submission in group { submission.completion(.notStored(reason)) }
            return
        }
        filter = noted
        self.shared.withLock { $0.failure = nil }
        var rest = repeated[...]
        for (index, submission) in group.enumerated() {
            let isRepeated = rest.first == index
            if isRepeated { rest = rest.dropFirst() }
            submission.completion(.stored(repeated: isRepeated))
        }
    }

    private static func monotonic() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
