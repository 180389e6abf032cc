internal import SecureHTTP

/// What the agent tells systemd.
struct AgentNotifier: Sendable {
    private let notifier = SystemdNotifier()

    /// How often a life sign is due, in seconds; without a watchdog the status is renewed all the same.
    var beatSeconds: Double { self.notifier.beatSeconds ?? 10 }

    func ready(status: String) { self.notifier.ready(status: status) }
    func stopping() { self.notifier.stopping() }
    func alive(status: String) { self.notifier.alive(status: status) }
    func reloading() { self.notifier.reloading(at: monotonicNanoseconds() / 1_000) }
}
