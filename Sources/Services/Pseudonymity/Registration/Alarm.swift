internal import Synchronization

/// Wakes one waiting task before its time.
final class Alarm: Sendable {
    private struct State {
        var isRinging = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// Lets the task that waits go on, or the next one that comes pass.
    func ring() {
        let waiting = self.state.withLock { state -> CheckedContinuation<Void, Never>? in
            defer { state.waiting = nil }
            if state.waiting == nil { state.isRinging = true }
            return state.waiting
        }
        waiting?.resume()
    }

    /// Waits until it rings, for the time at most, or until the task is cancelled.
    func wait(for duration: Duration) async {
        let timer = Task {
            try? await Task.sleep(for: duration)
            if !Task.isCancelled { self.ring() }
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isRinging = self.state.withLock { state in
                    if state.isRinging {
                        state.isRinging = false
                        return true
                    }
                    state.waiting = continuation
                    return false
                }
                if isRinging { continuation.resume() }
            }
        } onCancel: {
            self.ring()
        }
        timer.cancel()
    }
}
