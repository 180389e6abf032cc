internal import Dispatch
@preconcurrency internal import Glibc

/// Whether something accepts connections at an address.
enum TCPProbe {
    private static let milliseconds: Int32 = 3_000

    /// Connects and hangs up.
    ///
    /// - Parameters:
    ///   - host: a name or an address.
    ///   - port: TCP.
    /// - Returns: nil when something accepted; else why not.
    static func failure(host: String, port: Int) async -> String? {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: self.attempt(host, port)) }
        }
    }

    private static func attempt(_ host: String, _ port: Int) -> String? {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, "\(port)", &hints, &list)
        guard code == 0 else { return String(cString: gai_strerror(code)) }
        defer { freeaddrinfo(list) }
        var failure = "it has no address"
        var next = list
        while let entry = next?.pointee {
            guard let why = self.connect(to: entry) else { return nil }
            failure = why
            next = entry.ai_next
        }
        return failure
    }

    private static func connect(to entry: addrinfo) -> String? {
        let descriptor = socket(entry.ai_family, entry.ai_socktype | Int32(SOCK_NONBLOCK.rawValue), entry.ai_protocol)
        guard descriptor >= 0 else { return self.reason(errno) }
        defer { close(descriptor) }
        guard Glibc.connect(descriptor, entry.ai_addr, entry.ai_addrlen) != 0 else { return nil }
        guard errno == EINPROGRESS else { return self.reason(errno) }
        var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&wait, 1, self.milliseconds) == 1 else { return "no answer within \(self.milliseconds / 1_000) s" }
        var error: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) == 0, error == 0 else {
            return self.reason(error)
        }
        return nil
    }

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
