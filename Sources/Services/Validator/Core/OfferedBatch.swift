internal import Ledger
internal import Synchronization

/// Transactions that a client handed in together, and whose block it does not wait for: it gets one answer for all.
///
/// They are checked and put into the pool in runs. A task, a job and an event for each of them took more time than its
/// place in the pool.
final class OfferedBatch: Sendable {
    private struct State: Sendable {
        var failures: [SubmissionFailure?]
        /// Which ones have no answer yet.
        var isOpen: [Bool]
        var openCount: Int
        var continuation: CheckedContinuation<[SubmissionFailure?], Never>?

        mutating func close(_ place: Int, _ failure: SubmissionFailure?) {
            guard self.isOpen.indices.contains(place), self.isOpen[place] else { return }
            self.isOpen[place] = false
            self.failures[place] = failure
            self.openCount -= 1
        }
    }

    private let state: Mutex<State>

    /// - Parameters:
    ///   - count: of the transactions, at least one.
    ///   - continuation: is told why each was not taken, in their order; nil for those that were.
    init(count: Int, _ continuation: CheckedContinuation<[SubmissionFailure?], Never>) {
        self.state = Mutex(
            State(
                failures: Array(repeating: nil, count: count),
                isOpen: Array(repeating: true, count: count),
                openCount: count,
                continuation: continuation
            )
        )
    }

    // Whoever drops it without all answers is stopping.
    deinit {
        let (failures, continuation) = self.state.withLock { state in
            for place in state.isOpen.indices {
                state.close(place, .notReady("the validator is stopping"))
            }
            defer { state.continuation = nil }
            return (state.failures, state.continuation)
        }
        continuation?.resume(returning: failures)
    }

    /// Takes the answers about a run; the last one ends the client's waiting.
    ///
    /// - Parameters:
    ///   - first: the place of the run's first transaction.
    ///   - failures: by place, nil for what was taken.
    func answer(from first: Int, _ failures: [SubmissionFailure?]) {
        let done: (failures: [SubmissionFailure?], continuation: CheckedContinuation<[SubmissionFailure?], Never>)?
        done = self.state.withLock { state in
            for (offset, failure) in failures.enumerated() { state.close(first + offset, failure) }
            guard state.openCount == 0, let continuation = state.continuation else { return nil }
            state.continuation = nil
            return (state.failures, continuation)
        }
        done?.continuation.resume(returning: done?.failures ?? [])
    }
}

/// Some transactions of a batch, read and checked, on their way to the core.
struct OfferedRun: Sendable {
    let batch: OfferedBatch
    /// The place of the first one.
    let first: Int
    let checked: [Result<VerifiedTransaction, SubmissionFailure>]

    var count: Int { self.checked.count }

    /// Answers about all of them.
    ///
    /// - Parameter take: puts one into the pool, or says why not.
    func answer(_ take: (VerifiedTransaction) -> SubmissionFailure?) {
        self.batch.answer(
            from: self.first,
            self.checked.map { result in
                switch result {
                case .success(let verified): take(verified)
                case .failure(let failure): failure
                }
            }
        )
    }
}
