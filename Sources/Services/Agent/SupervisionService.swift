internal import ServiceLifecycle
internal import UnixSignals

/// Reload on SIGHUP and when profile files change, life signs for systemd, and upkeep of the store.
struct SupervisionService: Service {
    let agent: Agent

    func run() async throws {
        self.agent.announceReady()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.reloadOnHangUp() }
            group.addTask { await self.agent.watchProfiles() }
            group.addTask { await self.beat() }
            group.addTask { await self.upkeep() }
            await group.waitForAll()
        }
    }

    private func reloadOnHangUp() async {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            self.agent.reloadProfiles()
        }
    }

    private func beat() async {
        await self.every(seconds: self.agent.supervisionSeconds) { self.agent.supervise() }
    }

    private func upkeep() async {
        await self.every(seconds: 30) { self.agent.prune() }
    }

    private func every(seconds: Double, _ action: @escaping @Sendable () -> Void) async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(seconds))
                if !Task.isCancelled { action() }
            }
        }
    }
}
