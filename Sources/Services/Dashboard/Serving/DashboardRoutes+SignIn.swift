internal import Certificates
internal import Foundation
internal import Hummingbird
internal import Logging
internal import SecureHTTP

/// Signing in by a one-time token or a client certificate, and out.
extension DashboardRoutes {
    func addSignIn(to router: Router<SecureRequestContext>) {
        router.get("/sign-in") { _, context in self.signInPage(context, refusal: nil) }
        // Guessing is hopeless; this keeps it quiet as well.
        let slow = RateLimit(perSecond: 1, burst: 10)
        router.post("/sign-in/token") { request, context in
            await self.signIn(context, by: .token) {
                try slow.admit(context.origin)
                try RequestGuard.requireSameOrigin(request)
                let token = try await Self.fields(of: request)["token"] ?? ""
                guard let bearer = self.tokens.redeem(token, at: UInt64(max(0, Date().timeIntervalSince1970))) else {
                    return nil
                }
                if let refusal = self.settings.refusal(of: bearer) {
                    self.logger.warning("dashboard: a token was refused", metadata: ["why": "\(refusal)"])
                    return nil
                }
                return (bearer.name, bearer.role)
            }
        }
        router.post("/sign-in/certificate") { request, context in
            await self.signIn(context, by: .certificate) {
                try RequestGuard.requireSameOrigin(request)
                guard let (name, role) = self.party(context) else { return nil }
                return (name, role)
            }
        }
        router.post("/sign-out") { request, context in
            await self.answer(request, context) { session, cookie in
                try RequestGuard.requireSameOrigin(request)
                try RequestGuard.requireFormToken(await Self.fields(of: request), of: session)
                self.sessions.end(cookie)
                var response = Self.redirect(to: "/sign-in")
                response.headers[.setCookie] = self.cookieHeader("")
                return response
            }
        }
    }

    private func signIn(
        _ context: SecureRequestContext,
        by means: SignInMeans,
        _ judge: () async throws -> (String, DashboardRole)?
    ) async -> Response {
        let found: (String, DashboardRole)?
        do {
            found = try await judge()
        } catch {
            return self.failure(self.problem(error), session: nil)
        }
        guard let (name, role) = found else {
            self.logger.notice("dashboard: sign-in refused", metadata: ["from": "\(context.remoteAddress)"])
            return self.signInPage(
                context,
                refusal: "This does not sign you in. A token works once and for a short time."
            )
        }
        self.logger.notice(
            "dashboard: signed in",
            metadata: ["who": "\(name)", "role": "\(role.rawValue)", "by": "\(means.rawValue)"]
        )
        var response = Self.redirect(to: "/")
        let cookie = self.sessions.begin(name: name, role: role, means: means, at: self.seconds)
        response.headers[.setCookie] = self.cookieHeader(cookie)
        return response
    }

    /// Whom the connection's certificate names, if the operator lets that party in.
    private func party(_ context: SecureRequestContext) -> (String, DashboardRole)? {
        guard let peer = context.peer, let role = self.settings.people[peer] else { return nil }
        return (peer.description, role)
    }

    private func signInPage(_ context: SecureRequestContext, refusal: String?) -> Response {
        let content = SignInPage.content(site: self.site.name, party: self.party(context)?.0, refusal: refusal)
        let layout = Layout(site: self.site, session: nil, page: nil, notice: nil)
        return Self.secured(Self.html(layout.document(content), status: refusal == nil ? .ok : .forbidden))
    }
}
