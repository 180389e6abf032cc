import Foundation
import Testing

@testable import SecureHTTP

@Suite struct SystemdNotifierTests {
    @Test("systemd hears what it is told, by path or abstract name", arguments: [true, false])
    func notifications(_ isAbstract: Bool) throws {
        let folder = FileManager.default.temporaryDirectory.path
        let name = isAbstract ? "@wardline-test-\(UUID().uuidString)" : "\(folder)/\(UUID().uuidString)"
        defer { if !isAbstract { try? FileManager.default.removeItem(atPath: name) } }
        let socket = try DatagramSocket(name)
        let environment = ["NOTIFY_SOCKET": name, "WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "\(getpid())"]
        let notifier = SystemdNotifier { environment[$0] }
        #expect(notifier.watchdogMicroseconds == 3_000_000)
        #expect(notifier.beatSeconds == 1.5)
        notifier.ready(status: "3 messages")
        notifier.alive(status: "4 messages")
        notifier.reloading(at: 17)
        notifier.stopping()
        #expect(socket.receive() == "READY=1\nSTATUS=3 messages")
        #expect(socket.receive() == "WATCHDOG=1\nSTATUS=4 messages")
        #expect(socket.receive() == "RELOADING=1\nMONOTONIC_USEC=17")
        #expect(socket.receive() == "STOPPING=1\nSTATUS=draining")
        #expect(socket.receive() == nil)
    }

    @Test("without systemd nothing is sent, and another process's watchdog is not ours")
    func withoutSystemd() {
        let silent = SystemdNotifier { _ in nil }
        silent.ready(status: "nobody hears this")
        #expect(silent.watchdogMicroseconds == nil && silent.beatSeconds == nil)
        let foreign = ["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1", "NOTIFY_SOCKET": "vsock:2:1"]
        #expect(SystemdNotifier { foreign[$0] }.watchdogMicroseconds == nil)
    }

    @Test("The pulse returns when every event loop has had its turn")
    func pulse() async { await ServerPulse.beat() }
}

/// The receiving end of systemd's notification protocol.
private final class DatagramSocket {
    private let descriptor: Int32

    init(_ name: String) throws {
        self.descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { field in
            field.copyBytes(from: name.utf8)
            if name.hasPrefix("@") { field[0] = 0 }
        }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.utf8.count)
        let descriptor = self.descriptor
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        try #require(bound == 0)
    }

    deinit { close(self.descriptor) }

    /// The next datagram; nil when there is none.
    func receive() -> String? {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = recv(self.descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return count < 0 ? nil : String(decoding: buffer.prefix(count), as: UTF8.self)
    }
}
