package import Hummingbird

/// `/healthz`, `/readyz` and `/metrics`.
package enum HealthRoutes {
    /// Adds the routes.
    ///
    /// - Parameters:
    ///   - router: gets them.
    ///   - obstacles: what keeps the service from being ready; empty when it is.
    ///   - metrics: Prometheus text; for connections from the same machine, and parties with a certificate.
    package static func add(
        to router: Router<SecureRequestContext>,
        obstacles: @escaping @Sendable () async -> [String] = { [] },
        metrics: @escaping @Sendable () async -> String = { "" }
    ) {
        router.get("/healthz") { _, _ in Self.text("healthy\n") }
        router.get("/readyz") { _, _ in
            let obstacles = await obstacles()
            guard !obstacles.isEmpty else { return Self.text("ready\n") }
            return Self.text(obstacles.joined(separator: "\n") + "\n", .serviceUnavailable)
        }
        router.get("/metrics") { _, context in
            // They say who is how busy: for a server that also answers those who have no certificate yet.
            guard context.peer != nil || context.isLocal else {
                throw Problem(.unauthorized, code: "certificate-required", detail: "show a client certificate")
            }
            return Response.bytes(Array(await metrics().utf8), type: "text/plain; version=0.0.4; charset=utf-8")
        }
    }

    private static func text(_ text: String, _ status: HTTPResponse.Status = .ok) -> Response {
        .bytes(Array(text.utf8), status: status, type: "text/plain; charset=utf-8")
    }
}
