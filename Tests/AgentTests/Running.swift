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

/// Asks until the answer is yes, for at most some seconds.
func eventuallyAnswers(_ condition: () async throws -> Bool) async rethrows -> Bool {
    for _ in 0..<1_000 {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(20))
    }
    return try await condition()
}
