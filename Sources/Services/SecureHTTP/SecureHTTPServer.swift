package import Credentials
package import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
package import Logging
internal import NIOCore
internal import ServiceLifecycle

/// HTTP/1.1 over TLS 1.3, with the party at the other end known by its certificate.
///
/// It ends gracefully on a service group's shutdown, and at once on cancellation.
package final class SecureHTTPServer: Service {
    private let application: Application<SecureResponder<RouterResponder<SecureRequestContext>>>
    private let listening = ListeningPort()

    /// - Parameters:
    ///   - name: stands in the `Server` header and the log.
    ///   - address: host name or address to listen on.
    ///   - port: TCP port; 0 takes a free one, see ``port()``.
    ///   - identity: the server's own; rotations are followed.
    ///   - clientCertificates: whether clients must show one.
    ///   - circle: whose parties may show one.
    ///   - limits: bounds on connections, times and sizes.
    ///   - revocations: peers whose X.509 fingerprint it contains are refused with 403.
    ///   - metrics: counts the responses, and is told of the server's certificate, revocations and disk.
    ///   - directory: where the role keeps its data; nil for one that keeps none on this machine.
    ///   - router: taken as it is now; routes added later are not served.
    ///   - logger: for the server's own warnings.
    /// - Throws: when the TLS configuration cannot be made.
    package init(
        name: String,
        address: String,
        port: Int,
        identity: Identity,
        clientCertificates: ClientCertificates,
        circle: TLSCircle = .consortium,
        limits: ServerLimits = ServerLimits(),
        revocations: (any RevocationSource)? = nil,
        metrics: RequestMetrics? = nil,
        directory: String? = nil,
        router: Router<SecureRequestContext>,
        logger: Logger
    ) throws {
        metrics?.add(
            ServerFigures(
                identity: IdentityWatch(identity),
                revocations: revocations as? RevocationStore,
                directory: directory
            )
        )
        let peers = ConnectionPeers(limits: limits)
        let responder = SecureResponder(
            base: router.buildResponder(),
            peers: peers,
            limits: limits,
            clientCertificates: clientCertificates,
            revocations: revocations,
            metrics: metrics,
            logger: logger
        )
        var tls = try identity.serverTLS(clientCertificates: clientCertificates, of: circle)
        tls.applicationProtocols = ["http/1.1"]
        // A client that does not say goodbye, or is not read any more, is not waited for.
        tls.shutdownTimeout = .seconds(1)
        let allies = circle == .allies ? identity.allies : nil
        let http = HTTP1Channel.Configuration(
            additionalChannelHandlers: [ConnectionGuard(limits: limits, peers: peers, allies: allies)],
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: limits.headerBytesMax,
                maxHeaderListSize: limits.headerBytesMax,
                maxHeaderFieldCount: 100
            )
        )
        var quiet = logger
        quiet.logLevel = max(.warning, logger.logLevel)
        let listening = self.listening
        self.application = Application(
            responder: responder,
            server: try .tls(.http1(configuration: http), tlsConfiguration: tls),
            configuration: .init(
                address: .hostname(address, port: port),
                serverName: name,
                availableConnectionsDelegate: .maximum(limits.connectionsMax, logger: quiet)
            ),
            onServerRunning: { listening.open($0.localAddress?.port ?? port) },
            logger: quiet
        )
    }

    package func run() async throws {
        do { try await self.application.run() } catch {
            self.listening.fail(error)
            throw error
        }
        self.listening.fail(CancellationError())
    }

    /// The TCP port that the server listens on; waits until it does.
    ///
    /// - Throws: what kept it from listening.
    package func port() async throws -> Int { try await self.listening.port }
}
