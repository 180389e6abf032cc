internal import Certificates
internal import Credentials
internal import Foundation
internal import Hummingbird
internal import Logging
internal import SecureHTTP

/// What a custodian answers: scopes for gateways, and what its desks do.
struct CustodianRoutes: Sendable {
    /// Bytes of a request's body at most.
    private static let bodyBytesMax = 4_096

    let custodian: Custodian
    let metrics: CustodianMetrics
    /// nil for a custodian that does not share by itself.
    var shares: ShareRoutes?
    var indexKeys: IndexKeyRoutes?
    var datasets: DatasetRoutes?

    func router() -> Router<SecureRequestContext> {
        let router = Router(context: SecureRequestContext.self)
        HealthRoutes.add(to: router, metrics: { [metrics] in metrics.text })
        self.shares?.add(to: router)
        self.indexKeys?.add(to: router)
        self.datasets?.add(to: router)
        router.group("v1").add(middleware: RequireRole(.gateway, .institution, .custodian, .steward))
            .post("scopes", use: self.scope)
            .get("certificate") { [custodian] _, _ in Response.bytes(custodian.identity.certificate.bytes) }
        return router
    }

    /// `POST /v1/scopes`: the descriptor of a label in an epoch; the same one each time.
    @Sendable private func scope(_ request: Request, _ context: SecureRequestContext) async throws -> Response {
        try Self.requireOrganization(self.custodian.identity.name.organization, context)
        let wanted = try await request.json(ScopeRequest.self, upTo: Self.bodyBytesMax)
        do {
            let scope = try self.custodian.scope(label: wanted.label, epoch: wanted.epoch)
            return try .json(
                ScopeAnswer(
                    descriptor: Data(scope.descriptor),
                    ownerCertificate: Data(scope.ownerCertificate)
                )
            )
        } catch let error as CustodianError {
            throw Problem(.unprocessableContent, code: "bad-label", detail: error.description)
        }
    }

    /// A consortium's parties have certificates of one authority; labels and decisions are nobody's business but the
    /// institution's.
    @discardableResult
    static func requireOrganization(_ organization: String, _ context: SecureRequestContext) throws -> PartyName {
        guard let peer = context.peer, peer.organization.utf8.elementsEqual(organization.utf8) else {
            throw Problem(
                .forbidden,
                code: "other-organization",
                detail: "this custodian serves \(organization) only"
            )
        }
        return peer
    }
}

private struct ScopeRequest: Decodable {
    let label: String
    let epoch: UInt64
}

private struct ScopeAnswer: Encodable {
    let descriptor: Data
    let ownerCertificate: Data

    enum CodingKeys: String, CodingKey {
        case descriptor
        case ownerCertificate = "owner_certificate"
    }
}
