internal import Foundation
internal import Hummingbird
internal import Logging
internal import SecureHTTP

/// The routes of a dashboard: assets and sign-in for everybody, pages and actions for who has signed in.
struct DashboardRoutes: Sendable {
    let site: DashboardSite
    let settings: DashboardSettings
    let logger: Logger
    let sessions: SessionBook
    let tokens: TokenFolder
    let streams = StreamCount()
    private let origin = ContinuousClock.now

    init(site: DashboardSite, settings: DashboardSettings, logger: Logger) {
        self.site = site
        self.settings = settings
        self.logger = logger
        self.sessions = SessionBook(limits: settings.sessions)
        self.tokens = TokenFolder(directory: settings.tokenDirectory)
    }

    func router() -> Router<SecureRequestContext> {
        let router = Router(context: SecureRequestContext.self)
        router.add(middleware: PageFailures(routes: self))
        router.add(middleware: RateLimit(perSecond: 50, burst: 200))
        for asset in DashboardAsset.all {
            router.get(RouterPath(asset.path)) { _, _ in Self.secured(asset.response) }
        }
        self.addSignIn(to: router)
        router.get("/") { request, context in
            await self.answer(request, context) { session, _ in
                let first = self.site.pages.first { session.role.may($0.permission) }
                return Self.redirect(to: first?.path ?? "/sign-in")
            }
        }
        for page in self.site.pages { self.add(page, to: router) }
        for action in self.site.actions { self.add(action, to: router) }
        return router
    }

    // MARK: - Pages

    private func add(_ page: DashboardPage, to router: Router<SecureRequestContext>) {
        router.get(RouterPath(page.path)) { request, context in
            await self.answer(request, context) { session, cookie in
                try Self.require(page.permission, of: session)
                let content = try await page.render(Self.pageRequest(session, page.path, context))
                return self.page(content, of: session, at: page, notice: self.sessions.takeNotice(for: cookie))
            }
        }
        guard let seconds = page.liveSeconds else { return }
        router.get(RouterPath(page.path + "/live")) { request, context in
            await self.answer(request, context, isSign: false) { session, cookie in
                try Self.require(page.permission, of: session)
                return try self.stream(of: page, every: seconds, Self.pageRequest(session, page.path, context), cookie)
            }
        }
    }

    private func stream(
        of page: DashboardPage,
        every seconds: Double,
        _ asked: PageRequest,
        _ cookie: String
    ) throws -> Response {
        guard let share = self.streams.enter() else {
            throw Problem(.serviceUnavailable, code: "busy", detail: "too many pages are being watched")
        }
        let stream = LiveStream(everySeconds: seconds) {
            guard self.sessions.session(cookie, at: self.seconds, isSign: false) == asked.session else { return nil }
            return try await page.render(asked).nodes
        }
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream"],
            body: .init { writer in
                defer { withExtendedLifetime(share) {} }
                try await stream.write(to: &writer)
                try await writer.finish(nil)
            }
        )
    }

    // MARK: - Actions

    private func add(_ action: DashboardAction, to router: Router<SecureRequestContext>) {
        router.post(RouterPath(action.path)) { request, context in
            await self.answer(request, context) { session, cookie in
                try RequestGuard.requireSameOrigin(request)
                let fields = try await Self.fields(of: request)
                try RequestGuard.requireFormToken(fields, of: session)
                try Self.require(action.permission, of: session)
                let outcome = try await action.perform(Self.pageRequest(session, action.path, context), fields)
                self.logger.info(
                    "dashboard",
                    metadata: ["did": "\(action.path)", "who": "\(session.name)", "by": "\(session.means.rawValue)"]
                )
                switch outcome {
                case .go(let path, let notice):
                    self.sessions.leave(notice, for: cookie)
                    return Self.redirect(to: path)
                case .show(let content): return self.page(content, of: session, at: nil, notice: nil)
                case .keep(let file): return Self.download(file)
                }
            }
        }
    }

    private static func require(_ permission: DashboardPermission, of session: DashboardSession) throws {
        guard !session.role.may(permission) else { return }
        // A role's name begins with a vowel or not.
        let role = [DashboardRole.engineer, .auditor].contains(session.role) ? "an" : "a"
        throw Problem(
            .forbidden,
            code: "role-not-allowed",
            detail: "\(role) \(session.role.rawValue) may not \(permission == .review ? "see" : "do") this"
        )
    }

    private static func download(_ file: DashboardFile) -> Response {
        var response = Response.bytes(file.bytes, type: file.type)
        response.headers[.contentDisposition] = "attachment; filename=\"\(file.name)\""
        return response
    }

    // MARK: - Answers

    /// Answers who has signed in; sends others to the sign-in page.
    ///
    /// Failures are pages too.
    func answer(
        _ request: Request,
        _ context: SecureRequestContext,
        isSign: Bool = true,
        _ body: (DashboardSession, String) async throws -> Response
    ) async -> Response {
        guard let cookie = self.cookie(of: request),
            let session = self.sessions.session(cookie, at: self.seconds, isSign: isSign)
        else {
            if request.method == .get, isSign { return Self.redirect(to: "/sign-in") }
            return self.failure(
                Problem(.unauthorized, code: "not-signed-in", detail: "sign in first"),
                session: nil
            )
        }
        do {
            return Self.secured(try await body(session, cookie))
        } catch {
            return self.failure(self.problem(error), session: session)
        }
    }

    func problem(_ error: any Error) -> Problem {
        if let problem = error as? Problem { return problem }
        if let error = error as? HTTPError {
            return Problem(error.status, code: "no-page", detail: "there is no such page")
        }
        // The type alone: a description may quote what was being shown.
        self.logger.error("a page failed", metadata: ["error": "\(type(of: error))"])
        return Problem(.internalServerError, code: "internal", detail: "the page could not be made; the log says why")
    }

    func failure(_ problem: Problem, session: DashboardSession?) -> Response {
        let content = PageContent(problem.status.reasonPhrase) {
            HTMLTag.h1 { problem.status.reasonPhrase }
            HTMLTag.p(.class("notice bad")) { problem.detail }
            HTMLTag.p { HTMLTag.a(.href("/")) { "Back to the dashboard" } }
        }
        let layout = Layout(site: self.site, session: session, page: nil, notice: nil)
        var response = Self.html(layout.document(content), status: problem.status)
        for field in problem.headers { response.headers[field.name] = field.value }
        return Self.secured(response)
    }

    private func page(
        _ content: PageContent,
        of session: DashboardSession,
        at page: DashboardPage?,
        notice: String?
    ) -> Response {
        Self.html(Layout(site: self.site, session: session, page: page, notice: notice).document(content))
    }

    static func html(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
        .bytes(Array(text.utf8), status: status, type: "text/html; charset=utf-8")
    }

    static func redirect(to path: String) -> Response {
        self.secured(Response(status: .seeOther, headers: [.location: LocalPath.encoded(path)]))
    }

    static func secured(_ response: Response) -> Response {
        var response = response
        SecurityHeaders.add(to: &response)
        return response
    }

    static func fields(of request: Request) async throws -> FormFields {
        let bytes = try await request.bytes(upTo: FormFields.bytesMax)
        guard let fields = FormFields(bytes) else {
            throw Problem(.badRequest, code: "malformed-form", detail: "the form cannot be read")
        }
        return fields
    }

    private static func pageRequest(
        _ session: DashboardSession,
        _ path: String,
        _ context: SecureRequestContext
    ) -> PageRequest {
        var parameters: [String: String] = [:]
        for part in path.split(separator: "/") where part.hasPrefix("{") && part.hasSuffix("}") {
            let name = String(part.dropFirst().dropLast())
            guard let value = context.parameters.get(name) else { continue }
            parameters[name] = value.removingPercentEncoding ?? value
        }
        return PageRequest(session: session, parameters: parameters)
    }

    /// Seconds since the start; never goes back.
    var seconds: UInt64 { UInt64((ContinuousClock.now - self.origin).components.seconds) }

    // MARK: - The cookie

    /// Cookies know no ports, so that each dashboard of a machine has a name of its own.
    var cookieName: String { "__Host-wardline-\(self.settings.port)" }

    /// The cookie's value as the browser sent it.
    func cookie(of request: Request) -> String? {
        let prefix = self.cookieName + "="
        for header in request.headers[values: .cookie] {
            for part in header.split(separator: ";") {
                let text = part.trimmingCharacters(in: .whitespaces)
                if text.hasPrefix(prefix) { return String(text.dropFirst(prefix.count)) }
            }
        }
        return nil
    }

    /// `Set-Cookie`: no script reads it, no connection in clear carries it, and no other site's page sends it.
    func cookieHeader(_ value: String) -> String {
        let age = value.isEmpty ? "; Max-Age=0" : ""
        return "\(self.cookieName)=\(value); Path=/; Secure; HttpOnly; SameSite=Strict\(age)"
    }
}
