import Glibc

/// Whether SIGINT or SIGTERM asked the program to stop.
///
/// The signals are blocked and asked for in each round of the network loop, so that no code runs in a handler.
struct StopSignal {
    private var signals = sigset_t()

    init() {
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGTERM)
        sigprocmask(SIG_BLOCK, &signals, nil)
        // A broker that goes away must show as an error of write, not end the program.
        signal(SIGPIPE, SIG_IGN)
    }

    /// True once for each signal that has come.
    mutating func hasArrived() -> Bool {
        var immediately = timespec()
        return sigtimedwait(&signals, nil, &immediately) > 0
    }
}
