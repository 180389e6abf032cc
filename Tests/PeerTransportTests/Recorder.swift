import Synchronization

/// Keeps what happened, and wakes who waits for it.
final class Recorder<Element: Sendable>: Sendable {
    private let state = Mutex(State())

    private struct State {
        var elements: [Element] = []
        var waiters: [Int: Waiter] = [:]
        var lastWaiter = 0
    }

    private struct Waiter {
        let condition: @Sendable ([Element]) -> Bool
        let continuation: CheckedContinuation<Void, any Error>
    }

    var elements: [Element] { self.state.withLock { $0.elements } }

    func record(_ element: Element) {
        let ready = self.state.withLock { state in
            state.elements.append(element)
            let ready = state.waiters.filter { $0.value.condition(state.elements) }
            for number in ready.keys { state.waiters[number] = nil }
            return ready.values.map(\.continuation)
        }
        for continuation in ready { continuation.resume() }
    }

    /// Waits until what was recorded fulfils the condition; the suite's time limit ends a wait in vain.
    func wait(until condition: @escaping @Sendable ([Element]) -> Bool) async throws {
        let number = self.state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isDone = self.state.withLock { state in
                    if Task.isCancelled || condition(state.elements) { return true }
                    state.waiters[number] = Waiter(condition: condition, continuation: continuation)
                    return false
                }
                if isDone { continuation.resume() }
            }
            try Task.checkCancellation()
        } onCancel: {
            let waiter = self.state.withLock { $0.waiters.removeValue(forKey: number) }
            waiter?.continuation.resume(throwing: CancellationError())
        }
    }

    func wait(forCount count: Int) async throws { try await self.wait { $0.count >= count } }
}

extension Recorder where Element: Equatable {
    func wait(for element: Element, times: Int = 1) async throws {
        try await self.wait { $0.count { $0 == element } >= times }
    }
}
