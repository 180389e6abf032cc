internal import CanonicalBytes
internal import Certificates
internal import Dashboard
internal import Dispatch

/// Shows a custodian's desks to those who may see them, and takes stewards' decisions.
struct SharingDashboard: SharingDashboardSource {
    private static let itemsMax = 200

    let desk: ShareDesk
    let datasets: DatasetStore
    private let queue = DispatchQueue(label: "custodian-dashboard")

    init(desk: ShareDesk, datasets: DatasetStore) {
        self.desk = desk
        self.datasets = datasets
    }

    func sharing() async throws -> SharingView {
        try await self.blocking {
            _ = self.desk.rules.current
            return SharingView(
                now: Int64(clamping: self.desk.clock()),
                organization: self.desk.organization,
                rulesProblem: self.desk.rules.problem,
                waiting: try self.desk.store.items(in: [.waiting], limit: Self.itemsMax).map(self.item),
                items: try self.desk.store.newest(limit: Self.itemsMax).map(self.item),
                datasets: try self.datasets.datasets().map { entry in
                    SharingView.Dataset(
                        id: entry.plan.order.dataset,
                        state: entry.state.rawValue,
                        policy: entry.plan.policy,
                        scopes: entry.plan.scopeDigests.count,
                        keywords: entry.plan.order.keywords.count,
                        reason: entry.reason
                    )
                }
            )
        }
    }

    private func item(_ item: ShareItem) throws -> SharingView.Item {
        let certificate = try? ImplicitCertificate(bytes: item.certificate)
        let scope = try self.desk.custodian.registry.scope(digest: item.scope)
        return SharingView.Item(
            id: item.id.hex,
            state: item.state.rawValue,
            isOpen: item.state.isOpen,
            isStanding: item.subject == .permission && [.approved, .granted, .recorded].contains(item.state),
            kind: "\(item.kind.rawValue) \(item.subject.rawValue)",
            purpose: item.purpose,
            requester: item.requester,
            attributes: certificate?.fields.attributes ?? [],
            scope: scope.map { "\($0.label), epoch \($0.epoch)" } ?? "scope \(item.scope.prefix(8).hex)",
            time: Int64(clamping: item.time),
            ends: Int64(clamping: item.ends),
            rule: item.rule,
            approvals: try self.desk.store.approvals(of: item.id).map(\.steward),
            approvalsNeeded: item.approvals,
            reason: [item.code, item.reason].filter { !$0.isEmpty }.joined(separator: ": ")
        )
    }

    func decide(_ decision: SharingDecision, on id: String, by steward: PartyName) async throws -> String {
        guard steward.role == .steward, steward.organization.utf8.elementsEqual(self.desk.organization.utf8) else {
            return "Only a steward of \(self.desk.organization) decides, under her own name."
        }
        guard let bytes = [UInt8](hex: id), bytes.count == 32 else { return Self.sentence(.unknown) }
        return try await self.blocking {
            do {
                switch decision {
                case .approve: return Self.sentence(try self.desk.approve(bytes, by: steward, days: nil))
                case .deny: return Self.sentence(try self.desk.deny(bytes, by: steward))
                case .revoke: return Self.sentence(try self.desk.revoke(bytes, by: steward))
                }
            } catch let error as ShareDecisionError {
                return Self.sentence(error)
            }
        }
    }

    private static func sentence(_ item: ShareItem) -> String {
        "\(item.id.prefix(4).hex)… is \(item.state.rawValue) now."
    }

    private static func sentence(_ error: ShareDecisionError) -> String {
        switch error {
        case .unknown: "No request of this identifier is known here."
        case .notNow(let state): "It is \(state.rawValue); nobody can decide this now."
        case .sameSteward: "You have agreed already; another steward must agree too."
        }
    }

    private func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            self.queue.async { continuation.resume(with: Result(catching: body)) }
        }
    }
}
