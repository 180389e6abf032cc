internal import Certificates
internal import Hummingbird
internal import SecureHTTP

extension CenterInterface {
    /// What operators and their programs look at.
    var operationRoutes: [CenterRoute] {
        [
            CenterRoute(.get, "/healthz", for: Self.everyone, answers: [200]) { _, _ in Self.text("healthy\n") },
            CenterRoute(.get, "/readyz", for: Self.everyone, answers: [200]) { _, _ in
                let obstacles = await self.obstacles()
                guard !obstacles.isEmpty else { return Self.text("ready\n") }
                return Self.text(obstacles.joined(separator: "\n") + "\n", .serviceUnavailable)
            },
            CenterRoute(.get, "/metrics", for: [.operator], answers: [200]) { _, _ in
                .bytes(
                    Array(await self.metrics.text(self.center, self.budget).utf8),
                    type: "text/plain; version=0.0.4; charset=utf-8"
                )
            },
            CenterRoute(.get, "/v1/openapi.json", for: Self.everyone, answers: [200]) { _, _ in
                .bytes(Array(OpenAPIDocument.text.utf8), type: "application/json")
            },
        ]
    }

    private static func text(_ text: String, _ status: HTTPResponse.Status = .ok) -> Response {
        .bytes(Array(text.utf8), status: status, type: "text/plain; charset=utf-8")
    }
}
