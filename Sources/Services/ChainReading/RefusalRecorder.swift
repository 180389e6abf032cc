internal import CanonicalBytes
package import Contracts
internal import Ledger
package import Logging
internal import Synchronization

/// Tells the chain which steps under permissions this party refused, each reason once.
///
/// Best effort: the refusal itself stands whether or not it is recorded. Only refusals that answer somebody who proved to
/// be the permission's requester belong here.
package final class RefusalRecorder: Sendable {
    /// Refusals that wait for the chain.
    private static let waitingMax = 256
    /// Refusals that are known to be recorded.
    private static let knownMax = 10_000

    private let writer: any ChainWriting
    private let step: SharingStep
    private let logger: Logger
    private let known = Mutex<Set<RecordRefusal>>([])
    private let waiting: AsyncStream<RecordRefusal>
    private let line: AsyncStream<RecordRefusal>.Continuation

    /// - Parameters:
    ///   - writer: signs as this party.
    ///   - step: that this party refuses.
    ///   - logger: for what could not be recorded.
    package init(_ writer: any ChainWriting, step: SharingStep, logger: Logger) {
        self.writer = writer
        self.step = step
        self.logger = logger
        (self.waiting, self.line) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.waitingMax))
    }

    /// Has a refusal recorded; returns at once.
    ///
    /// - Parameters:
    ///   - permission: 32 bytes.
    ///   - code: the problem's code.
    package func record(permission: [UInt8], code: String) {
        let refusal = RecordRefusal(permission: permission, step: self.step, code: code)
        let isNew = self.known.withLock { known in
            if known.count >= Self.knownMax { known.removeAll() }
            return known.insert(refusal).inserted
        }
        guard isNew else { return }
        guard case .enqueued = self.line.yield(refusal) else { return self.forget(refusal) }
    }

    /// Records what waits, one after the other, until the task is cancelled.
    package func run() async {
        for await refusal in self.waiting {
            do { try await self.writer.submit(refusal, needless: [.refusalKnown]) } catch {
                guard !Task.isCancelled else { return }
                // It may come up again.
                self.forget(refusal)
                self.logger.info(
                    "a refusal is not recorded on the chain",
                    metadata: ["permission": "\(refusal.permission.hex)", "code": "\(refusal.code)", "why": "\(error)"]
                )
            }
        }
    }

    private func forget(_ refusal: RecordRefusal) { self.known.withLock { _ = $0.remove(refusal) } }
}
