internal import Glibc

/// A pipe by which other threads interrupt the connection's poll(2).
final class WakeUp: Sendable {
    let readEnd: Int32
    private let writeEnd: Int32

    /// Opens the pipe.
    ///
    /// - Throws: ``BrokerFault`` when the process has no file descriptors left.
    init() throws(BrokerFault) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw BrokerFault("no pipe: \(String(cString: strerror(errno)))") }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        self.readEnd = ends[0]
        self.writeEnd = ends[1]
    }

    deinit {
        close(self.readEnd)
        close(self.writeEnd)
    }

    /// Ends the present or the next ``wait(milliseconds:)`` or poll.
    func signal() {
        var byte: UInt8 = 1
        // A full pipe is already a signal.
        _ = write(self.writeEnd, &byte, 1)
    }

    /// Takes back all signals.
    func drain() {
        var bytes: (UInt64, UInt64) = (0, 0)
        while withUnsafeMutableBytes(of: &bytes, { read(self.readEnd, $0.baseAddress, $0.count) }) > 0 {}
    }

    /// Waits for a signal and takes it.
    ///
    /// - Parameter milliseconds: how long at most.
    func wait(milliseconds: Int32) {
        var entry = pollfd(fd: self.readEnd, events: Int16(POLLIN), revents: 0)
        if poll(&entry, 1, milliseconds) > 0 { self.drain() }
    }
}

/// The clocks of the connection's thread.
enum Clocks {
    /// Nanoseconds since 1970 UTC.
    static func wall() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Nanoseconds of a clock that is never set.
    static func monotonic() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
