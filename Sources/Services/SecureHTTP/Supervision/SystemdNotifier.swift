internal import Glibc

/// Tells systemd how a service is: the `sd_notify(3)` datagrams, without libsystemd.
package struct SystemdNotifier: Sendable {
    /// Takes one message's lines; a message that nobody takes is lost.
    private let deliver: @Sendable (String) -> Void
    /// How often systemd wants to hear from us, µs; nil without `WatchdogSec=`.
    package let watchdogMicroseconds: UInt64?

    /// Reads `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`; without them every message goes nowhere.
    ///
    /// - Parameter environment: of the process.
    package init(environment: (String) -> String? = { getenv($0).map { String(cString: $0) } }) {
        let address = environment("NOTIFY_SOCKET").flatMap { $0.hasPrefix("/") || $0.hasPrefix("@") ? $0 : nil }
        self.deliver = { text in if let address { Self.send(text, to: address) } }
        let isOurs = environment("WATCHDOG_PID").map { $0 == String(getpid()) } ?? true
        self.watchdogMicroseconds = isOurs ? environment("WATCHDOG_USEC").flatMap { UInt64($0) } : nil
    }

    /// - Parameters:
    ///   - watchdogMicroseconds: how often the receiver wants to hear from us.
    ///   - deliver: gets the messages in the place of systemd.
    package init(watchdogMicroseconds: UInt64?, deliver: @escaping @Sendable (String) -> Void) {
        self.watchdogMicroseconds = watchdogMicroseconds
        self.deliver = deliver
    }

    /// Half of what systemd waits, and no more often than twice a second; nil without a watchdog.
    package var beatSeconds: Double? { self.watchdogMicroseconds.map { max(0.5, Double($0) / 2_000_000) } }

    /// The service does what it is for.
    package func ready(status: String) { self.deliver("READY=1\nSTATUS=\(status)") }
    /// A shutdown began.
    package func stopping() { self.deliver("STOPPING=1\nSTATUS=draining") }
    /// Feeds the watchdog.
    package func alive(status: String) { self.deliver("WATCHDOG=1\nSTATUS=\(status)") }
    /// Settings are read anew; ``ready(status:)`` follows.
    ///
    /// - Parameter microseconds: of CLOCK_MONOTONIC, which `Type=notify-reload` wants (sd_notify(3)).
    package func reloading(at microseconds: UInt64) {
        self.deliver("RELOADING=1\nMONOTONIC_USEC=\(microseconds)")
    }

    private static func send(_ text: String, to path: String) {
        var target = sockaddr_un()
        target.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: target.sun_path) else { return }
        withUnsafeMutableBytes(of: &target.sun_path) { field in
            field.copyBytes(from: bytes)
            // A leading @ stands for the abstract namespace's NUL.
            if bytes.first == UInt8(ascii: "@") { field[0] = 0 }
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        let message = Array(text.utf8)
        withUnsafePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = sendto(descriptor, message, message.count, Int32(MSG_NOSIGNAL), address, length)
            }
        }
    }
}
