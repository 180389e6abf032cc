internal import Logging
internal import SecureHTTP
internal import ServiceLifecycle

/// Tells systemd when a node's ports are open, that it lives, and that it stops.
///
/// The last service of its group, and so the first that hears of a shutdown: systemd knows of it before the roles drain.
struct NodeSupervision: Service {
    let listeners: [any ListeningService]
    /// Names of the roles, for `systemctl status`.
    let roles: [String]
    let notifier: SystemdNotifier
    let logger: Logger

    private var status: String { "serving \(self.roles.joined(separator: ", "))" }

    func run() async throws {
        // Not a child: a server that never comes to listen must not hold up the shutdown.
        let announcement = Task { await self.announce() }
        try? await gracefulShutdown()
        announcement.cancel()
        self.notifier.stopping()
    }

    /// Says that the node is ready when all ports are open; says nothing when one of them is not to be had.
    private func announce() async {
        var ports: [String] = []
        for listener in self.listeners {
            guard let port = try? await listener.port() else { return }
            ports.append("\(port)")
        }
        guard !Task.isCancelled else { return }
        self.notifier.ready(status: self.status)
        self.logger.info("all ports are open", metadata: ["ports": "\(ports.joined(separator: " "))"])
    }

    /// Feeds the watchdog until the task is cancelled, also while requests under way are answered.
    ///
    /// Only after every thread that answers requests has had a turn: a node that hangs is started anew.
    func beat() async {
        guard let seconds = self.notifier.beatSeconds else { return }
        while !Task.isCancelled {
            await ServerPulse.beat()
            self.notifier.alive(status: self.status)
            try? await Task.sleep(for: .seconds(seconds))
        }
    }
}
