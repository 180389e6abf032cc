internal import CanonicalBytes
internal import Certificates
internal import ChainReading
internal import Credentials
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import SecureHTTP

/// One entry of an authority's interface: what it is, who may use it, and how it can answer.
struct ServiceRoute: Sendable {
    typealias Handler = @Sendable (RouteReading, PeerIdentity) async throws -> Response

    /// What a body is.
    enum Body: Sendable, Hashable {
        case none
        case text
        case octets(String)
        case json(String)
    }

    /// Answers that every route can give besides its own.
    static let commonStatuses: Set<Int> = [400, 401, 403, 408, 429, 500, 503]
    static let everyone = Set(PartyRole.allCases)

    let method: HTTPRequest.Method
    /// With parameters in braces.
    let path: String
    let summary: String
    let roles: Set<PartyRole>
    let takes: Body
    let gives: Body
    /// Refusals besides the common ones.
    let refusals: Set<Int>
    let handler: Handler

    init(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ summary: String,
        for roles: Set<PartyRole>,
        takes: Body = .none,
        gives: Body,
        refusals: Set<Int> = [],
        _ handler: @escaping Handler
    ) {
        self.method = method
        self.path = path
        self.summary = summary
        self.roles = roles
        self.takes = takes
        self.gives = gives
        self.refusals = refusals
        self.handler = handler
    }

    /// Of an answer that refuses nothing.
    var success: Int { self.gives == .none ? 204 : 200 }

    /// Answers a request; every refusal becomes a `Problem`.
    func respond(_ request: Request, _ context: SecureRequestContext) async throws -> Response {
        // In two steps: the compiler (Swift 6.3) crashes on several catches around an await in optimized builds.
        let outcome: Result<Response, any Error>
        do { outcome = .success(try await self.answer(request, context)) } catch { outcome = .failure(error) }
        return try self.settle(outcome, context)
    }

    private func answer(_ request: Request, _ context: SecureRequestContext) async throws -> Response {
        guard let peer = context.peerIdentity else {
            throw Problem(.unauthorized, code: "certificate-required", detail: "show a client certificate")
        }
        guard self.roles.contains(peer.name.role) else {
            throw Problem(.forbidden, code: "role-not-allowed", detail: "a \(peer.name.role.rawValue) may not do this")
        }
        guard request.uri.query == nil else {
            throw PseudonymityRefusal(.malformedParameter, "no route takes a query")
        }
        return try await self.handler(RouteReading(request: request, context: context), peer)
    }

    @inline(never) private func settle(
        _ outcome: Result<Response, any Error>,
        _ context: SecureRequestContext
    ) throws -> Response {
        do { return try outcome.get() } catch {
            let problem = self.problem(for: error, context)
            assert(
                self.refusals.union(Self.commonStatuses).contains(problem.status.code)
                    || self.takes != .none && [413, 415, 422].contains(problem.status.code),
                "\(self.method) \(self.path) answers \(problem.status.code), which the document does not list"
            )
            throw problem
        }
    }

    private func problem(for error: any Error, _ context: SecureRequestContext) -> Problem {
        switch error {
        case let problem as Problem: return problem
        case let refusal as PseudonymityRefusal:
            return Problem(refusal.reason.status, code: refusal.reason.rawValue, detail: refusal.detail)
        case let failure as ProtocolFailure: return Problem(failure)
        case let error as ChainReadingError:
            return Problem(.serviceUnavailable, code: error.reason.rawValue, detail: error.detail)
        case let error as ChainSubmissionError:
            return Problem(.serviceUnavailable, code: "chain-unavailable", detail: "\(error); try again later")
        default:
            context.logger.error(
                "the authority's files or database failed",
                metadata: ["why": "\(error)", "route": "\(self.path)"]
            )
            return Problem(
                .internalServerError,
                code: PseudonymityRefusal.Reason.storeFailed.rawValue,
                detail: "the authority cannot use its files; its operator was told"
            )
        }
    }
}

/// Reads the parts of a request strictly.
struct RouteReading: Sendable {
    private static let documentBytesMax = 64 << 10

    let request: Request
    let context: SecureRequestContext

    /// The 32 bytes in the path.
    func identifier() throws -> [UInt8] {
        let text = self.context.parameters.get("id") ?? ""
        guard let bytes = [UInt8](hex: text), bytes.count == 32, bytes.hex == text else {
            throw PseudonymityRefusal(.malformedParameter, "an identifier has 64 hexadecimal digits")
        }
        return bytes
    }

    func bytes(upTo limit: Int) async throws -> [UInt8] {
        try self.requireType("application/octet-stream")
        return try await self.request.bytes(upTo: limit)
    }

    func document<Value: Decodable>(_ type: Value.Type) async throws -> Value {
        try self.requireType("application/json")
        let bytes = try await self.request.bytes(upTo: Self.documentBytesMax)
        do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch {
            throw PseudonymityRefusal(.malformedBody, "the body is not the JSON that this route takes")
        }
    }

    /// Requires a body of the type, or of none.
    private func requireType(_ type: String) throws {
        guard let found = self.request.headers[.contentType] else { return }
        let bare = found.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
        guard bare == type else { throw PseudonymityRefusal(.unsupportedMediaType, "the body must be \(type)") }
    }
}

extension PseudonymityRefusal.Reason {
    fileprivate var status: HTTPResponse.Status {
        switch self {
        case .malformedParameter, .malformedBody: .badRequest
        case .unsupportedMediaType: .unsupportedMediaType
        case .unknownRequest, .notReady, .unknownCertificate: .notFound
        case .anotherEpoch, .tooMany, .keyUsed: .conflict
        case .gone: .gone
        case .anotherRequester, .certificateRevoked, .userRevoked, .anotherAuthority, .noOrder, .anotherCertificate:
            .forbidden
        case .noChain, .chainUnavailable: .serviceUnavailable
        case .storeFailed: .internalServerError
        }
    }
}
