internal import Synchronization

/// Groups envelopes of many callers into one durable transaction each time the disk is free.
///
/// A caller alone waits for one transaction only; many callers share the cost of one.
package final class BatchingAppender: Sendable {
    /// Bounds of what waits and of one transaction.
    package struct Limits: Sendable {
        /// Envelopes that may wait; beyond it ``StoreError/busy`` refuses the next.
        package var waitingMax = 4_096
        /// Bytes of envelopes that may wait.
        package var waitingBytesMax = 64 << 20
        /// Envelopes of one transaction.
        package var batchMax = 256
        /// Bytes of envelopes of one transaction; a larger single envelope still goes alone.
        package var batchBytesMax = 8 << 20

        package init() {}
    }

    private struct Waiting {
        let envelope: NewEnvelope
        let continuation: CheckedContinuation<Appended, any Error>
    }

    private struct State {
        var waiting: [Waiting] = []
        var waitingBytes = 0
        var isWriting = false
    }

    private let store: any EnvelopeStore
    private let limits: Limits
    private let state = Mutex(State())

    /// Makes an appender; one per store and process suffices.
    package init(store: any EnvelopeStore, limits: Limits = Limits()) {
        self.store = store
        self.limits = limits
    }

    /// Stores an envelope, durable when this returns.
    ///
    /// - Throws: ``StoreError``; ``StoreError/busy`` when too much waits already.
    package func append(_ envelope: NewEnvelope) async throws -> Appended {
        try await withCheckedThrowingContinuation { continuation in
            let waiting = Waiting(envelope: envelope, continuation: continuation)
            let admission = self.state.withLock { self.admit(waiting, &$0) }
            switch admission {
            case .refused: continuation.resume(throwing: StoreError.busy)
            case .waits: break
            case .starts: Task { await self.write() }
            }
        }
    }

    /// How many envelopes wait, for metrics.
    package var waitingCount: Int { self.state.withLock { $0.waiting.count } }

    private enum Admission { case refused, waits, starts }

    private func admit(_ waiting: Waiting, _ state: inout State) -> Admission {
        let bytes = state.waitingBytes + waiting.envelope.bytes.count
        guard state.waiting.count < self.limits.waitingMax, bytes <= self.limits.waitingBytesMax else {
            return .refused
        }
        state.waiting.append(waiting)
        state.waitingBytes = bytes
        guard !state.isWriting else { return .waits }
        state.isWriting = true
        return .starts
    }

    private func write() async {
        while let batch = self.state.withLock({ self.nextBatch(&$0) }) {
            do {
                let appended = try await self.store.append(batch.map(\.envelope))
                for (waiting, outcome) in zip(batch, appended.outcomes) {
                    waiting.continuation.resume(returning: Appended(outcome: outcome, head: appended.head))
                }
            } catch {
                for waiting in batch { waiting.continuation.resume(throwing: error) }
            }
        }
    }

    /// Takes what fits into one transaction; nil when nothing waits, and the next caller starts anew.
    private func nextBatch(_ state: inout State) -> [Waiting]? {
        var (count, bytes) = (0, 0)
        for waiting in state.waiting.prefix(self.limits.batchMax) {
            let size = waiting.envelope.bytes.count
            if count > 0, bytes + size > self.limits.batchBytesMax { break }
            count += 1
            bytes += size
        }
        guard count > 0 else {
            state.isWriting = false
            return nil
        }
        let batch = Array(state.waiting[..<count])
        state.waiting.removeFirst(count)
        state.waitingBytes -= bytes
        return batch
    }
}

/// What became of an envelope, and the tree in which its proof holds.
package struct Appended: Sendable, Equatable {
    package let outcome: AppendOutcome
    package let head: TreeHead
}
