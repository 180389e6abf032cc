internal import Certificates
internal import Hummingbird
internal import SecureHTTP

extension ChainAPI {
    /// What operators and their programs look at.
    var operationRoutes: [ChainRoute] {
        [
            ChainRoute(.get, "/v1/status", answers: [200]) { _, _ in try .json(await self.backend.status()) },
            ChainRoute(.get, "/healthz", for: .anybody, answers: [200]) { _, _ in Self.text("healthy\n") },
            ChainRoute(.get, "/readyz", answers: [200]) { _, _ in
                let obstacles = await self.backend.status().obstacles
                guard !obstacles.isEmpty else { return Self.text("ready\n") }
                return Self.text(obstacles.joined(separator: "\n") + "\n", .serviceUnavailable)
            },
            ChainRoute(.get, "/metrics", for: .parties([.operator, .validator]), answers: [200]) { _, _ in
                let use = ChainMetrics.Use(
                    waits: self.waits.used,
                    streams: self.streams.used,
                    uploadBytes: self.uploads.used
                )
                let text = self.metrics.text(await self.backend.status(), use)
                return .bytes(Array(text.utf8), type: "text/plain; version=0.0.4; charset=utf-8")
            },
            ChainRoute(.get, "/v1/openapi.json", for: .anybody, answers: [200]) { _, _ in
                .bytes(Array(OpenAPIDocument.text.utf8), type: "application/json")
            },
        ]
    }

    private static func text(_ text: String, _ status: HTTPResponse.Status = .ok) -> Response {
        .bytes(Array(text.utf8), status: status, type: "text/plain; charset=utf-8")
    }
}
