internal import Glibc

/// Tells systemd how the service is: the `sd_notify(3)` datagrams, without libsystemd.
struct SystemdNotifier: Sendable {
    private let address: String?
    /// How often systemd wants to hear from us; nil without `WatchdogSec=`.
    let watchdogMicroseconds: UInt64?

    /// Reads `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`; without them every message goes nowhere.
    init(environment: (String) -> String? = { getenv($0).map { String(cString: $0) } }) {
        self.address = environment("NOTIFY_SOCKET").flatMap { $0.hasPrefix("/") || $0.hasPrefix("@") ? $0 : nil }
        let isOurs = environment("WATCHDOG_PID").map { $0 == String(getpid()) } ?? true
        self.watchdogMicroseconds = isOurs ? environment("WATCHDOG_USEC").flatMap { UInt64($0) } : nil
    }

    func ready(status: String) { self.send("READY=1\nSTATUS=\(status)") }
    func stopping() { self.send("STOPPING=1\nSTATUS=draining") }
    func alive(status: String) { self.send("WATCHDOG=1\nSTATUS=\(status)") }
    /// `RELOADING=1` wants the monotonic time (Type=notify-reload, sd_notify(3)).
    func reloading() { self.send("RELOADING=1\nMONOTONIC_USEC=\(monotonicNanoseconds() / 1_000)") }

    private func send(_ text: String) {
        guard let path = self.address else { return }
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
