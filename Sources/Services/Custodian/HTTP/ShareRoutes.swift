internal import CanonicalBytes
internal import Certificates
internal import ChainReading
internal import Contracts
internal import Hummingbird
internal import SecureHTTP
internal import Signcryption

/// What stewards, requesters and clinicians ask a custodian for.
struct ShareRoutes: Sendable {
    private static let bodyBytesMax = 8_192
    private static let itemsMax = 1_000
    private static let waitMax: UInt64 = 10_000

    let desk: ShareDesk

    /// Each wait is bounded, and costs a look at the desk's database.
    private let limit = RateLimit(perSecond: 500, burst: 2_000)

    init(desk: ShareDesk) { self.desk = desk }

    var routes: [CustodianRoute] {
        let readers: Set<PartyRole> = [.steward, .custodian, .institution]
        return [
            CustodianRoute(
                .get,
                "/v1/grants/{permission}",
                for: .open(self.limit),
                query: ["wait"],
                answers: [200, 404],
                self.grant
            ),
            CustodianRoute(
                .get,
                "/v1/discovery-key",
                for: .roles([.researcher, .clinician]),
                query: ["epoch"],
                answers: [200],
                self.discoveryKey
            ),
            CustodianRoute(
                .post,
                "/v1/emergency-statements",
                for: .roles([.clinician]),
                answers: [204, 404, 413, 422],
                self.statement
            ),
            CustodianRoute(
                .get,
                "/v1/share-requests",
                for: .own(readers),
                query: ["state"],
                answers: [200],
                self.list
            ), CustodianRoute(.get, "/v1/share-requests/{id}", for: .own(readers), answers: [200, 404], self.show),
            self.decision("approve", answers: [200, 404, 409, 413], self.approve),
            self.decision("deny", answers: [200, 404, 409], self.deny),
            self.decision("revoke", answers: [200, 404, 409], self.revoke),
        ]
    }

    private func decision(
        _ word: String,
        answers statuses: Set<Int>,
        _ handler: @escaping CustodianRoute.Handler
    ) -> CustodianRoute {
        CustodianRoute(.post, "/v1/share-requests/{id}/\(word)", for: .own([.steward]), answers: statuses, handler)
    }

    // MARK: For everybody

    /// `GET /v1/grants/{permission}?wait=`: public, without a certificate.
    @Sendable private func grant(_ request: Request, _ context: SecureRequestContext) async throws -> Response {
        let id = try Self.identifier(context, "permission")
        let wait = try Self.number(request, "wait") ?? 0
        guard wait <= Self.waitMax else {
            throw Problem(.badRequest, code: "bad-query", detail: "wait is at most \(Self.waitMax) milliseconds")
        }
        let end = ContinuousClock.now + .milliseconds(Int(wait))
        while true {
            let item = try self.desk.store.item(id)
            if let item, item.subject == .permission {
                if item.state == .recorded, let file = try self.desk.post.file(under: id) {
                    return .bytes(file.bytes)
                }
                if let problem = Self.refusal(item) { throw problem }
            }
            guard ContinuousClock.now < end else { throw Self.pending(item) }
            // An item may move between the look and the wait: short waits bound what that costs.
            await self.desk.waiters.move(of: id, milliseconds: 250)
        }
    }

    static func refusal(_ item: ShareItem) -> Problem? {
        switch item.state {
        case .refusing, .refused:
            let code = item.code.isEmpty ? "refused" : item.code
            return Problem(.notFound, code: "grant-refused", detail: "\(code): \(self.advice(code))")
        case .revoking, .revoked:
            return Problem(.notFound, code: "grant-refused", detail: "permission-revoked: ask anew")
        case .lapsed:
            return Problem(
                .notFound,
                code: "grant-refused",
                detail: "permission-expired: nobody decided in time; ask anew"
            )
        default: return nil
        }
    }

    private static func advice(_ code: String) -> String {
        switch code {
        case ShareDesk.ruleCode: "the institution's rules allow no such share"
        case ShareDesk.stewardCode: "a steward refused it"
        case ShareDesk.statementCode: "the reason of the emergency did not come in time"
        case "consent-forbids", "consent-required", "label-forbids", "label-consent-required":
            "the patient's consent is missing; ask anew when it is given"
        case "permission-expired", "permission-revoked": "the permission does not stand any more; ask anew"
        case "certificate-unusable", "certificate-revoked": "ask anew under another certificate"
        default: "ask the institution"
        }
    }

    static func pending(_ item: ShareItem?) -> Problem {
        let detail =
            switch item?.state {
            case nil: "the custodian has not seen the permission yet; ask again"
            case .waiting: "a steward decides; ask again"
            case .statement: "hand in the emergency's reason at /v1/emergency-statements"
            default: "the grant is being made; ask again"
            }
        var problem = Problem(.notFound, code: "grant-pending", detail: detail)
        problem.headers[.retryAfter] = item?.state == .waiting ? "30" : "1"
        return problem
    }

    /// `GET /v1/discovery-key?epoch=`: for those who look for data, of any organization.
    @Sendable private func discoveryKey(_ request: Request, _ context: SecureRequestContext) async throws -> Response {
        guard let epoch = try Self.number(request, "epoch") else {
            throw Problem(.badRequest, code: "bad-query", detail: "epoch is missing")
        }
        return try .json(DiscoveryKeyDocument(epoch: epoch, key: self.desk.custodian.discoveryKey(epoch: epoch).hex))
    }

    /// `POST /v1/emergency-statements`: the reason whose digest the clinician's permission names.
    @Sendable private func statement(_ request: Request, _ context: SecureRequestContext) async throws -> Response {
        let document = try await request.json(StatementDocument.self, upTo: 2 * Self.bodyBytesMax)
        guard let id = [UInt8](hex: document.permission), id.count == 32, let peer = context.peer else {
            throw Problem(.badRequest, code: "bad-permission", detail: "permission has 64 hexadecimal digits")
        }
        guard let permission = try await self.permission(id), permission.kind == .emergency,
            permission.organization.utf8.elementsEqual(self.desk.organization.utf8)
        else {
            throw Problem(
                .notFound,
                code: "no-emergency",
                detail: "the chain shows no emergency permission of this identifier for data of this institution"
            )
        }
        guard permission.decider == peer else {
            throw Problem(.forbidden, code: "another-clinician", detail: "the emergency was declared by somebody else")
        }
        guard try EmergencyStatement.digest(of: document.statement) == permission.basis else {
            throw Problem(
                .unprocessableContent,
                code: "another-statement",
                detail: "the permission names the digest of another reason"
            )
        }
        try self.desk.state(document.statement, by: peer.description, for: id)
        return Response(status: .noContent)
    }

    private func permission(_ id: [UInt8]) async throws -> Permission? {
        do { return try await self.desk.chain.permission(id) } catch {
            var problem = Problem(.serviceUnavailable, code: "chain-unavailable", detail: "the chain does not answer")
            problem.headers[.retryAfter] = "2"
            throw problem
        }
    }

    // MARK: For stewards

    /// `GET /v1/share-requests?state=`: the queue, or what is in a state; `all` for everything.
    @Sendable private func list(_ request: Request, _ context: SecureRequestContext) async throws -> Response {
        let word = request.uri.queryParameters["state"].map(String.init) ?? "waiting"
        guard word == "all" || ShareState(rawValue: word) != nil else {
            throw Problem(
                .badRequest,
                code: "bad-query",
                detail: "state is all or one of " + ShareState.allCases.map(\.rawValue).joined(separator: ", ")
            )
        }
        let states = ShareState(rawValue: word).map { [$0] } ?? ShareState.allCases
        let items = try self.desk.store.items(in: states, limit: Self.itemsMax)
        _ = self.desk.rules.current
        return try .json(
            ShareListDocument(items: items.map(self.document), rulesProblem: self.desk.rules.problem)
        )
    }

    @Sendable private func show(_ request: Request, _ context: SecureRequestContext) async throws -> Response {
        guard let item = try self.desk.store.item(Self.identifier(context, "id")) else { throw Self.unknown }
        return try .json(self.document(item, withStatement: true))
    }

    @Sendable private func approve(_ request: Request, _ context: SecureRequestContext) async throws -> Response {
        let steward = try self.steward(context)
        let body = try await request.json(ApprovalDocument.self, upTo: Self.bodyBytesMax)
        guard (1...36_500).contains(body.days ?? 1) else {
            throw Problem(.badRequest, code: "bad-days", detail: "days is 1 to 36500")
        }
        return try self.decide { try self.desk.approve(Self.identifier(context, "id"), by: steward, days: body.days) }
    }

    @Sendable private func deny(_ request: Request, _ context: SecureRequestContext) async throws -> Response {
        let steward = try self.steward(context)
        return try self.decide { try self.desk.deny(Self.identifier(context, "id"), by: steward) }
    }

    @Sendable private func revoke(_ request: Request, _ context: SecureRequestContext) async throws -> Response {
        let steward = try self.steward(context)
        return try self.decide { try self.desk.revoke(Self.identifier(context, "id"), by: steward) }
    }

    private func decide(_ body: () throws -> ShareItem) throws -> Response {
        do { return try .json(self.document(body())) } catch let error as ShareDecisionError {
            switch error {
            case .unknown: throw Self.unknown
            case .notNow(let state):
                throw Problem(.conflict, code: "not-now", detail: "it is \(state.rawValue); nobody can decide this now")
            case .sameSteward:
                throw Problem(
                    .conflict,
                    code: "same-steward",
                    detail: "you have agreed already; another steward must agree too"
                )
            }
        }
    }

    private func document(_ item: ShareItem) throws -> ShareDocument { try self.document(item, withStatement: false) }

    private func document(_ item: ShareItem, withStatement: Bool) throws -> ShareDocument {
        ShareDocument(
            item,
            scope: try self.desk.custodian.registry.scope(digest: item.scope),
            approvals: try self.desk.store.approvals(of: item.id),
            statement: withStatement ? try self.desk.store.statement(for: item.id)?.text : nil
        )
    }

    /// By the certificate of the connection.
    private func steward(_ context: SecureRequestContext) throws -> PartyName {
        try CustodianRoutes.requireOrganization(self.desk.organization, context)
    }

    private static let unknown = Problem(
        .notFound,
        code: "unknown-share",
        detail: "no request or permission of this identifier is known here, or not yet"
    )

    static func identifier(_ context: SecureRequestContext, _ name: String) throws -> [UInt8] {
        guard let id = context.parameters.get(name).flatMap({ [UInt8](hex: $0) }), id.count == 32 else {
            throw Problem(.badRequest, code: "bad-identifier", detail: "an identifier has 64 hexadecimal digits")
        }
        return id
    }

    private static func number(_ request: Request, _ name: String) throws -> UInt64? {
        guard let text = request.uri.queryParameters[Substring(name)] else { return nil }
        guard let number = UInt64(text) else {
            throw Problem(.badRequest, code: "bad-query", detail: "\(name) must be a whole number")
        }
        return number
    }
}
