internal import Synchronization

/// A port that becomes known when the server listens.
final class ListeningPort: Sendable {
    private let state = Mutex<State>(.waiting([]))

    var port: Int {
        get async throws {
            try await withCheckedThrowingContinuation { continuation in
                let known = self.state.withLock { state -> Result<Int, any Error>? in
                    switch state {
                    case .known(let result): return result
                    case .waiting(let others):
                        state = .waiting(others + [continuation])
                        return nil
                    }
                }
                if let known { continuation.resume(with: known) }
            }
        }
    }

    func open(_ port: Int) { self.settle(.success(port)) }

    /// Ends the wait of those who still wait.
    func fail(_ error: any Error) { self.settle(.failure(error)) }

    private func settle(_ result: Result<Int, any Error>) {
        let waiting = self.state.withLock { state -> [CheckedContinuation<Int, any Error>] in
            guard case .waiting(let continuations) = state else { return [] }
            state = .known(result)
            return continuations
        }
        for continuation in waiting { continuation.resume(with: result) }
    }

    private enum State {
        case waiting([CheckedContinuation<Int, any Error>])
        case known(Result<Int, any Error>)
    }
}
