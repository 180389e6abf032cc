internal import Ledger
internal import LedgerStore
internal import Synchronization

/// A client that waits for its transaction; it is answered once.
final class Submission: Sendable {
    /// Where the transaction stands; nil when it waits and the client does not.
    typealias Answer = Result<TransactionPlace?, SubmissionFailure>

    let deadline: Instant
    /// Whether the client waits for the block, or only for a place in the pool.
    let isPatient: Bool
    private let continuation: Mutex<CheckedContinuation<Answer, Never>?>

    init(deadline: Instant, isPatient: Bool, _ continuation: CheckedContinuation<Answer, Never>) {
        self.deadline = deadline
        self.isPatient = isPatient
        self.continuation = Mutex(continuation)
    }

    // Whoever drops it without an answer is stopping.
    deinit { self.answer(.failure(.notReady("the validator is stopping"))) }

    func answer(_ answer: Answer) {
        let continuation = self.continuation.withLock { continuation in
            defer { continuation = nil }
            return continuation
        }
        continuation?.resume(returning: answer)
    }
}
