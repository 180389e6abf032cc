internal import CanonicalBytes
internal import Certificates
internal import Foundation
package import Hummingbird
package import SecureHTTP

/// The HTTP interface of a verification node, whatever kind of chain it signs for.
package struct AttestInterface: Sendable {
    private static let everyone = Set(PartyRole.allCases)
    /// Who carries messages.
    private static let carriers: Set<PartyRole> = [.relay, .gateway, .operator]

    /// One kind of question, and what signs the answer.
    struct Question: Sendable {
        let path: String
        let bytesMax: Int
        let sign: @Sendable ([UInt8]) async throws -> [UInt8]
    }

    let questions: [Question]
    /// OpenAPI 3.1 of just these routes.
    let document: String
    let card: NodeCard
    let metrics: AttestMetrics
    /// What keeps the node from signing; empty when nothing does.
    let obstacles: @Sendable () async -> [String]

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
    var routes: [AttestRoute] {
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
            AttestRoute(.get, "/v1/openapi.json", for: Self.everyone, answers: [200]) { _, _ in
                .bytes(Array(self.document.utf8), type: "application/json")
            },
            AttestRoute(.get, "/v1/node", for: Self.everyone, answers: [200]) { _, _ in .bytes(self.card.bytes) },
        ] + self.questions.map(self.route)
    }

    private func route(_ question: Question) -> AttestRoute {
        AttestRoute(.post, question.path, for: Self.carriers, answers: [200, 409, 413, 415, 422]) { request, _ in
            try Self.requireBytes(request)
            let bytes = try await request.bytes(upTo: question.bytesMax)
            return .bytes(try await self.metrics.counting { try await question.sign(bytes) })
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

extension AttestInterface.Question {
    typealias Signing = @Sendable ([UInt8]) async throws -> [UInt8]

    static func hops(upTo bytesMax: Int, sign: @escaping Signing) -> Self {
        Self(path: "/v1/hops", bytesMax: bytesMax, sign: sign)
    }

    /// What a verification node of a chain with an EVM is asked: statements for the broker besides hops.
    static func evm(hops: @escaping Signing, statements: @escaping Signing) -> [Self] {
        [
            .hops(upTo: EVMHopQuestion.bytesMax, sign: hops),
            Self(path: "/v1/statements", bytesMax: EVMStatementQuestion.bytesMax, sign: statements),
        ]
    }
}
