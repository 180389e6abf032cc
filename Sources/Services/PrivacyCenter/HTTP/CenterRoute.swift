internal import Certificates
internal import Hummingbird
internal import Logging
internal import PrivacyCenterStore
internal import Receipts
internal import SecureHTTP

/// One entry of the interface: what it is, who may use it, and how it can answer.
struct CenterRoute: Sendable {
    typealias Handler = @Sendable (RequestReading, PartyName) async throws -> Response
    /// For routes that need no certificate: nil is a stranger.
    typealias OpenHandler = @Sendable (RequestReading, PartyName?) async throws -> Response

    /// Answers that every route can give: a query it does not take, not for this role or party, too slow, too often,
    /// failed, busy.
    static let commonStatuses: Set<Int> = [400, 403, 408, 429, 500, 503]

    let method: HTTPRequest.Method
    /// With parameters in braces.
    let path: String
    /// Who may use it with a certificate.
    let roles: Set<PartyRole>
    /// Whether it needs no certificate.
    let isOpen: Bool
    /// Names that the query may have.
    let query: [String]
    /// Answers besides the common ones.
    let statuses: Set<Int>
    private let handler: OpenHandler

    /// For parties alone.
    init(
        _ method: HTTPRequest.Method,
        _ path: String,
        for roles: Set<PartyRole>,
        query: [String] = [],
        answers statuses: Set<Int>,
        _ handler: @escaping Handler
    ) {
        self.init(method, path, roles, isOpen: false, query, statuses) { reading, peer in
            guard let peer else { throw Self.certificateRequired }
            return try await handler(reading, peer)
        }
    }

    /// For strangers too.
    init(
        _ method: HTTPRequest.Method,
        _ path: String,
        forStrangersAnd roles: Set<PartyRole>,
        query: [String] = [],
        answers statuses: Set<Int>,
        _ handler: @escaping OpenHandler
    ) { self.init(method, path, roles, isOpen: true, query, statuses, handler) }

    private init(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ roles: Set<PartyRole>,
        isOpen: Bool,
        _ query: [String],
        _ statuses: Set<Int>,
        _ handler: @escaping OpenHandler
    ) {
        self.method = method
        self.path = path
        self.roles = roles
        self.isOpen = isOpen
        self.query = query
        self.statuses = statuses
        self.handler = handler
    }

    private static let certificateRequired = Problem(
        .unauthorized,
        code: "certificate-required",
        detail: "show a client certificate"
    )

    /// Answers a request; every refusal becomes a `Problem`, and a missing envelope a signed denial.
    func respond(_ request: Request, _ context: SecureRequestContext, _ tree: TreeDesk) async throws -> Response {
        // In two steps: the compiler (Swift 6.3) crashes on several catches around an await in optimized builds.
        let outcome: Result<Response, any Error>
        do { outcome = .success(try await self.answer(request, context)) } catch { outcome = .failure(error) }
        return try self.settle(outcome, context, tree)
    }

    private func answer(_ request: Request, _ context: SecureRequestContext) async throws -> Response {
        guard self.isOpen || context.peer != nil else { throw Self.certificateRequired }
        if let peer = context.peer, !self.roles.contains(peer.role) {
            throw Problem(.forbidden, code: "role-not-allowed", detail: "a \(peer.role.rawValue) may not do this")
        }
        let reading = RequestReading(request: request, context: context)
        try reading.requireQuery(self.query)
        return try await self.handler(reading, context.peer)
    }

    @inline(never) private func settle(
        _ outcome: Result<Response, any Error>,
        _ context: SecureRequestContext,
        _ tree: TreeDesk
    ) throws -> Response {
        do {
            let response = try outcome.get()
            self.check(response.status)
            return response
        } catch CenterRefusal.missingEnvelope(let h1) {
            self.check(.notFound)
            return try DenialDocument(tree.denial(of: h1)).response
        } catch {
            guard let problem = self.problem(for: error, context) else { throw error }
            self.check(problem.status)
            throw problem
        }
    }

    private func problem(for error: any Error, _ context: SecureRequestContext) -> Problem? {
        switch error {
        case let problem as Problem: return problem
        case let refusal as CenterRefusal: return refusal.problem
        case let error as StoreError:
            context.logger.error("the store failed", metadata: ["why": "\(error)", "route": "\(self.path)"])
            return error.refusal.problem
        default: return nil
        }
    }

    /// The document promises clients which answers there are; development builds hold the code to it.
    private func check(_ status: HTTPResponse.Status) {
        assert(
            self.statuses.contains(status.code) || Self.commonStatuses.contains(status.code) || status.code == 401,
            "\(self.method) \(self.path) answers \(status.code), which the document does not list"
        )
    }
}
