package import Credentials
package import Logging
internal import SecureHTTP
internal import ServiceLifecycle

/// A dashboard on its own port: HTTPS for browsers.
package final class DashboardServer: Service {
    private let server: SecureHTTPServer

    /// Reads the identity; nothing listens yet.
    ///
    /// - Parameters:
    ///   - site: what is shown.
    ///   - settings: where, and for whom.
    ///   - revocations: certificates in it are refused.
    ///   - logger: for the server's own warnings and for who signed in.
    /// - Throws: ``CredentialsError``, or what the TLS configuration fails with.
    package init(
        site: DashboardSite,
        settings: DashboardSettings,
        revocations: (any RevocationSource)? = nil,
        logger: Logger
    ) throws {
        let routes = DashboardRoutes(site: site, settings: settings, logger: logger)
        self.server = try SecureHTTPServer(
            name: "wardline",
            address: settings.address,
            port: settings.port,
            identity: Identity.load(directory: settings.identityDirectory),
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

    package func run() async throws { try await self.server.run() }

    /// The TCP port, once it listens.
    package func port() async throws -> Int { try await self.server.port() }
}
