internal import Certificates
internal import Hummingbird
internal import Logging
internal import SecureHTTP

/// One entry of the interface: what it is, who may use it, and how it can answer.
struct ChainRoute: Sendable {
    typealias Handler = @Sendable (RequestReading, RequestOrigin) async throws -> Response

    /// Who may use a route.
    enum Access: Sendable, Hashable {
        /// Everybody who reaches the server: nobody has to say who asks for what is public and proven.
        case anybody
        /// Parties of these roles, by their certificates.
        case parties(Set<PartyRole>)
    }

    /// Answers that every route can give: a query it does not take, not for this role or party, too slow, too often,
    /// failed, not ready.
    private static let commonStatuses: Set<Int> = [400, 403, 408, 429, 500, 503]

    let method: HTTPRequest.Method
    /// With parameters in braces.
    let path: String
    let access: Access
    /// Names that the query may have.
    let query: [String]
    /// All answers that it can give.
    let statuses: Set<Int>
    let handler: Handler

    init(
        _ method: HTTPRequest.Method,
        _ path: String,
        for access: Access = .parties(Set(PartyRole.allCases)),
        query: [String] = [],
        answers statuses: Set<Int>,
        _ handler: @escaping Handler
    ) {
        self.method = method
        self.path = path
        self.access = access
        self.query = query
        // Nobody is too unknown for an open route.
        let refusals: Set<Int> = access == .anybody ? [] : [401]
        self.statuses = statuses.union(Self.commonStatuses).union(refusals)
        self.handler = handler
    }

    /// Answers a request; every refusal becomes a `Problem`.
    func respond(_ request: Request, _ context: SecureRequestContext) async throws -> Response {
        // In two steps: the compiler (Swift 6.3) crashes on several catches around an await in optimized builds.
        let outcome: Result<Response, any Error>
        do { outcome = .success(try await self.answer(request, context)) } catch { outcome = .failure(error) }
        return try self.settle(outcome, context)
    }

    private func answer(_ request: Request, _ context: SecureRequestContext) async throws -> Response {
        try self.admit(context.peer)
        let reading = RequestReading(request: request, context: context)
        try reading.requireQuery(self.query)
        return try await self.handler(reading, context.origin)
    }

    private func admit(_ peer: PartyName?) throws {
        guard case .parties(let roles) = self.access else { return }
        guard let peer else {
            throw Problem(.unauthorized, code: "certificate-required", detail: "show a client certificate")
        }
        guard roles.contains(peer.role) else {
            throw Problem(.forbidden, code: "role-not-allowed", detail: "a \(peer.role.rawValue) may not do this")
        }
    }

    @inline(never) private func settle(
        _ outcome: Result<Response, any Error>,
        _ context: SecureRequestContext
    ) throws -> Response {
        do {
            let response = try outcome.get()
            self.check(response.status)
            return response
        } catch {
            guard let problem = self.problem(for: error, context) else { throw error }
            self.check(problem.status)
            throw problem
        }
    }

    private func problem(for error: any Error, _ context: SecureRequestContext) -> Problem? {
        if let problem = error as? Problem { return problem }
        guard let refusal = error as? ChainRefusal else { return nil }
        if case .damaged(let why) = refusal {
            context.logger.error("the ledger cannot be read", metadata: ["why": "\(why)", "route": "\(self.path)"])
        }
        return refusal.problem
    }

    /// The document promises clients which answers there are; development builds hold the code to it.
    private func check(_ status: HTTPResponse.Status) {
        assert(
            self.statuses.contains(status.code),
            "\(self.method) \(self.path) answers \(status.code), which the document does not list"
        )
    }
}
