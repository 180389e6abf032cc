internal import Foundation
internal import NIOPosix
internal import Synchronization

/// A few threads for the multiplications on the curve, so that none holds up an event loop or a task.
final class VerificationThreads: Sendable {
    private let pool: NIOThreadPool
    private let waitingMax: Int
    private let admitted = Atomic<Int>(0)

    /// Starts the threads.
    ///
    /// - Parameters:
    ///   - count: how many.
    ///   - waitingMax: how many jobs may be admitted at once; the next is refused as busy.
    init(count: Int, waitingMax: Int) {
        self.pool = NIOThreadPool(numberOfThreads: count)
        self.waitingMax = waitingMax
        self.pool.start()
    }

    /// Jobs that run or wait.
    var admittedCount: Int { self.admitted.load(ordering: .relaxed) }

    /// Runs a job.
    ///
    /// - Throws: ``CenterRefusal/Reason/busy``, or what the job throws.
    func run<T: Sendable>(_ job: @escaping @Sendable () throws -> T) async throws -> T {
        let before = self.admitted.wrappingAdd(1, ordering: .relaxed).oldValue
        defer { self.admitted.wrappingSubtract(1, ordering: .relaxed) }
        guard before < self.waitingMax else {
            throw CenterRefusal.refused(.busy, "too many verifications wait; try again later")
        }
        return try await self.pool.runIfActive(job)
    }

    func stop() async { try? await self.pool.shutdownGracefully() }
}
