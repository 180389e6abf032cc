internal import Credentials
internal import Dashboard
internal import Logging
internal import ServiceLifecycle

/// The agent's dashboard: what it shows, and the server that shows it.
final class AgentDashboard: Sendable {
    let watch: AgentWatch
    let server: DashboardServer

    /// Reads the identity; nothing listens yet.
    ///
    /// - Throws: ``ProblemOfDashboard``, or ``CredentialsError``.
    init(
        _ settings: DashboardSettings,
        configuration: AgentConfiguration,
        store: AgentStore,
        logger: Logger,
        status: @escaping @Sendable () throws -> AgentStatus
    ) throws {
        if let problem = configuration.dashboardProblems.first { throw ProblemOfDashboard(description: problem) }
        self.watch = AgentWatch(configuration: configuration, store: store, status: status)
        self.server = try DashboardServer(
            site: .agent(configuration.agentID, source: self.watch),
            settings: settings,
            logger: logger
        )
    }
}

/// The section `dashboard` cannot be used.
struct ProblemOfDashboard: Error, CustomStringConvertible {
    let description: String
}

extension AgentConfiguration {
    /// Sentences about what is wrong with the section `dashboard`; empty when it can be used.
    var dashboardProblems: [String] {
        guard let dashboard = self.dashboard else { return [] }
        do {
            let identity = try Identity.load(directory: dashboard.identityDirectory)
            guard !identity.peer.hosts.isEmpty else {
                return [
                    "dashboard: the certificate in \(dashboard.identityDirectory) names no host, so that no browser could "
                        + "trust it; enrol with --host"
                ]
            }
            return []
        } catch { return ["dashboard: \(error)"] }
    }
}
