@preconcurrency internal import Glibc

/// A thread of its own for work that blocks or computes, away from tasks and event loops.
enum WorkerThread {
    /// Starts a thread that runs the body once.
    ///
    /// - Returns: false when the system gives no thread.
    @discardableResult
    static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        let context = Unmanaged.passRetained(Body(body))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, 4 << 20)
        var thread = pthread_t()
        let code = pthread_create(
            &thread,
            &attributes,
            { pointer in
                guard let pointer else { return nil }
                Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue().run()
                return nil
            },
            context.toOpaque()
        )
        if code != 0 { context.release() }
        return code == 0
    }

    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }
}

/// Lets threads wait for something to change under a lock.
final class Monitor<State>: @unchecked Sendable {
    // The state is touched only while the mutex is held.
    private var state: State
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    init(_ state: sending State) {
        self.state = state
        self.mutex = .allocate(capacity: 1)
        self.mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(self.mutex, nil)
        self.condition = .allocate(capacity: 1)
        self.condition.initialize(to: pthread_cond_t())
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(self.condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(self.condition)
        pthread_mutex_destroy(self.mutex)
        self.condition.deallocate()
        self.mutex.deallocate()
    }

    /// Changes the state and wakes one waiting thread when the body says so.
    func change(_ body: (inout State) -> Bool) {
        pthread_mutex_lock(self.mutex)
        let wakes = body(&self.state)
        pthread_mutex_unlock(self.mutex)
        if wakes { pthread_cond_signal(self.condition) }
    }

    /// Changes the state and wakes all waiting threads.
    func changeForAll(_ body: (inout State) -> Void) {
        pthread_mutex_lock(self.mutex)
        body(&self.state)
        pthread_mutex_unlock(self.mutex)
        pthread_cond_broadcast(self.condition)
    }

    func read<T>(_ body: (State) -> T) -> T {
        pthread_mutex_lock(self.mutex)
        defer { pthread_mutex_unlock(self.mutex) }
        return body(self.state)
    }

    /// Waits until the body finds something or the time is over.
    ///
    /// - Parameters:
    ///   - deadline: to wait for at most; nil without end.
    ///   - body: nil when it has found nothing yet.
    /// - Returns: nil when the time is over.
    func wait<T>(until deadline: Instant?, _ body: (inout State) -> T?) -> T? {
        pthread_mutex_lock(self.mutex)
        defer { pthread_mutex_unlock(self.mutex) }
        while true {
            if let found = body(&self.state) { return found }
            guard let deadline else {
                pthread_cond_wait(self.condition, self.mutex)
                continue
            }
            var time = deadline.timespec
            if pthread_cond_timedwait(self.condition, self.mutex, &time) == ETIMEDOUT { return body(&self.state) }
        }
    }
}

/// A time of the clock that never goes back.
struct Instant: Comparable, Sendable {
    /// Since an arbitrary beginning.
    let nanoseconds: UInt64

    static var now: Instant {
        var time = Glibc.timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }

    func advanced(milliseconds: UInt64) -> Instant {
        Instant(nanoseconds: self.nanoseconds &+ milliseconds &* 1_000_000)
    }

    /// Milliseconds from an earlier time to this one; 0 from a later one.
    func milliseconds(since earlier: Instant) -> UInt64 {
        self.nanoseconds > earlier.nanoseconds ? (self.nanoseconds - earlier.nanoseconds) / 1_000_000 : 0
    }

    fileprivate var timespec: Glibc.timespec {
        Glibc.timespec(
            tv_sec: Int(self.nanoseconds / 1_000_000_000),
            tv_nsec: Int(self.nanoseconds % 1_000_000_000)
        )
    }

    static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }
}

/// The time of day.
enum WallClock {
    /// Milliseconds since 1970.
    static var milliseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(time.tv_sec) * 1_000 + UInt64(time.tv_nsec) / 1_000_000
    }
}
