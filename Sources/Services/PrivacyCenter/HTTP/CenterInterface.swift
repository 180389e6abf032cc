internal import Certificates
internal import Foundation
package import Hummingbird
internal import Merkle
internal import Receipts
internal import Records
package import SecureHTTP

/// The HTTP interface of a privacy center.
package struct CenterInterface: Sendable {
    static let everyone = Set(PartyRole.allCases)
    /// Who owns scopes.
    static let owners: Set<PartyRole> = [.institution, .custodian, .patient]
    /// Who reads and gets parts under a grant.
    static let readers = Self.owners.union([.researcher, .clinician])

    let center: PrivacyCenter
    let metrics: CenterMetrics
    let budget: BodyBudget
    /// What keeps the center from being ready; empty when it is.
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
        let tree = self.center.tree
        for route in self.routes {
            router.on(RouterPath(route.path), method: route.method) { request, context in
                try await route.respond(request, context, tree)
            }
        }
        return router
    }

    /// All there is; the router and the document are held to this list.
    var routes: [CenterRoute] {
        self.certificateRoutes + self.envelopeRoutes + self.shareRoutes + self.wrapRoutes + self.treeRoutes
            + self.operationRoutes
    }
}
