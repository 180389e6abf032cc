internal import Foundation
internal import Synchronization

/// Ports on loopback that nobody listens on, for servers whose address must be known before they start.
///
/// They lie below those that the kernel gives to outgoing connections, and none is given twice.
package enum FreePorts {
    private struct Failure: Error {}

    private static let next = Mutex(20_000 + Int(getpid()) % 500 * 20)

    /// Takes some ports.
    package static func take(_ count: Int) throws -> [Int] { try (0..<count).map { _ in try self.one() } }

    /// Takes a port.
    package static func one() throws -> Int {
        try self.next.withLock { next in
            for _ in 0..<1_000 {
                next = next < 32_000 ? next + 1 : 20_000
                if self.isFree(next) { return next }
            }
            throw Failure()
        }
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
