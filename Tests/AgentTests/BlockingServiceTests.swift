import Foundation
import ServiceLifecycle
import Synchronization
import Testing

@testable import Agent

@Suite("Services with a thread of their own")
struct BlockingServiceTests {
    private struct Broken: Error {}

    private struct BrokenService: Service {
        func run() async throws { throw Broken() }
    }

    private final class Gate: Sendable {
        private let condition = NSCondition()
        private let isOpen = Mutex(false)

        func open() {
            self.isOpen.withLock { $0 = true }
            self.condition.withLock { self.condition.broadcast() }
        }

        func wait() {
            self.condition.withLock {
                while !self.isOpen.withLock({ $0 }) { self.condition.wait() }
            }
        }
    }

    @Test("a group whose other service fails ends with that failure, and does not wait for ever")
    func cancelled() async {
        let gate = Gate()
        let blocking = BlockingService(name: "test", work: gate.wait, requestStop: gate.open)
        let group = ServiceGroup(services: [blocking, BrokenService()], logger: TestSite.logger)
        await #expect(throws: Broken.self) { try await group.run() }
    }

    @Test("a graceful shutdown ends the work, and what comes afterwards is done before the service ends")
    func shutDown() async throws {
        let gate = Gate()
        let isDone = Mutex(false)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            let blocking = BlockingService(name: "test", work: gate.wait, requestStop: gate.open) {
                isDone.withLock { $0 = true }
            }
            let group = ServiceGroup(services: [blocking], logger: TestSite.logger)
            tasks.addTask { try await group.run() }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        #expect(isDone.withLock { $0 })
    }
}
