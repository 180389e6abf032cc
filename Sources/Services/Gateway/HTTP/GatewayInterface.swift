internal import Certificates
internal import Hummingbird
internal import SecureHTTP

/// The HTTP interface of a gateway: for its operators.
struct GatewayInterface: Sendable {
    private static let everyone = Set(PartyRole.allCases)

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
        for route in self.routes {
            router.get(RouterPath(route.path)) { request, context in try route.respond(request, context) }
        }
        return router
    }

    /// All there is; the router and the document are held to this list.
    var routes: [GatewayRoute] {
        [
            GatewayRoute("/healthz", for: Self.everyone) { Self.text("healthy\n") },
            GatewayRoute("/readyz", for: Self.everyone) {
                let obstacles = self.status().obstacles(at: self.clock())
                guard !obstacles.isEmpty else { return Self.text("ready\n") }
                return Self.text(obstacles.joined(separator: "\n") + "\n", .serviceUnavailable)
            },
            GatewayRoute("/metrics", for: [.operator]) {
                let text = self.status().metrics(self.submissions()) + self.requests.text
                return Response.bytes(Array(text.utf8), type: "text/plain; version=0.0.4; charset=utf-8")
            },
            GatewayRoute("/v1/openapi.json", for: Self.everyone) {
                .bytes(Array(OpenAPIDocument.text.utf8), type: "application/json")
            },
            GatewayRoute("/v1/status", for: [.operator, .relay]) { try Response.json(self.status()) },
        ]
    }

    private static func text(_ text: String, _ status: HTTPResponse.Status = .ok) -> Response {
        .bytes(Array(text.utf8), status: status, type: "text/plain; charset=utf-8")
    }
}
