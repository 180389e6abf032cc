internal import Hummingbird
internal import SecureHTTP

/// What goes wrong outside of pages is a page as well: an address that is none, or too many requests.
struct PageFailures: RouterMiddleware {
    typealias Context = SecureRequestContext

    let routes: DashboardRoutes

    func handle(
        _ request: Request,
        context: SecureRequestContext,
        next: (Request, SecureRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            return self.routes.failure(self.routes.problem(error), session: nil)
        }
    }
}
