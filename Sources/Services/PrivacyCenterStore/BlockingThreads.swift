internal import Dispatch
internal import Foundation
internal import Synchronization

/// Threads on which database calls may block, so that none of them blocks an event loop or a task.
final class BlockingThreads: Sendable {
    private struct State {
        var jobs: [@Sendable () -> Void] = []
        var isStopped = false
    }

    private let state = Mutex(State())
    private let work = DispatchSemaphore(value: 0)
    private let count: Int
    private let waitingMax: Int

    /// Starts threads.
    ///
    /// - Parameters:
    ///   - name: what top and ps show.
    ///   - count: how many threads.
    ///   - waitingMax: how many calls may wait before ``StoreError/busy`` refuses the next.
    init(name: String, count: Int, waitingMax: Int) {
        self.count = count
        self.waitingMax = waitingMax
        for _ in 0..<count {
            let thread = Thread { self.serve() }
            thread.name = name
            thread.start()
        }
    }

    /// Runs a blocking call on one of the threads.
    func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            let refusal = self.state.withLock { state -> StoreError? in
                guard !state.isStopped else { return .closed }
                guard state.jobs.count < self.waitingMax else { return .busy }
                state.jobs.append { continuation.resume(with: Result { try body() }) }
                return nil
            }
            if let refusal { continuation.resume(throwing: refusal) } else { self.work.signal() }
        }
    }

    /// Runs a long call on a thread of its own, so that short ones need not wait behind it.
    static func runAlone<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
        }
    }

    /// Refuses further calls; those that wait are still run.
    func stop() {
        self.state.withLock { $0.isStopped = true }
        for _ in 0..<self.count { self.work.signal() }
    }

    private func serve() {
        while true {
            self.work.wait()
            let job = self.state.withLock { $0.jobs.isEmpty ? nil : $0.jobs.removeFirst() }
            // A signal without a job is the stop's; every job has a signal of its own.
            guard let job else { return }
            job()
        }
    }
}
