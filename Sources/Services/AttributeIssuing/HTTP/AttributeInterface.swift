internal import AttributeEncryption
internal import CanonicalBytes
internal import Certificates
internal import Credentials
internal import Foundation
package import Hummingbird
package import SecureHTTP
internal import Transcripts

/// The HTTP interface of an attribute authority.
package struct AttributeInterface: Sendable {
    private static let everyone = Set(PartyRole.allCases)
    /// Who may have attributes in a key.
    private static let requesters: Set<PartyRole> = [.researcher, .clinician]

    let desk: AttributeDesk
    let publicKey: AttributePublicKey
    let publication: KeyPublication
    let identity: IdentityWatch
    let metrics: AttributeMetrics
    /// What keeps the authority from issuing; empty when nothing does.
    let obstacles: @Sendable () -> [String]

    /// The router with all routes.
    ///
    /// - Parameter middleware: stands before every route, for example a rate limit.
    /// - Returns: a router to serve.
    package func router(
        behind middleware: [any MiddlewareProtocol<Request, Response, SecureRequestContext>] = []
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

    /// All there is; the router and the document are held to this list.
    var routes: [AttributeRoute] { self.operationRoutes + self.keyRoutes }

    private var operationRoutes: [AttributeRoute] {
        [
            AttributeRoute(.get, "/healthz", for: Self.everyone, answers: [200]) { _, _ in Self.text("healthy\n") },
            AttributeRoute(.get, "/readyz", for: Self.everyone, answers: [200]) { _, _ in
                let obstacles = self.obstacles()
                guard !obstacles.isEmpty else { return Self.text("ready\n") }
                return Self.text(obstacles.joined(separator: "\n") + "\n", .serviceUnavailable)
            },
            AttributeRoute(.get, "/metrics", for: [.operator], answers: [200]) { _, _ in
                .bytes(Array(self.metrics.text.utf8), type: "text/plain; version=0.0.4; charset=utf-8")
            },
            AttributeRoute(.get, "/v1/openapi.json", for: Self.everyone, answers: [200]) { _, _ in
                .bytes(Array(OpenAPIDocument.text.utf8), type: "application/json")
            },
            AttributeRoute(.get, "/v1/certificate", for: Self.everyone, answers: [200]) { _, _ in
                .bytes(self.identity.current.certificate.bytes)
            },
        ]
    }

    private var keyRoutes: [AttributeRoute] {
        [
            AttributeRoute(.get, "/v1/public-key", for: Self.everyone, answers: [200]) { _, _ in
                .bytes(self.publicKey.bytes)
            },
            AttributeRoute(.post, "/v1/attribute-keys", for: Self.requesters, answers: [200, 413, 415, 422]) {
                request,
                peer in
                try Self.requireBytes(request)
                let question = try await request.bytes(upTo: AttributeKeyRequest.bytesMax)
                guard self.publication.state == .published else {
                    throw AttributeRefusal.refused(
                        .keyNotPublished,
                        "the chain does not hold the authority's public key yet; try again later"
                    )
                }
                var key = try await self.metrics.counting { try await self.desk.answer(question, to: peer) }
                defer { key.wipe() }
                var response = Response.bytes(key)
                response.headers[.cacheControl] = "no-store"
                return response
            },
        ]
    }

    private static func requireBytes(_ request: Request) throws {
        guard let found = request.headers[.contentType] else { return }
        let bare = found.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
        guard bare == "application/octet-stream" else {
            throw AttributeRefusal.refused(.unsupportedMediaType, "the body must be application/octet-stream")
        }
    }

    private static func text(_ text: String, _ status: HTTPResponse.Status = .ok) -> Response {
        .bytes(Array(text.utf8), status: status, type: "text/plain; charset=utf-8")
    }
}
