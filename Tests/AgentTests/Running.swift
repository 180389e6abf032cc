import Glibc
import Logging
import ServiceLifecycle
import Testing

@testable import Agent

/// Services of a test, for as long as it needs them.
enum Running {
    /// Runs services while the body runs, then stops them gracefully.
    static func services(_ services: [any Service], _ body: () async throws -> Void) async throws {
        var logger = TestSite.logger
        logger.logLevel = .critical
        let group = ServiceGroup(services: services, logger: logger)
        let task = Task { try await group.run() }
        let result: Result<Void, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        await group.triggerGracefulShutdown()
        try await task.value
        try result.get()
    }
}

/// TCP ports on loopback.
enum FreePort {
    /// A port that is free at the moment.
    static func find() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0
            }
        }
        try #require(bound)
        return Int(UInt16(bigEndian: address.sin_port))
    }
}

/// Asks until the answer is yes, for at most some seconds.
func eventuallyAnswers(_ condition: () async throws -> Bool) async rethrows -> Bool {
    for _ in 0..<1_000 {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(20))
    }
    return try await condition()
}
