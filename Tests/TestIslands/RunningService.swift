internal import Logging
package import ServiceLifecycle

/// A service of this process that can be stopped as its operator would, or ended at once.
package struct RunningService: Sendable {
    private let group: ServiceGroup
    private let task: Task<Void, any Error>

    package init(_ service: any Service) {
        let group = ServiceGroup(services: [service], logger: Island.logger)
        self.group = group
        self.task = Task { try await group.run() }
    }

    /// As on SIGTERM; returns when it has ended.
    package func stop() async {
        await self.group.triggerGracefulShutdown()
        _ = await self.task.result
    }

    /// Ends it without its leave: nothing that is under way is brought to an end, nothing is handed back.
    package func kill() async {
        self.task.cancel()
        _ = await self.task.result
    }
}
