internal import CanonicalBytes
internal import Certificates
internal import Credentials
internal import Hummingbird
internal import SecureHTTP

/// Data sets and the holders of scopes, for stewards.
struct DatasetRoutes: Sendable {
    private static let bodyBytesMax = 32_768

    let desk: DatasetDesk

    var routes: [CustodianRoute] {
        let stewards = CustodianRoute.Door.own([.steward])
        return [
            CustodianRoute(.get, "/v1/datasets", for: stewards, answers: [200], self.list),
            CustodianRoute(.get, "/v1/datasets/{id}", for: stewards, answers: [200, 404], self.show),
            CustodianRoute(.post, "/v1/datasets", for: stewards, answers: [202, 409, 413, 422], self.publish),
            CustodianRoute(.delete, "/v1/datasets/{id}", for: stewards, answers: [202, 404], self.withdraw),
            CustodianRoute(.get, "/v1/holders", for: stewards, answers: [200], self.holders),
            CustodianRoute(.post, "/v1/holders", for: stewards, answers: [202, 413, 422], self.hold),
        ]
    }

    @Sendable private func list(_ request: Request, _ context: SecureRequestContext) async throws -> Response {
        try .json(["datasets": self.desk.store.datasets().map(self.document)])
    }

    @Sendable private func show(_ request: Request, _ context: SecureRequestContext) async throws -> Response {
        guard let entry = try self.desk.store.dataset(ShareRoutes.identifier(context, "id")) else {
            throw Self.problem(.unknown)
        }
        return try .json(self.document(entry))
    }

    /// `POST /v1/datasets`: 202, because the chain takes a moment; `GET` tells when it is published.
    @Sendable private func publish(_ request: Request, _ context: SecureRequestContext) async throws -> Response {
        let order = try await request.json(DatasetOrder.self, upTo: Self.bodyBytesMax)
        return try self.answer { try self.desk.publish(order) }
    }

    @Sendable private func withdraw(_ request: Request, _ context: SecureRequestContext) async throws -> Response {
        try self.answer { try self.desk.withdraw(ShareRoutes.identifier(context, "id")) }
    }

    @Sendable private func holders(_ request: Request, _ context: SecureRequestContext) async throws -> Response {
        let holders = try self.desk.store.holders()
        return try .json(["holders": holders.map { HolderDocument(patient: $0.patient, labelPrefix: $0.prefix) }])
    }

    @Sendable private func hold(_ request: Request, _ context: SecureRequestContext) async throws -> Response {
        let document = try await request.json(HolderDocument.self, upTo: Self.bodyBytesMax)
        guard let patient = PartyName(document.patient) else {
            throw Self.problem(.order("patient must be a party's name, organization:patient:name"))
        }
        do { try self.desk.hold(patient, prefix: document.labelPrefix) } catch let error as DatasetError {
            throw Self.problem(error)
        }
        return try .json(document, status: .accepted)
    }

    private func answer(_ body: () throws -> DatasetEntry) throws -> Response {
        do { return try .json(self.document(body()), status: .accepted) } catch let error as DatasetError {
            throw Self.problem(error)
        }
    }

    private static func problem(_ error: DatasetError) -> Problem {
        switch error {
        case .order(let why): Problem(.unprocessableContent, code: "bad-order", detail: why)
        case .exists:
            Problem(.conflict, code: "dataset-exists", detail: "another data set has this identifier")
        case .anotherPolicy(let other):
            Problem(
                .conflict,
                code: "another-policy",
                detail: "a scope is in data set \(other) under another policy; withdraw that one first"
            )
        case .unknown: Problem(.notFound, code: "unknown-dataset", detail: "no data set of this identifier")
        }
    }

    private func document(_ entry: DatasetEntry) throws -> DatasetDocument {
        DatasetDocument(
            dataset: entry.plan.order.dataset,
            state: entry.state.rawValue,
            reason: entry.reason,
            scopes: try entry.plan.scopeDigests.map { digest in
                let scope = try self.desk.custodian.registry.scope(digest: digest)
                return DatasetDocument.Scope(
                    digest: digest.hex,
                    label: scope?.label,
                    epoch: scope?.epoch,
                    indexKeys: try self.desk.store.wrapCount(of: digest)
                )
            },
            from: entry.plan.from,
            to: entry.plan.to,
            policy: entry.plan.policy,
            circuit: entry.plan.order.circuit,
            permissionSeconds: entry.plan.order.permissionSeconds,
            keywords: entry.plan.order.keywords,
            epoch: entry.plan.epoch
        )
    }
}
