internal import Foundation
internal import ServiceLifecycle

/// A service whose work blocks: it gets a thread of its own, so that a disk never stalls the cooperative pool.
struct BlockingService: Service {
    let name: String
    let work: @Sendable () -> Void
    let requestStop: @Sendable () -> Void
    /// Done once the work has ended.
    var afterwards: @Sendable () async -> Void = {}

    func run() async throws {
        // When another service of the group fails, the group cancels instead of shutting down gracefully.
        await withTaskCancellationOrGracefulShutdownHandler {
            await withCheckedContinuation { (ended: CheckedContinuation<Void, Never>) in
                let thread = Thread {
                    self.work()
                    ended.resume()
                }
                thread.name = self.name
                thread.stackSize = 1 << 20
                thread.start()
            }
        } onCancelOrGracefulShutdown: {
            self.requestStop()
        }
        await self.afterwards()
    }
}
