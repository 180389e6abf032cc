internal import Certificates
internal import Hummingbird
internal import SecureHTTP

/// One entry of a custodian's interface: what it is, who may use it, and how it can answer.
struct CustodianRoute: Sendable {
    typealias Handler = @Sendable (Request, SecureRequestContext) async throws -> Response

    /// Whom a route answers.
    enum Door: Sendable {
        /// Anybody, also without a certificate, as often as the limit allows.
        case open(RateLimit)
        /// Parties of some roles.
        case roles(Set<PartyRole>)
        /// Parties of some roles within the custodian's own organization.
        case own(Set<PartyRole>)
    }

    /// Answers that every route can give: not understood, not for this party, too slow, too often, failed, busy.
    static let commonStatuses: Set<Int> = [400, 403, 408, 429, 500, 503]

    let method: HTTPRequest.Method
    /// With names of parameters in braces.
    let path: String
    let door: Door
    /// Names of the query's parameters.
    let query: [String]
    /// Answers besides the common ones.
    let statuses: Set<Int>
    private let handler: Handler

    init(
        _ method: HTTPRequest.Method,
        _ path: String,
        for door: Door,
        query: [String] = [],
        answers statuses: Set<Int>,
        _ handler: @escaping Handler
    ) {
        self.method = method
        self.path = path
        self.door = door
        self.query = query
        self.statuses = statuses
        self.handler = handler
    }

    /// Adds the route.
    ///
    /// - Parameters:
    ///   - router: gets it.
    ///   - organization: the custodian's.
    func add(to router: Router<SecureRequestContext>, of organization: String) {
        router.on(RouterPath(self.path), method: self.method) { request, context in
            try self.admit(context, organization)
            let response = try await self.handler(request, context)
            assert(
                self.statuses.contains(response.status.code),
                "\(self.method) \(self.path) answers \(response.status.code), which the document does not list"
            )
            return response
        }
    }

    private func admit(_ context: SecureRequestContext, _ organization: String) throws {
        switch self.door {
        case .open(let limit): try limit.admit(context.origin)
        case .roles(let roles): try self.require(roles, context)
        case .own(let roles):
            try self.require(roles, context)
            try CustodianRoutes.requireOrganization(organization, context)
        }
    }

    private func require(_ roles: Set<PartyRole>, _ context: SecureRequestContext) throws {
        guard let peer = context.peer else {
            throw Problem(.unauthorized, code: "certificate-required", detail: "show a client certificate")
        }
        guard roles.contains(peer.role) else {
            throw Problem(
                .forbidden,
                code: "role-not-allowed",
                detail: "a \(peer.role.rawValue) may not do this; it takes "
                    + roles.map(\.rawValue).sorted().joined(separator: " or ")
            )
        }
    }
}
