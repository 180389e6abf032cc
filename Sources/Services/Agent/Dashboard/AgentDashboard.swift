internal import Credentials
internal import Dashboard
internal import Logging
internal import ServiceLifecycle

/// The agent's dashboard: what it shows, and the server that shows it.
final class AgentDashboard: Sendable {
    let watch: AgentWatch
    /// The server.
    let service: any Service

    /// Reads the identity; nothing listens yet.
    ///
    /// It is nil when no dashboard is configured.
    ///
    /// - Parameters:
    ///   - configuration: the agent's.
    ///   - store: the agent's own.
    ///   - logger: for who signs in, and what fails.
    ///   - status: the agent's state at this moment.
    /// - Throws: ``ProblemOfDashboard``, or ``CredentialsError``.
    init?(
        _ configuration: AgentConfiguration,
        store: AgentStore,
        logger: Logger,
        status: @escaping @Sendable () throws -> AgentStatus
    ) throws {
        guard let settings = configuration.dashboard else { return nil }
        if let problem = configuration.dashboardProblems.first { throw ProblemOfDashboard(description: problem) }
        self.watch = AgentWatch(configuration: configuration, store: store, status: status)
        self.service = try DashboardServer(
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
