internal import CanonicalBytes
internal import Certificates
internal import Foundation
internal import Hummingbird
internal import Logging
internal import SecureHTTP

/// One entry of the interface: what it is, who may use it, and how it can answer.
struct AttributeRoute: Sendable {
    typealias Handler = @Sendable (Request, PartyName) async throws -> Response

    /// Answers that every route can give: a query it does not take, not for this role or party, too slow, too often,
    /// failed, busy.
    static let commonStatuses: Set<Int> = [400, 403, 408, 429, 500, 503]

    let method: HTTPRequest.Method
    let path: String
    let roles: Set<PartyRole>
    /// Answers besides the common ones.
    let statuses: Set<Int>
    let handler: Handler

    init(
        _ method: HTTPRequest.Method,
        _ path: String,
        for roles: Set<PartyRole>,
        answers statuses: Set<Int>,
        _ handler: @escaping Handler
    ) {
        self.method = method
        self.path = path
        self.roles = roles
        self.statuses = statuses
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
        guard let peer = context.peer else {
            throw Problem(.unauthorized, code: "certificate-required", detail: "show a client certificate")
        }
        guard self.roles.contains(peer.role) else {
            throw Problem(.forbidden, code: "role-not-allowed", detail: "a \(peer.role.rawValue) may not do this")
        }
        guard request.uri.query == nil else {
            throw AttributeRefusal.refused(.malformedParameter, "no route takes a query")
        }
        return try await self.handler(request, peer)
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
            let problem = self.problem(for: error, context)
            self.check(problem.status)
            throw problem
        }
    }

    private func problem(for error: any Error, _ context: SecureRequestContext) -> Problem {
        switch error {
        case let problem as Problem: return problem
        case let refusal as AttributeRefusal: return refusal.problem
        default:
            context.logger.error(
                "the authority's files or database failed",
                metadata: ["why": "\(error)", "route": "\(self.path)"]
            )
            return AttributeRefusal.refused(.storeFailed, "the authority cannot use its files; its operator was told")
                .problem
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

extension AttributeRefusal {
    /// How a client sees the refusal.
    var problem: Problem {
        switch self {
        case .refused(let reason, let detail): Problem(reason.status, code: reason.rawValue, detail: detail)
        case .invalid(let failure): Problem(failure)
        }
    }
}

extension AttributeRefusal.Reason {
    fileprivate var status: HTTPResponse.Status {
        switch self {
        case .malformedParameter: .badRequest
        case .unsupportedMediaType: .unsupportedMediaType
        case .anotherRequester, .certificateRevoked, .noPermission, .permissionRevoked, .permissionExpired,
            .consentForbids, .consentRequired, .labelForbids, .labelConsentRequired, .offerWithdrawn, .anotherScope,
            .unusableAttributes:
            .forbidden
        case .keyNotPublished, .chainUnavailable: .serviceUnavailable
        case .storeFailed: .internalServerError
        }
    }
}
