internal import Synchronization

/// Lets requests wait for an item to move, and the desk for something to do.
final class GrantWaiters: Sendable {
    private struct State {
        var next = 0
        var waiting: [[UInt8]: [Int: AsyncStream<Void>.Continuation]] = [:]
    }

    private let state = Mutex(State())
    /// Rings when there may be something to do.
    let work = Bell()

    /// Something may be to do.
    func wake() { self.work.ring() }

    /// An item moved.
    func tell(_ id: [UInt8]) {
        let continuations = self.state.withLock { $0.waiting.removeValue(forKey: id) ?? [:] }
        for (_, continuation) in continuations { continuation.finish() }
    }

    /// Waits until an item moves, at most some milliseconds.
    func move(of id: [UInt8], milliseconds: UInt64) async {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        let key = self.state.withLock { state in
            state.next += 1
            state.waiting[id, default: [:]][state.next] = continuation
            return state.next
        }
        let timer = Task {
            try? await Task.sleep(for: .milliseconds(Int(milliseconds)))
            continuation.finish()
        }
        for await _ in stream {}
        timer.cancel()
        self.state.withLock { state in
            state.waiting[id]?[key] = nil
            if state.waiting[id]?.isEmpty == true { state.waiting[id] = nil }
        }
    }
}
