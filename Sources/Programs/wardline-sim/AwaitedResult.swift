internal import Foundation
internal import Synchronization

/// Waits for asynchronous work: this program's commands run on the main thread, where the ward awaits its signals.
final class AwaitedResult<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>?>(nil)
    private let isThere = DispatchSemaphore(value: 0)

    /// - Returns: what the work returned.
    /// - Throws: what the work threw.
    static func of(_ work: @escaping @Sendable () async throws -> Value) throws -> Value {
        let outcome = AwaitedResult()
        Task.detached {
            do { outcome.put(.success(try await work())) } catch { outcome.put(.failure(error)) }
        }
        return try outcome.take().get()
    }

    private func put(_ result: Result<Value, any Error>) {
        self.result.withLock { $0 = result }
        self.isThere.signal()
    }

    private func take() -> Result<Value, any Error> {
        self.isThere.wait()
        return self.result.withLock { $0 } ?? .failure(CancellationError())
    }
}
