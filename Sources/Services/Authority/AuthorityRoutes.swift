internal import CanonicalBytes
internal import Certificates
internal import Credentials
internal import Foundation
internal import Hummingbird
internal import SecureHTTP

/// The authority's HTTP interface.
///
/// `POST /v1/offers`, `POST /v1/enrollments` with a token; `POST /v1/renewals`, `POST /v1/revocations` with a client
/// certificate; `GET /v1/issuer`, `GET /v1/revocations` for everyone.
enum AuthorityRoutes {
    private static let bodyBytesMax = 65_536

    static func router(
        _ authority: Authority,
        metrics: RequestMetrics,
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
        return router
    }

    private static func peer(_ context: SecureRequestContext) throws -> PeerIdentity {
        guard let peer = context.peerIdentity else {
            throw Problem(.unauthorized, code: "certificate-required", detail: "show a client certificate")
        }
        return peer
    }

    private static func json(_ body: () throws -> some Encodable) throws -> Response {
        do { return try Response.json(try body()) } catch let error as AuthorityError {
            throw Problem(error.status, code: error.code, detail: error.description)
        }
    }
}

extension AuthorityError {
    fileprivate var status: HTTPResponse.Status {
        switch self {
        case .tokenUnknown, .tokenExpired, .tokenUsed, .host, .certificate: .forbidden
        case .request, .argument: .unprocessableContent
        case .directory: .internalServerError
        }
    }
}
