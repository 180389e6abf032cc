internal import Certificates
internal import Credentials
internal import Dashboard
package import Logging
package import SecureHTTP
internal import ServiceLifecycle
internal import UnixSignals

/// `wardline node`: the roles of one process, started and stopped together.
///
/// Roles are opened in the order of ``NodeConfiguration/roles`` and drained the other way round, dashboard first.
package struct Node: Sendable {
    /// How long requests under way may take after SIGTERM, s.
    private static let drainSecondsMax = 30

    private let group: ServiceGroup
    private let supervision: NodeSupervision
    private let logger: Logger

    /// Opens everything that must work before the first request is taken.
    ///
    /// - Parameters:
    ///   - configuration: checked.
    ///   - logger: for the whole process.
    ///   - notifier: tells the service manager how the node is.
    /// - Throws: an error whose description says what to do.
    package init(
        configuration: NodeConfiguration,
        logger: Logger,
        notifier: SystemdNotifier = SystemdNotifier()
    ) throws {
        var services: [any Service] = []
        let parts = DashboardParts()
        for role in configuration.roles {
            var logger = logger
            logger[metadataKey: "role"] = "\(role.name)"
            services += try role.services(logger, parts)
            logger.info("role is ready to start")
        }
        if configuration.isDevelopment {
            logger.warning("development: true lets roles run together that different operators must have")
        }
        if let settings = configuration.dashboard {
            services.append(try Self.dashboard(settings, parts, logger))
        }
        let supervision = NodeSupervision(
            listeners: services.compactMap { $0 as? any ListeningService },
            roles: configuration.roles.map(\.name),
            notifier: notifier,
            logger: logger
        )
        services.append(supervision)
        // ServiceLifecycle's own notes are for debugging.
        var quiet = logger
        quiet.logLevel = max(.warning, logger.logLevel)
        var group = ServiceGroupConfiguration(
            services: services.map { .init(service: $0) },
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: quiet
        )
        group.maximumGracefulShutdownDuration = .seconds(Self.drainSecondsMax)
        self.group = ServiceGroup(configuration: group)
        self.supervision = supervision
        self.logger = logger
    }

    private static func dashboard(
        _ settings: DashboardSettings,
        _ parts: DashboardParts,
        _ logger: Logger
    ) throws -> DashboardServer {
        let name = try Identity.load(directory: settings.identityDirectory).name
        guard let site = parts.site(name: "node \(name.name)") else {
            throw CredentialsError.malformed("dashboard: none of the roles of this node has anything to show")
        }
        var logger = logger
        logger[metadataKey: "role"] = "dashboard"
        return try DashboardServer(site: site, settings: settings, logger: logger)
    }

    /// Runs until SIGTERM or SIGINT; requests under way are answered before it returns.
    package func run() async throws {
        let beat = Task { await self.supervision.beat() }
        defer { beat.cancel() }
        try await self.group.run()
        self.logger.info("stopped")
    }

    /// Stops as SIGTERM does.
    package func stop() async { await self.group.triggerGracefulShutdown() }
}
