internal import CanonicalBytes
internal import Certificates
internal import Credentials
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import IdentityEncryption
internal import Logging
internal import SecureHTTP

/// One entry of the interface: what it is, who may use it, and how it can answer.
struct IssuingRoute: Sendable {
    typealias Handler = @Sendable (IssuingReading, PartyName) async throws -> Response
    /// For routes that need no certificate: nil is a stranger.
    typealias OpenHandler = @Sendable (IssuingReading, PartyName?) async throws -> Response

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
    /// Answers besides the common ones.
    let statuses: Set<Int>
    private let handler: OpenHandler

    /// For parties alone.
    init(
        _ method: HTTPRequest.Method,
        _ path: String,
        for roles: Set<PartyRole>,
        answers statuses: Set<Int>,
        _ handler: @escaping Handler
    ) {
        self.init(method, path, roles, isOpen: false, statuses) { reading, peer in
            guard let peer else { throw Self.certificateRequired }
            return try await handler(reading, peer)
        }
    }

    /// For strangers too.
    init(
        _ method: HTTPRequest.Method,
        _ path: String,
        forStrangersAnd roles: Set<PartyRole>,
        answers statuses: Set<Int>,
        _ handler: @escaping OpenHandler
    ) { self.init(method, path, roles, isOpen: true, statuses, handler) }

    private init(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ roles: Set<PartyRole>,
        isOpen: Bool,
        _ statuses: Set<Int>,
        _ handler: @escaping OpenHandler
    ) {
        self.method = method
        self.path = path
        self.roles = roles
        self.isOpen = isOpen
        self.statuses = statuses
        self.handler = handler
    }

    private static let certificateRequired = Problem(
        .unauthorized,
        code: "certificate-required",
        detail: "show a client certificate"
    )

    /// Answers a request; every refusal becomes a `Problem`.
    func respond(_ request: Request, _ context: SecureRequestContext) async throws -> Response {
        // In two steps: the compiler (Swift 6.3) crashes on several catches around an await in optimized builds.
        let outcome: Result<Response, any Error>
        do { outcome = .success(try await self.answer(request, context)) } catch { outcome = .failure(error) }
        return try self.settle(outcome, context)
    }

    private func answer(_ request: Request, _ context: SecureRequestContext) async throws -> Response {
        guard self.isOpen || context.peer != nil else { throw Self.certificateRequired }
        if let peer = context.peer, !self.roles.contains(peer.role) {
            throw Problem(.forbidden, code: "role-not-allowed", detail: "a \(peer.role.rawValue) may not do this")
        }
        guard request.uri.query == nil else {
            throw IssuingRefusal.refused(.malformedParameter, "no route takes a query")
        }
        return try await self.handler(IssuingReading(request: request, context: context), context.peer)
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
        case let refusal as IssuingRefusal: return refusal.problem
        default:
            context.logger.error(
                "the party's files or database failed",
                metadata: ["why": "\(error)", "route": "\(self.path)"]
            )
            return IssuingRefusal.refused(.storeFailed, "the party cannot use its files; its operator was told").problem
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

/// Reads the parts of a request strictly.
struct IssuingReading: Sendable {
    private static let documentBytesMax = 512 << 10

    let request: Request
    let context: SecureRequestContext

    /// The epoch in the path.
    func epoch() throws -> UInt64 {
        let text = self.context.parameters.get("epoch") ?? ""
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), let epoch = UInt64(text), "\(epoch)" == text else {
            throw IssuingRefusal.refused(.malformedParameter, "an epoch is a whole number below 2^64")
        }
        return epoch
    }

    func document<Value: Decodable>(_ type: Value.Type) async throws -> Value {
        try self.requireType("application/json")
        let bytes = try await self.request.bytes(upTo: Self.documentBytesMax)
        do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch {
            throw IssuingRefusal.refused(.malformedBody, "the body is not the JSON that this route takes")
        }
    }

    func bytes() async throws -> [UInt8] {
        try self.requireType("application/octet-stream")
        return try await self.request.bytes(upTo: ParametersFile.bytesMax)
    }

    /// Requires a body of the type, or of none.
    private func requireType(_ type: String) throws {
        guard let found = self.request.headers[.contentType] else { return }
        let bare = found.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
        guard bare == type else { throw IssuingRefusal.refused(.unsupportedMediaType, "the body must be \(type)") }
    }
}

extension IssuingRefusal {
    /// How a client sees the refusal; a wrong step names its author.
    var problem: Problem {
        switch self {
        case .refused(let reason, let detail):
            return Problem(reason.status, code: reason.rawValue, detail: detail)
        case .invalid(let failure, let name):
            let author = failure.party.map { "party \($0)\(name.map { " (\($0))" } ?? ""): " } ?? ""
            var problem = Problem(
                .unprocessableContent,
                code: failure.failure.code.rawValue,
                detail: author + failure.failure.detail
            )
            if let party = failure.party, let field = HTTPField.Name("Wardline-Party") {
                problem.headers[field] = "\(party)"
            }
            return problem
        }
    }
}

extension IssuingRefusal.Reason {
    fileprivate var status: HTTPResponse.Status {
        switch self {
        case .malformedParameter, .malformedBody: .badRequest
        case .unsupportedMediaType: .unsupportedMediaType
        case .unknownSet, .noRefresh: .notFound
        case .anotherPlan, .anotherSetup, .notSetUp, .anotherRound, .refreshUnderWay, .refreshTooSoon, .nonceUsed:
            .conflict
        case .otherParty: .badGateway
        case .notTheGiver, .certificateRevoked, .anotherRequester, .noPermission, .permissionRevoked,
            .permissionExpired, .consentForbids, .consentRequired, .labelForbids, .labelConsentRequired,
            .offerWithdrawn, .anotherScope, .senderNotListed:
            .forbidden
        case .chainUnavailable: .serviceUnavailable
        case .storeFailed: .internalServerError
        }
    }
}
