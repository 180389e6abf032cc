internal import Certificates
internal import Hummingbird
internal import SecureHTTP

/// The HTTP interface of a gateway: for its operators.
struct GatewayInterface: Sendable {
    let status: @Sendable () -> GatewayStatus
    /// Submissions by kind and outcome.
    let submissions: @Sendable () -> [String: UInt64]
    let requests: RequestMetrics
    /// Milliseconds since 1970.
    let clock: @Sendable () -> UInt64

    /// The router with all routes.
    ///
    /// - Parameter middleware: stands before every route, for example a rate limit.
    /// - Returns: a router to serve.
    func router(
        behind middleware: [any MiddlewareProtocol<Request, Response, SecureRequestContext>] = []
    ) -> Router<SecureRequestContext> {
        let router = Router(context: SecureRequestContext.self)
        for middleware in middleware { router.add(middleware: middleware) }
        router.get("/healthz") { _, _ in Self.text("healthy\n") }
        router.get("/readyz") { _, context in
            try Self.require(nil, context)
            let obstacles = self.status().obstacles(at: self.clock())
            guard !obstacles.isEmpty else { return Self.text("ready\n") }
            return Self.text(obstacles.joined(separator: "\n") + "\n", .serviceUnavailable)
        }
        router.get("/metrics") { _, context in
            try Self.require([.operator], context)
            let text = self.status().metrics(self.submissions()) + self.requests.text
            return Response.bytes(Array(text.utf8), type: "text/plain; version=0.0.4; charset=utf-8")
        }
        router.get("/v1/status") { _, context in
            try Self.require([.operator, .relay], context)
            return try Response.json(self.status())
        }
        return router
    }

    private static func require(_ roles: Set<PartyRole>?, _ context: SecureRequestContext) throws {
        guard let peer = context.peer else {
            throw Problem(.unauthorized, code: "certificate-required", detail: "show a client certificate")
        }
        guard roles?.contains(peer.role) ?? true else {
            throw Problem(.forbidden, code: "role-not-allowed", detail: "a \(peer.role.rawValue) may not do this")
        }
    }

    private static func text(_ text: String, _ status: HTTPResponse.Status = .ok) -> Response {
        .bytes(Array(text.utf8), status: status, type: "text/plain; charset=utf-8")
    }
}
