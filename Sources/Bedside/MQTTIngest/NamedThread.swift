internal import Glibc
internal import Synchronization

/// Starts a detached operating-system thread.
enum NamedThread {
    private final class Work {
        let body: @Sendable () -> Void
        let name: String

        init(_ name: String, _ body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Runs a closure on a new thread.
    ///
    /// - Parameters:
    ///   - name: at most 15 bytes are shown by top and ps.
    ///   - body: runs once.
    static func start(_ name: String, _ body: @escaping @Sendable () -> Void) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        // Address space only; SQLite and OpenSSL need less than half of it.
        pthread_attr_setstacksize(&attributes, 1 << 20)
        let work = Unmanaged.passRetained(Work(name, body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread,
            &attributes,
            { context in
                guard let context else { return nil }
                let work = Unmanaged<Work>.fromOpaque(context).takeRetainedValue()
                NamedThread.show(work.name)
                work.body()
                return nil
            },
            work.toOpaque()
        )
        precondition(code == 0, "the system refuses a thread: \(String(cString: strerror(code)))")
    }
}

extension NamedThread {
    /// Names the calling thread for top and ps; glibc shows pthread_setname_np only to GNU sources.
    private static func show(_ name: String) {
        let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        _ = write(file, name, min(name.utf8.count, 15))
        close(file)
    }
}

/// A point that is reached once and can be waited for from async code.
final class Ending: Sendable {
    private struct State {
        var reached = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// Lets every waiter go on; repeating it changes nothing.
    func reach() {
        let waiting = self.state.withLock { state in
            state.reached = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Suspends until ``reach()``.
    func wait() async {
        await withCheckedContinuation { continuation in
            let reached = self.state.withLock { state in
                if !state.reached { state.waiting.append(continuation) }
                return state.reached
            }
            if reached { continuation.resume() }
        }
    }
}
