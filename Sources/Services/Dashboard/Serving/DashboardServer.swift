internal import Credentials
package import Logging
internal import SecureHTTP
internal import ServiceLifecycle

/// A dashboard on its own port: HTTPS for browsers.
///
/// It keeps the consortium's revocation list by itself, so that a revoked certificate signs nobody in.
package final class DashboardServer: Service {
    private let server: SecureHTTPServer
    /// nil where nobody signs in by certificate.
    private let refresh: RevocationRefresh?

    /// Reads the identity; nothing listens yet.
    ///
    /// - Parameters:
    ///   - site: what is shown.
    ///   - settings: where, and for whom.
    ///   - logger: for the server's own warnings and for who signed in.
    /// - Throws: ``CredentialsError``, or what the TLS configuration fails with.
    package init(
        site: DashboardSite,
        settings: DashboardSettings,
        logger: Logger
    ) throws {
        let identity = try Identity.load(directory: settings.identityDirectory)
        let revocations = try RevocationStore(identity)
        self.refresh =
            settings.people.isEmpty
            ? nil : RevocationRefresh(store: revocations, identity: identity, logger: logger)
        let routes = DashboardRoutes(site: site, settings: settings, logger: logger)
        self.server = try SecureHTTPServer(
            name: "wardline",
            address: settings.address,
            port: settings.port,
            identity: identity,
            clientCertificates: .optional,
            limits: ServerLimits(
                connectionsMax: 128,
                responseSeconds: LiveStream.seconds + 30,
                bodyBytesMax: FormFields.bytesMax
            ),
            revocations: revocations,
            router: routes.router(),
            logger: logger
        )
    }

    package func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.server.run() }
            if let refresh = self.refresh { group.addTask { try await refresh.run() } }
            // Both end at a shutdown; what one of them fails with ends the other.
            for try await _ in group {}
        }
    }

    /// The TCP port, once it listens.
    package func port() async throws -> Int { try await self.server.port() }
}
