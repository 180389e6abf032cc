internal import CanonicalBytes
internal import Certificates
internal import Credentials
internal import Foundation
internal import Hummingbird
internal import SecureHTTP

/// The authority's HTTP interface.
///
/// `POST /v1/offers`, `POST /v1/enrollments` with a token; `POST /v1/renewals`, `POST /v1/revocations`,
/// `POST /v1/credentials` (where credentials are given) with a client certificate; `GET /v1/issuer`,
/// `GET /v1/revocations` for everyone.
enum AuthorityRoutes {
    private static let bodyBytesMax = 65_536

    static func router(
        _ authority: Authority,
        metrics: RequestMetrics,
        credentials: CredentialDesk?,
        now: @escaping @Sendable () -> UInt64
    ) -> Router<SecureRequestContext> {
        let router = Router(context: SecureRequestContext.self)
        HealthRoutes.add(to: router, metrics: { metrics.text })
        router.get("/v1/issuer") { _, _ in try Response.json(authority.answer) }
        router.get("/v1/revocations") { _, _ in
            Response.bytes(try authority.revocationList(at: now()).bytes)
        }
        let limited = router.group().add(middleware: RateLimit(perSecond: 5, burst: 50))
        limited.post("/v1/offers") { request, _ in
            let offer = try await request.json(OfferRequest.self, upTo: Self.bodyBytesMax)
            return try Self.json { try authority.offer(secret: Array(offer.token), at: now()) }
        }
        limited.post("/v1/enrollments") { request, _ in
            let message = try await request.json(CertificationRequest.self, upTo: Self.bodyBytesMax)
            return try Self.json { try authority.enroll(message, at: now()) }
        }
        limited.post("/v1/renewals") { request, context in
            let peer = try Self.peer(context)
            let message = try await request.json(CertificationRequest.self, upTo: Self.bodyBytesMax)
            return try Self.json { try authority.renew(message, peer: peer, at: now()) }
        }
        limited.post("/v1/revocations") { request, context in
            let peer = try Self.peer(context)
            let message = try await request.json(RevocationRequest.self, upTo: Self.bodyBytesMax)
            let digests = message.digests.compactMap { [UInt8](hex: $0) }
            return try Self.json {
                try authority.revoke(digests, of: peer.name, at: now())
                return ["revoked": digests.count]
            }
        }
        if let credentials {
            let rare = limited.group().add(middleware: RateLimit(perSecond: 0.5, burst: 10))
            rare.post("/v1/credentials") { request, context in
                let peer = try Self.peer(context)
                let message = try await request.json(CredentialRequest.self, upTo: 4_096)
                return try await Self.json { try await credentials.answer(message, peer: peer, at: now()) }
            }
        }
        return router
    }

    private static func peer(_ context: SecureRequestContext) throws -> PeerIdentity {
        guard let peer = context.peerIdentity else {
            throw Problem(.unauthorized, code: "certificate-required", detail: "show a client certificate")
        }
        return peer
    }

    private static func json(_ body: () throws -> some Encodable) throws -> Response {
        do { return try Response.json(try body()) } catch { throw Self.problem(error) }
    }

    private static func json(_ body: () async throws -> some Encodable) async throws -> Response {
        let answer: any Encodable
        do { answer = try await body() } catch { throw Self.problem(error) }
        return try Response.json(answer)
    }

    private static func problem(_ error: any Error) -> any Error {
        switch error {
        case let error as AuthorityError: Problem(error.status, code: error.code, detail: error.description)
        case let error as ProtocolFailure: Problem(error)
        default: error
        }
    }
}

extension AuthorityError {
    fileprivate var status: HTTPResponse.Status {
        switch self {
        case .tokenUnknown, .tokenExpired, .tokenUsed, .host, .certificate: .forbidden
        case .request, .argument, .credential: .unprocessableContent
        case .credentialLimit: .tooManyRequests
        case .directory: .internalServerError
        }
    }
}
