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
    /// Of those who read the document.
    private let limit = RateLimit(perSecond: 20, burst: 200)
    /// nil for a custodian that does not share by itself.
    let shares: ShareRoutes?
    let indexKeys: IndexKeyRoutes?
    let datasets: DatasetRoutes?

    init(
        custodian: Custodian,
        metrics: CustodianMetrics,
        shares: ShareRoutes? = nil,
        indexKeys: IndexKeyRoutes? = nil,
        datasets: DatasetRoutes? = nil
    ) {
        self.custodian = custodian
        self.metrics = metrics
        self.shares = shares
        self.indexKeys = indexKeys
        self.datasets = datasets
    }

    /// The router with all routes.
    func router() -> Router<SecureRequestContext> {
        let router = Router(context: SecureRequestContext.self)
        HealthRoutes.add(to: router, metrics: { [metrics] in metrics.text })
        for route in self.routes { route.add(to: router, of: self.custodian.identity.name.organization) }
        return router
    }

    /// All there is besides health and metrics; the router and the document are held to this list.
    var routes: [CustodianRoute] {
        self.ownRoutes + (self.shares?.routes ?? []) + (self.indexKeys?.routes ?? []) + (self.datasets?.routes ?? [])
    }

    private var ownRoutes: [CustodianRoute] {
        let owners: Set<PartyRole> = [.gateway, .institution, .custodian, .steward]
        return [
            CustodianRoute(.get, "/v1/openapi.json", for: .open(self.limit), answers: [200]) { _, _ in
                .bytes(Array(OpenAPIDocument.text.utf8), type: "application/json")
            },
            CustodianRoute(.get, "/v1/certificate", for: .roles(owners), answers: [200]) { [custodian] _, _ in
                .bytes(custodian.identity.certificate.bytes)
            },
            CustodianRoute(.post, "/v1/scopes", for: .own(owners), answers: [200, 413, 422], self.scope),
        ]
    }

    /// `POST /v1/scopes`: the descriptor of a label in an epoch; the same one each time.
    @Sendable private func scope(_ request: Request, _ context: SecureRequestContext) async throws -> Response {
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
