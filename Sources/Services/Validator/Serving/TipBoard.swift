internal import Consensus
internal import Ledger
internal import Synchronization

/// The last block that may be shown, and who waits for the next one.
final class TipBoard: Sendable {
    private struct State {
        var height: Height
        var isClosed = false
        var nextWaiter: UInt64 = 0
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var observer: (@Sendable () -> Void)?
    }

    private let state: Mutex<State>

    init(height: Height) { self.state = Mutex(State(height: height)) }

    var height: Height { self.state.withLock { $0.height } }

    var isClosed: Bool { self.state.withLock { $0.isClosed } }

    /// Calls the body after each change of the height, and at no other time; it must not wait.
    func observe(_ body: @escaping @Sendable () -> Void) { self.state.withLock { $0.observer = body } }

    /// Shows blocks up to a height, which must be durable.
    func show(_ height: Height) {
        let (waiters, observer) = self.state.withLock { state in
            guard height > state.height else {
                return ([CheckedContinuation<Void, Never>](), nil as (@Sendable () -> Void)?)
            }
            state.height = height
            defer { state.waiters = [:] }
            return (Array(state.waiters.values), state.observer)
        }
        for waiter in waiters { waiter.resume() }
        observer?()
    }

    /// Lets everybody go who waits.
    func close() {
        let waiters = self.state.withLock { state in
            state.isClosed = true
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Waits until the height is reached; also returns when the task is cancelled or the board closed.
    func wait(for height: Height) async {
        while self.height < height, !self.isClosed, !Task.isCancelled { await self.wait(above: height - 1) }
    }

    /// Waits until there is a block above a height; also returns when the task is cancelled or the board closed.
    func wait(above height: Height) async {
        let number = self.state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = self.state.withLock { state in
                    guard state.height <= height, !state.isClosed, !Task.isCancelled else { return true }
                    state.waiters[number] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            self.state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
        }
    }
}
