package import Certificates
package import Hummingbird

/// Lets parties of some roles pass: 401 without a client certificate, 403 for another role.
package struct RequireRole: RouterMiddleware {
    package typealias Context = SecureRequestContext
    private let roles: Set<PartyRole>

    package init(_ roles: PartyRole...) { self.roles = Set(roles) }

    package func handle(
        _ request: Request,
        context: SecureRequestContext,
        next: (Request, SecureRequestContext) async throws -> Response
    ) async throws -> Response {
        guard let peer = context.peer else {
            throw Problem(.unauthorized, code: "certificate-required", detail: "show a client certificate")
        }
        guard self.roles.contains(peer.role) else {
            throw Problem(
                .forbidden,
                code: "role-not-allowed",
                detail: "a \(peer.role.rawValue) may not do this; it takes "
                    + self.roles.map(\.rawValue).sorted().joined(separator: " or ")
            )
        }
        return try await next(request, context)
    }
}
