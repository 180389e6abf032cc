internal import CanonicalBytes
internal import Certificates
internal import Credentials
internal import Foundation
package import Hummingbird
internal import IdentityEncryption
internal import Logging
package import SecureHTTP
internal import Uplink

/// The HTTP interface of an issuing party.
package struct IssuingInterface: Sendable {
    private static let everyone = Set(PartyRole.allCases)
    /// Who may drive a setup or a refresh; whoever does is believed nothing.
    private static let drivers: Set<PartyRole> = [.operator, .kgc, .privacyCenter]

    let sets: PartySets
    let metrics: IssuingMetrics
    /// What keeps the party from issuing; empty when nothing does.
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
    var routes: [IssuingRoute] { self.operationRoutes + self.setupRoutes + self.refreshRoutes + self.keyRoutes }

    private var operationRoutes: [IssuingRoute] {
        [
            IssuingRoute(.get, "/healthz", for: Self.everyone, answers: [200]) { _, _ in Self.text("healthy\n") },
            IssuingRoute(.get, "/readyz", for: Self.everyone, answers: [200]) { _, _ in
                let obstacles = await self.obstacles()
                guard !obstacles.isEmpty else { return Self.text("ready\n") }
                return Self.text(obstacles.joined(separator: "\n") + "\n", .serviceUnavailable)
            },
            IssuingRoute(.get, "/metrics", for: [.operator], answers: [200]) { _, _ in
                .bytes(Array(self.metrics.text.utf8), type: "text/plain; version=0.0.4; charset=utf-8")
            },
            IssuingRoute(.get, "/v1/openapi.json", forStrangersAnd: Self.everyone, answers: [200]) { _, _ in
                .bytes(Array(OpenAPIDocument.text.utf8), type: "application/json")
            },
            IssuingRoute(.get, "/v1/certificate", forStrangersAnd: Self.everyone, answers: [200]) { _, _ in
                .bytes(self.sets.context.identity.current.certificate.bytes)
            },
        ]
    }

    // MARK: - Setup

    private var setupRoutes: [IssuingRoute] {
        let path = "/v1/parameters/{epoch}"
        return [
            IssuingRoute(.get, path, forStrangersAnd: Self.everyone, answers: [200, 404, 409]) { reading, _ in
                guard let file = try await self.keeper(reading).parameters else {
                    throw IssuingRefusal.refused(.notSetUp, "the joint setup is not complete")
                }
                return .bytes(file.bytes)
            },
            IssuingRoute(.put, path, for: Self.drivers, answers: [200, 201, 404, 409, 413, 415, 422]) {
                reading,
                _ in
                let keeper = try self.keeper(reading)
                let isNew = try await keeper.complete(reading.bytes())
                return Response(status: isNew ? .created : .ok)
            },
            IssuingRoute(.get, path + "/status", forStrangersAnd: Self.everyone, answers: [200, 404]) { reading, _ in
                let keeper = try self.keeper(reading)
                return try .json(Self.status(of: keeper, try await keeper.status))
            },
            self.statementRoute("/commitment", for: Self.drivers) { reading, keeper, _ in
                let document = try await reading.document(PlanDocument.self)
                return try await keeper.commitment([UInt8](document.plan))
            },
            self.statementRoute("/step", for: Self.drivers) { reading, keeper, _ in
                let document = try await reading.document(TranscriptDocument.self)
                return try await keeper.step(
                    commitments: document.commitments.map { [UInt8]($0) },
                    steps: document.steps.map { [UInt8]($0) }
                )
            },
            self.statementRoute("/endorsement", for: Self.drivers) { reading, keeper, _ in
                let document = try await reading.document(TranscriptDocument.self)
                return try await keeper.endorsement(
                    commitments: document.commitments.map { [UInt8]($0) },
                    steps: document.steps.map { [UInt8]($0) }
                )
            },
        ]
    }

    // MARK: - Refresh

    private var refreshRoutes: [IssuingRoute] {
        let path = "/v1/parameters/{epoch}/refresh"
        return [
            IssuingRoute(.get, path, for: Self.drivers, answers: [200, 404]) { reading, _ in
                guard let refresh = try await self.keeper(reading).pendingRefresh else {
                    throw IssuingRefusal.refused(.noRefresh, "no refresh waits to be finished")
                }
                return try .json(RefreshDocument(refresh))
            },
            IssuingRoute(
                .post,
                path + "/give",
                for: Self.drivers,
                answers: [200, 404, 409, 413, 415, 422, 502]
            ) { reading, _ in
                let document = try await reading.document(GiveDocument.self)
                let keeper = try self.keeper(reading)
                let refresh = try await self.sets.give(keeper, round: document.round, to: document.taker)
                return try .json(RefreshDocument(refresh))
            },
            self.statementRoute("/refresh/take", for: [.kgc, .privacyCenter]) { reading, keeper, peer in
                let document = try await reading.document(TakeDocument.self)
                return try await keeper.take([UInt8](document.give), factor: [UInt8](document.factor), from: peer)
            },
            self.statementRoute("/refresh/prepare", for: Self.drivers) { reading, keeper, _ in
                let document = try await reading.document(ReadyDocument.self)
                return try await keeper.prepare(document.refresh(), ready: document.statements())
            },
            IssuingRoute(
                .post,
                path + "/finish",
                for: Self.drivers,
                answers: [204, 404, 409, 413, 415, 422]
            ) { reading, _ in
                let document = try await reading.document(ReadyDocument.self)
                try await self.keeper(reading).finish(document.refresh(), ready: document.statements())
                return Response(status: .noContent)
            },
        ]
    }

    // MARK: - Issuing

    private var keyRoutes: [IssuingRoute] {
        [
            IssuingRoute(
                .post,
                "/v1/parameters/{epoch}/keys",
                forStrangersAnd: [.researcher, .clinician],
                answers: [200, 404, 409, 413, 415, 422]
            ) { reading, peer in
                let question = try await reading.document(KeyDocument.self).question()
                let keeper = try self.keeper(reading)
                let step = try await self.metrics.counting {
                    try await self.sets.desk.answer(question, from: keeper, to: peer)
                }
                return try .json(StepDocument(step: Data(step)))
            }
        ]
    }

    // MARK: - Details

    private func statementRoute(
        _ path: String,
        for roles: Set<PartyRole>,
        _ answer: @escaping @Sendable (IssuingReading, SetKeeper, PartyName) async throws -> PartyStatement
    ) -> IssuingRoute {
        IssuingRoute(
            .post,
            "/v1/parameters/{epoch}" + path,
            for: roles,
            answers: [200, 404, 409, 413, 415, 422]
        ) { reading, peer in
            try .json(StatementDocument(try await answer(reading, try self.keeper(reading), peer)))
        }
    }

    private func keeper(_ reading: IssuingReading) throws -> SetKeeper {
        let epoch = try reading.epoch()
        guard let keeper = self.sets.keepers.first(where: { $0.plan.epoch == epoch }) else {
            throw IssuingRefusal.refused(.unknownSet, "this party has no parameters of epoch \(epoch)")
        }
        return keeper
    }

    private static func status(of keeper: SetKeeper, _ status: SetKeeper.Status) -> IssuingPartyClient.SetStatus {
        IssuingPartyClient.SetStatus(
            epoch: keeper.plan.epoch,
            place: Int(keeper.place),
            stage: status.stage,
            round: status.round,
            key: status.key?.hex,
            refreshing: status.isRefreshing
        )
    }

    private static func text(_ text: String, _ status: HTTPResponse.Status = .ok) -> Response {
        .bytes(Array(text.utf8), status: status, type: "text/plain; charset=utf-8")
    }
}
