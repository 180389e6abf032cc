internal import CanonicalBytes
internal import Certificates
internal import Credentials
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOHTTP1
internal import TraceContexts

/// What stands around a server's router: who is asking and in which operation, who may not ask at all, and how failures
/// look.
struct SecureResponder<Base: HTTPResponder>: HTTPResponder where Base.Context == SecureRequestContext {
    let base: Base
    let peers: ConnectionPeers
    let limits: ServerLimits
    let clientCertificates: ClientCertificates
    let revocations: (any RevocationSource)?
    let metrics: RequestMetrics?
    let logger: Logger

    func respond(to request: Request, context: SecureRequestContext) async throws -> Response {
        var context = context
        context.limits = self.limits
        context.peerIdentity = self.peers.peer(of: context.channel)
        return try await self.trace(of: request, context).perform { try await self.measured(request, context) }
    }

    /// A party that is known goes on with its operation here; what a stranger says of one counts for nothing.
    private func trace(of request: Request, _ context: SecureRequestContext) -> TraceContext {
        guard context.peerIdentity != nil, let field = HTTPField.Name("traceparent"), let text = request.headers[field],
            let sent = TraceContext(traceparent: text)
        else { return TraceContext() }
        return sent.child
    }

    private func measured(_ request: Request, _ context: SecureRequestContext) async throws -> Response {
        let begin = ContinuousClock.now
        var response = try await self.answer(request, context)
        if response.status.code >= 400, response.headers[.contentType] == nil {
            response =
                Problem(response.status, code: response.status.problemCode, detail: response.status.reasonPhrase)
                .response
        }
        response.headers[.cacheControl] = response.headers[.cacheControl] ?? "no-store"
        let outcome = RequestOutcome(
            route: context.endpointPath.flatMap { $0 == "NotFound" ? nil : $0 } ?? "unmatched",
            method: request.method.rawValue,
            status: response.status.code,
            seconds: (ContinuousClock.now - begin).seconds
        )
        self.metrics?.record(outcome)
        self.log(outcome, context)
        return response
    }

    /// The route and not the path: paths name scopes and transactions.
    private func log(_ outcome: RequestOutcome, _ context: SecureRequestContext) {
        self.logger.debug(
            "request",
            metadata: [
                "method": "\(outcome.method)", "route": "\(outcome.route)", "status": "\(outcome.status)",
                "ms": "\(Int(outcome.seconds * 1_000))", "peer": "\(context.peer?.description ?? "-")",
            ]
        )
    }

    private func answer(_ request: Request, _ context: SecureRequestContext) async throws -> Response {
        do {
            try self.admit(context)
            return try await self.base.respond(to: request, context: context)
        } catch let problem as Problem {
            return problem.response
        } catch let failure as ProtocolFailure {
            return Problem(failure).response
        } catch is BodyDeadlineExceeded {
            return Problem(.requestTimeout, code: "body-too-slow", detail: "the body took too long to arrive").response
        } catch let error as HTTPParserError {
            // Hummingbird answers these with 400 and closes.
            throw error
        } catch {
            // The type alone: a description may quote what was being stored.
            context.logger.error("a request failed", metadata: ["error": "\(type(of: error))"])
            return Problem(.internalServerError, code: "internal", detail: "the server failed; its log says why")
                .response
        }
    }

    /// The rest of the connections is kept for those who show a certificate.
    private static var crowded: Problem {
        var problem = Problem(
            .serviceUnavailable,
            code: "busy",
            detail: "too many connections without a certificate; try again later"
        )
        problem.headers[.retryAfter] = "1"
        problem.headers[.connection] = "close"
        return problem
    }

    private func admit(_ context: SecureRequestContext) throws {
        guard let peer = context.peerIdentity else {
            guard case .optional = self.clientCertificates else {
                throw Problem(.forbidden, code: "certificate-without-party", detail: "the certificate names no party")
            }
            if self.peers.isCrowded(context.channel) { throw Self.crowded }
            return
        }
        guard Date().timeIntervalSince1970 <= Double(peer.notAfter) else {
            throw Problem(.forbidden, code: "certificate-expired", detail: "the client certificate has expired")
        }
        guard self.revocations?.contains(peer.fingerprint) != true else {
            throw Problem(.forbidden, code: "client-certificate-revoked", detail: "the client certificate was revoked")
        }
    }
}

extension HTTPResponse.Status {
    /// The reason phrase as a code: `not-found`.
    var problemCode: String {
        self.reasonPhrase.lowercased().map { $0.isLetter || $0.isNumber ? String($0) : "-" }.joined()
    }
}

extension Duration {
    var seconds: Double {
        let (seconds, attoseconds) = self.components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
