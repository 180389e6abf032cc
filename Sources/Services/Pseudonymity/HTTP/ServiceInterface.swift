internal import Certificates
internal import Foundation
internal import Hummingbird
internal import SecureHTTP

/// The routes of an authority with its document; both authorities have the same ones for operation.
struct ServiceInterface: Sendable {
    let title: String
    let summary: String
    let routes: [ServiceRoute]

    /// - Parameters:
    ///   - title: of the document.
    ///   - summary: of the document.
    ///   - metrics: Prometheus text.
    ///   - obstacles: what keeps the authority from its work; empty when nothing does.
    ///   - routes: of its own.
    init(
        title: String,
        summary: String,
        metrics: @escaping @Sendable () -> String,
        obstacles: @escaping @Sendable () -> [String],
        routes: [ServiceRoute]
    ) {
        self.title = title
        self.summary = summary
        // The document lists its own route too.
        let own = Self.operation(metrics: metrics, obstacles: obstacles)
        let description = ServiceRoute(
            .get,
            "/v1/openapi.json",
            "This document.",
            for: ServiceRoute.everyone,
            gives: .json("OpenAPI 3.1.")
        ) { _, _ in Response(status: .internalServerError) }
        let document = OpenAPIWriter(title: title, summary: summary, routes: own + [description] + routes)
        let served = ServiceRoute(
            description.method,
            description.path,
            description.summary,
            for: description.roles,
            gives: description.gives
        ) { _, _ in .bytes(try document.text(), type: "application/json") }
        self.routes = own + [served] + routes
    }

    var document: OpenAPIWriter { OpenAPIWriter(title: self.title, summary: self.summary, routes: self.routes) }

    /// The router with all routes.
    ///
    /// - Parameter middleware: stands before every route, for example a rate limit.
    /// - Returns: a router to serve.
    func router(
        behind middleware: [any MiddlewareProtocol<Request, Response, SecureRequestContext>]
    ) -> Router<SecureRequestContext> {
        let router = Router(context: SecureRequestContext.self)
        for middleware in middleware { router.add(middleware: middleware) }
        for route in self.routes {
            router.on(RouterPath(route.path), method: route.method) { request, context in
                try await route.respond(request, context)
            }
        }
        return router
    }

    private static func operation(
        metrics: @escaping @Sendable () -> String,
        obstacles: @escaping @Sendable () -> [String]
    ) -> [ServiceRoute] {
        [
            ServiceRoute(.get, "/healthz", "Say that the process runs.", for: ServiceRoute.everyone, gives: .text) {
                _,
                _ in Self.text("healthy\n")
            },
            ServiceRoute(
                .get,
                "/readyz",
                "Say whether the authority can do its work.",
                for: ServiceRoute.everyone,
                gives: .text
            ) { _, _ in
                let obstacles = obstacles()
                guard !obstacles.isEmpty else { return Self.text("ready\n") }
                return Self.text(obstacles.joined(separator: "\n") + "\n", .serviceUnavailable)
            },
            ServiceRoute(.get, "/metrics", "Counters as Prometheus text.", for: [.operator], gives: .text) { _, _ in
                .bytes(Array(metrics().utf8), type: "text/plain; version=0.0.4; charset=utf-8")
            },
        ]
    }

    private static func text(_ text: String, _ status: HTTPResponse.Status = .ok) -> Response {
        .bytes(Array(text.utf8), status: status, type: "text/plain; charset=utf-8")
    }
}
