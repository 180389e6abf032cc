internal import CanonicalBytes
internal import Certificates
internal import Foundation
internal import Hummingbird
internal import SecureHTTP

/// The HTTP interface of a verification node of a chain with an EVM.
///
/// That of every verification node, with `/v1/statements` besides.
struct EVMAttestInterface: Sendable {
    private static let everyone = Set(PartyRole.allCases)
    /// Who carries messages.
    private static let carriers: Set<PartyRole> = [.relay, .gateway, .operator]

    let hops: EVMHopDesk
    let statements: EVMStatementDesk
    let card: NodeCard
    let metrics: AttestMetrics
    /// What keeps the node from signing; empty when nothing does.
    let obstacles: @Sendable () async -> [String]

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
            router.on(RouterPath(route.path), method: route.method) { request, context in
                try await route.respond(request, context)
            }
        }
        return router
    }

    private var routes: [AttestRoute] {
        [
            AttestRoute(.get, "/healthz", for: Self.everyone, answers: [200]) { _, _ in Self.text("healthy\n") },
            AttestRoute(.get, "/readyz", for: Self.everyone, answers: [200]) { _, _ in
                let obstacles = await self.obstacles()
                guard !obstacles.isEmpty else { return Self.text("ready\n") }
                return Self.text(obstacles.joined(separator: "\n") + "\n", .serviceUnavailable)
            },
            AttestRoute(.get, "/metrics", for: [.operator], answers: [200]) { _, _ in
                .bytes(Array(self.metrics.text.utf8), type: "text/plain; version=0.0.4; charset=utf-8")
            },
            AttestRoute(.get, "/v1/node", for: Self.everyone, answers: [200]) { _, _ in .bytes(self.card.bytes) },
            self.signing("/v1/hops", upTo: EVMHopQuestion.bytesMax) { try await self.hops.sign($0) },
            self.signing("/v1/statements", upTo: EVMStatementQuestion.bytesMax) { try await self.statements.sign($0) },
        ]
    }

    private func signing(
        _ path: String,
        upTo bytesMax: Int,
        _ sign: @escaping @Sendable ([UInt8]) async throws -> [UInt8]
    ) -> AttestRoute {
        AttestRoute(.post, path, for: Self.carriers, answers: [200, 409, 413, 415, 422]) { request, _ in
            try Self.requireBytes(request)
            let question = try await request.bytes(upTo: bytesMax)
            return .bytes(try await self.metrics.counting { try await sign(question) })
        }
    }

    private static func requireBytes(_ request: Request) throws {
        guard let found = request.headers[.contentType] else { return }
        let bare = found.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
        guard bare == "application/octet-stream" else {
            throw AttestRefusal.refused(.unsupportedMediaType, "the body must be application/octet-stream")
        }
    }

    private static func text(_ text: String, _ status: HTTPResponse.Status = .ok) -> Response {
        .bytes(Array(text.utf8), status: status, type: "text/plain; charset=utf-8")
    }
}
