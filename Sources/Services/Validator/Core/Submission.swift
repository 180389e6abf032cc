internal import Ledger
internal import LedgerStore
internal import Synchronization

/// A client that waits for its transaction; it is answered once.
final class Submission: Sendable {
    /// Where the transaction stands.
    typealias Answer = Result<TransactionPlace, SubmissionFailure>

    let deadline: Instant
    private let continuation: Mutex<CheckedContinuation<Answer, Never>?>

    init(deadline: Instant, _ continuation: CheckedContinuation<Answer, Never>) {
        self.deadline = deadline
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
