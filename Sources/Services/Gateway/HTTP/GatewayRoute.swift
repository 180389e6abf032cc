internal import Certificates
internal import Hummingbird
internal import SecureHTTP

/// One entry of the interface: what it is, and who may use it.
struct GatewayRoute: Sendable {
    /// Answers that every route can give besides 200.
    static let commonStatuses: Set<Int> = [400, 401, 403, 408, 429, 500, 503]

    let path: String
    let roles: Set<PartyRole>
    let answer: @Sendable () throws -> Response

    init(_ path: String, for roles: Set<PartyRole>, _ answer: @escaping @Sendable () throws -> Response) {
        (self.path, self.roles, self.answer) = (path, roles, answer)
    }

    func respond(_ request: Request, _ context: SecureRequestContext) throws -> Response {
        guard let peer = context.peer else {
            throw Problem(.unauthorized, code: "certificate-required", detail: "show a client certificate")
        }
        guard self.roles.contains(peer.role) else {
            throw Problem(.forbidden, code: "role-not-allowed", detail: "a \(peer.role.rawValue) may not do this")
        }
        guard request.uri.query == nil else {
            throw Problem(.badRequest, code: "malformed-parameter", detail: "no route takes a query")
        }
        return try self.answer()
    }
}
