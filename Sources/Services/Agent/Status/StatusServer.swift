internal import Hummingbird
internal import Logging
internal import ServiceLifecycle

/// `/metrics`, `/healthz` and `/readyz` on loopback.
enum StatusServer {
    /// Builds the HTTP service.
    ///
    /// - Parameters:
    ///   - host: loopback address to listen on.
    ///   - port: TCP port.
    ///   - logger: for the server's own warnings.
    ///   - status: reads the agent's state; called on every request.
    /// - Returns: a service that ends on graceful shutdown.
    static func service(
        host: String,
        port: Int,
        logger: Logger,
        status: @escaping @Sendable () throws -> AgentStatus
    ) -> any Service {
        let router = Router()
        router.get("/metrics") { _, _ in
            try Self.response(.ok, status().metrics, type: "text/plain; version=0.0.4; charset=utf-8")
        }
        router.get("/healthz") { _, _ in
            let hanging = try status().hanging
            return Self.response(
                hanging.isEmpty ? .ok : .serviceUnavailable,
                hanging.isEmpty ? "healthy\n" : "no sign of life: \(hanging.joined(separator: ", "))\n"
            )
        }
        router.get("/readyz") { _, _ in
            let status = try status()
            let obstacles = status.obstacles
            let lines =
                (obstacles.isEmpty ? ["ready"] : obstacles)
                + (status.uplinkNotes + status.anchorNotes + status.shareNotes).map { "(\($0))" }
            return Self.response(
                obstacles.isEmpty ? .ok : .serviceUnavailable,
                lines.joined(separator: "\n") + "\n"
            )
        }
        var quiet = logger
        quiet.logLevel = max(.warning, logger.logLevel)
        return Application(
            router: router,
            configuration: .init(address: .hostname(host, port: port), serverName: "wardline"),
            logger: quiet
        )
    }

    private static func response(
        _ status: HTTPResponse.Status,
        _ text: String,
        type: String = "text/plain; charset=utf-8"
    ) -> Response {
        Response(
            status: status,
            headers: [.contentType: type, .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(string: text))
        )
    }
}
