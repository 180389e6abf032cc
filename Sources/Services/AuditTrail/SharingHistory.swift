internal import CanonicalBytes
internal import Certificates
internal import Contracts
internal import IBTP
package import Ledger
internal import Transcripts

/// Everything about sharing that two channels of a chain tell, block by block.
///
/// Blocks have to be verified before they come here, with the receipts that their execution gave.
package struct SharingHistory: Sendable {
    /// Texts of policies by their digest.
    package private(set) var policies: [[UInt8]: String] = [:]
    /// Changes with every block that tells anything about sharing.
    package private(set) var revision: UInt64 = 0
    /// Whether entries were forgotten (``forget(keeping:)``).
    package private(set) var hasForgotten = false
    private let namesPatients: Bool
    private var recorded: [AuditEntry] = []
    private var requests: [[UInt8]: RequestAccess] = [:]
    private var askers: [[UInt8]: [UInt8]] = [:]
    private var permissions: [[UInt8]: Permission] = [:]
    private var grants: [[UInt8]: RecordGrant] = [:]
    private var deliveries: [[UInt8]: RecordDelivery] = [:]
    private var consents: [[UInt8]: [[UInt8]]] = [:]
    /// The holder of each scope that was named last.
    private var holders: [ScopeOfOrganization: String] = [:]
    /// The scopes of each label.
    private var labels: [[UInt8]: Set<[UInt8]>] = [:]
    /// Certificates that asked, by exchange.
    private var exchanges: [String: [UInt8]] = [:]
    /// Names of certified parties by the digest of a certificate that signed.
    private var parties: [[UInt8]: String] = [:]

    private struct ScopeOfOrganization: Hashable {
        let organization: String
        let scope: [UInt8]
    }

    /// - Parameter namesPatients: false tells of a patient only whose patient she is, wherever a party is told.
    package init(namesPatients: Bool = true) { self.namesPatients = namesPatients }

    /// Takes the next block of a channel in.
    ///
    /// - Parameters:
    ///   - block: verified.
    ///   - receipts: of its transactions, in their order.
    package mutating func append(_ block: LedgerBlock, _ receipts: [TransactionReceipt]) {
        let count = self.recorded.count
        defer { if self.recorded.count != count { self.revision += 1 } }
        for (transaction, receipt) in zip(block.transactions, receipts) {
            let scene = Scene(transaction, receipt, block.header)
            if case .party(let name) = scene.actor { self.parties[transaction.body.signer] = name }
            do { try self.note(scene) } catch {
                // Bytes that are no arguments were refused by the contract; they tell nothing about anybody's data.
            }
        }
    }

    /// What happened, in the order of time; index entries come with what the access channel knows about them.
    package var entries: [AuditEntry] {
        Self.inTime(self.recorded.map(self.completed))
    }

    private static func inTime(_ entries: [AuditEntry]) -> [AuditEntry] {
        entries.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
    }

    /// The scopes that a patient was named the holder of last, of any organization.
    package func scopes(heldBy party: String) -> Set<[UInt8]> {
        Set(self.holders.filter { $0.value.utf8.elementsEqual(party.utf8) }.map(\.key.scope))
    }

    /// The scopes that were said to be of a label; none for what is no label.
    package func scopes(ofLabel digest: [UInt8]) -> Set<[UInt8]> { self.labels[digest] ?? [] }

    /// The party that signed under a certificate; nil for pseudonyms and for those who never signed.
    package func party(certified digest: [UInt8]) -> String? {
        self.parties[digest].map { self.namesPatients ? $0 : PatientNames.left(out: $0) }
    }

    /// How many entries there are.
    package var count: Int { self.recorded.count }

    /// Forgets the oldest entries, and what no later one can need: a program that follows a chain for years must not
    /// grow with it.
    ///
    /// What is kept tells all that it told before. An entry of a permission that was over for long comes without its
    /// particulars afterwards.
    ///
    /// - Parameter kept: how many entries stay.
    package mutating func forget(keeping kept: Int) {
        guard self.recorded.count > kept else { return }
        self.recorded = Self.inTime(self.recorded.map(self.filled)).suffix(max(0, kept))
        self.hasForgotten = true
        self.revision += 1
        let horizon = self.recorded.map(\.time).min() ?? .max
        self.permissions = self.permissions.filter { $0.value.validUntil >= horizon }
        self.grants = self.grants.filter { self.permissions[$0.value.permission] != nil }
        self.deliveries = self.deliveries.filter { self.grants[$0.value.grant] != nil }
        self.requests = self.requests.filter { $0.value.expires >= horizon }
        self.askers = self.askers.filter { self.requests[$0.key] != nil }
        let exchanges = Set(self.recorded.map(\.exchange))
        self.exchanges = self.exchanges.filter { exchanges.contains($0.key) }
    }

    // MARK: - Blocks

    /// A transaction with what came of it.
    private struct Scene {
        let body: TransactionBody
        let receipt: TransactionReceipt
        let header: BlockHeader
        let actor: AuditActor

        init(_ transaction: Transaction, _ receipt: TransactionReceipt, _ header: BlockHeader) {
            self.body = transaction.body
            self.receipt = receipt
            self.header = header
            self.actor = AuditActor(transaction)
        }

        func entry(_ action: AuditEntry.Action) -> AuditEntry {
            AuditEntry(
                action: action,
                time: self.header.time,
                channel: self.header.channel,
                height: self.header.height,
                transaction: self.receipt.transaction,
                actor: self.actor
            )
        }

        func arguments<Arguments: MethodArguments>(_ type: Arguments.Type) throws(ProtocolFailure) -> Arguments {
            try Arguments(bytes: self.body.arguments)
        }

        var name: String { "\(self.body.contract).\(self.body.method)" }
        var isDone: Bool { self.receipt.code == 0 }
    }

    private mutating func note(_ scene: Scene) throws(ProtocolFailure) {
        switch scene.name {
        case "access.request": try self.noteRequest(scene, scene.arguments(RequestAccess.self))
        case "zk.request": try self.noteRequest(scene, scene.arguments(ProveAccess.self).access)
        case "access.accept": try self.noteAcceptance(scene)
        case "access.emergency": try self.noteEmergency(scene)
        case "access.permit", "access.deny": try self.noteDecision(scene)
        case "interchain.call": try self.noteCall(scene)
        default:
            guard scene.isDone else { return try self.noteFailure(scene) }
            try self.noteRest(scene)
        }
        try self.notePermission(scene)
    }

    private mutating func noteRequest(_ scene: Scene, _ asked: RequestAccess) throws(ProtocolFailure) {
        if scene.isDone {
            self.requests[asked.request] = asked
            self.askers[asked.request] = scene.body.signer
        }
        var entry = scene.entry(scene.isDone ? .asked : .denied(code: scene.receipt.code))
        entry.describe(asked, by: scene.body.signer)
        self.recorded.append(entry)
    }

    private mutating func noteAcceptance(_ scene: Scene) throws(ProtocolFailure) {
        let accepted = try scene.arguments(AcceptOffer.self)
        var entry = scene.entry(scene.isDone ? .asked : .denied(code: scene.receipt.code))
        entry.request = accepted.request
        entry.scopes = [accepted.scope]
        entry.offer = accepted.offer
        entry.receiver = scene.body.signer
        self.recorded.append(entry)
    }

    private mutating func noteEmergency(_ scene: Scene) throws(ProtocolFailure) {
        let taken = try scene.arguments(EmergencyAccess.self)
        var entry = scene.entry(scene.isDone ? .emergency(taken.reason) : .denied(code: scene.receipt.code))
        entry.request = taken.request
        entry.scopes = [taken.scope]
        entry.organization = taken.organization
        entry.purpose = EmergencyAccess.purpose
        entry.receiver = scene.body.signer
        self.recorded.append(entry)
    }

    /// An owner's denial, or a decision that consents stood in the way of.
    private mutating func noteDecision(_ scene: Scene) throws(ProtocolFailure) {
        let isDenial = scene.body.method == "deny"
        guard isDenial == scene.isDone else { return }
        let request =
            isDenial ? try scene.arguments(DenyAccess.self).request : try scene.arguments(PermitAccess.self).request
        var entry = scene.entry(.denied(code: scene.receipt.code))
        entry.request = request
        self.recorded.append(entry)
    }

    /// The permission that a transaction brought, from whichever method.
    private mutating func notePermission(_ scene: Scene) throws(ProtocolFailure) {
        guard let event = scene.receipt.events.first(where: { $0.topic.utf8.elementsEqual("access.permitted".utf8) })
        else { return }
        let permission = try Permission(bytes: event.data)
        self.permissions[permission.id] = permission
        var entry = scene.entry(.permitted(permission.kind))
        entry.describe(permission)
        self.recorded.append(entry)
    }

    /// Deliveries and grants that were refused are told; other rejections concern nobody's data.
    private mutating func noteFailure(_ scene: Scene) throws(ProtocolFailure) {
        var entry = scene.entry(.denied(code: scene.receipt.code))
        switch scene.name {
        case "sharing.grant":
            let grant = try scene.arguments(RecordGrant.self)
            (entry.grant, entry.permission, entry.scopes) = (grant.grant, grant.permission, [grant.scope])
        case "sharing.delivery":
            let delivery = try scene.arguments(RecordDelivery.self)
            (entry.grant, entry.receiver) = (delivery.grant, delivery.receiver)
        default: return
        }
        self.recorded.append(entry)
    }

    private mutating func noteRest(_ scene: Scene) throws(ProtocolFailure) {
        var entry: AuditEntry
        switch scene.name {
        case "access.revoke-permission":
            entry = scene.entry(.permissionRevoked)
            entry.permission = try scene.arguments(RevokePermission.self).permission
        case "access.consent-set", "access.consent-withdraw", "access.offer", "access.offer-withdraw",
            "access.scope-holder", "access.scope-label":
            guard let noted = try self.noteWill(scene) else { return }
            entry = noted
        case "access.trace-order":
            entry = scene.entry(.traceOrdered)
            entry.receiver = try scene.arguments(OrderTrace.self).certificate
        case "access.trace-answer": entry = scene.entry(.traceAnswered)
        case "zk.policy":
            let set = try scene.arguments(SetPolicy.self)
            entry = scene.entry(.policySet)
            entry.scopes = [set.scope]
            entry.policy = TaggedHash.digest("POLICY", Array(set.text.utf8))
            self.policies[entry.policy] = set.text
        case "zk.policy-withdraw":
            entry = scene.entry(.policyWithdrawn)
            entry.scopes = [try scene.arguments(WithdrawPolicy.self).scope]
        case "interchain.deliver", "interchain.close", "interchain.finish": return try self.noteExchange(scene)
        default:
            guard let noted = try self.noteSharing(scene) else { return }
            entry = noted
        }
        self.recorded.append(entry)
    }

    /// What patients, and custodians for them, say.
    private mutating func noteWill(_ scene: Scene) throws(ProtocolFailure) -> AuditEntry? {
        switch scene.name {
        case "access.consent-set":
            let consent = try scene.arguments(SetConsent.self)
            var entry = scene.entry(.consented(consent.mode))
            switch consent.subject {
            case .scopes(let scopes): entry.scopes = scopes
            case .label(let digest): entry.scopes = [digest]
            }
            entry.purpose = consent.purpose
            self.consents[consent.consent] = entry.scopes
            return entry
        case "access.consent-withdraw":
            var entry = scene.entry(.consentWithdrawn)
            entry.scopes = self.consents[try scene.arguments(WithdrawConsent.self).consent] ?? []
            return entry
        case "access.offer":
            let offer = try scene.arguments(OfferAccess.self)
            var entry = scene.entry(.offered(to: offer.grantee.text))
            (entry.scopes, entry.purpose, entry.offer) = (offer.scopes, offer.purpose, offer.offer)
            self.consents[offer.offer] = offer.scopes
            return entry
        case "access.offer-withdraw":
            var entry = scene.entry(.offerWithdrawn)
            entry.offer = try scene.arguments(WithdrawOffer.self).offer
            entry.scopes = self.consents[entry.offer] ?? []
            return entry
        case "access.scope-holder":
            let named = try scene.arguments(SetScopeHolder.self)
            var entry = scene.entry(.holderNamed(named.holder.description))
            (entry.scopes, entry.organization) = (named.scopes, named.holder.organization)
            for scope in named.scopes {
                let place = ScopeOfOrganization(organization: named.holder.organization, scope: scope)
                self.holders[place] = named.holder.description
            }
            return entry
        case "access.scope-label":
            let told = try scene.arguments(SetScopeLabel.self)
            var entry = scene.entry(.labelled)
            entry.scopes = told.scopes
            self.labels[told.label, default: []].formUnion(told.scopes)
            return entry
        default: return nil
        }
    }

    /// What happens under a permission on the index channel.
    private mutating func noteSharing(_ scene: Scene) throws(ProtocolFailure) -> AuditEntry? {
        switch scene.name {
        case "sharing.grant":
            let grant = try scene.arguments(RecordGrant.self)
            self.grants[grant.grant] = grant
            var entry = scene.entry(.granted)
            (entry.grant, entry.permission, entry.scopes) = (grant.grant, grant.permission, [grant.scope])
            return entry
        case "sharing.revoke-grant":
            var entry = scene.entry(.grantRevoked)
            entry.grant = try scene.arguments(RevokeGrant.self).grant
            return entry
        case "sharing.delivery":
            let delivery = try scene.arguments(RecordDelivery.self)
            var entry = scene.entry(.delivered(count: delivery.count))
            (entry.grant, entry.receiver) = (delivery.grant, delivery.receiver)
            if case .party(let name) = scene.actor, let center = PartyName(name) {
                entry.delivery = Delivery.id(delivery, by: center)
                self.deliveries[entry.delivery] = delivery
            }
            return entry
        case "sharing.deliver-ack":
            let acknowledged = try scene.arguments(AcknowledgeDelivery.self)
            var entry = scene.entry(.acknowledged(acknowledged.outcome))
            entry.delivery = acknowledged.delivery
            return entry
        case "sharing.refuse":
            let refusal = try scene.arguments(RecordRefusal.self)
            var entry = scene.entry(.refused(refusal.step, code: refusal.code))
            entry.permission = refusal.permission
            return entry
        case "sharing.fault":
            let fault = try scene.arguments(RecordFault.self)
            var entry = scene.entry(.faulted(fault.kind, accused: fault.accused.description))
            entry.permission = fault.permission
            return entry
        default: return nil
        }
    }

    // MARK: - Between chains

    /// Somebody asks services of other chains, one exchange each.
    private mutating func noteCall(_ scene: Scene) throws(ProtocolFailure) {
        var entry = scene.entry(.denied(code: scene.receipt.code))
        entry.receiver = scene.body.signer
        guard scene.isDone else { return self.recorded.append(entry) }
        for event in scene.receipt.events where event.topic.utf8.elementsEqual(OutboundTree.out.topic.utf8) {
            guard case .message(let message) = try OutboundLeaf(bytes: event.data) else { continue }
            entry = scene.entry(.askedAcross(to: message.to))
            (entry.exchange, entry.receiver) = (try message.id.description, scene.body.signer)
            self.exchanges[entry.exchange] = entry.receiver
            self.recorded.append(entry)
        }
    }

    /// What the relay chain brought, and what this chain says to it.
    private mutating func noteExchange(_ scene: Scene) throws(ProtocolFailure) {
        if scene.body.method.utf8.elementsEqual(FinishCall.method.utf8) {
            let finish = try scene.arguments(FinishCall.self)
            var entry = scene.entry(.exchangeAnswered)
            (entry.exchange, entry.request) = (finish.id.description, finish.request)
            return self.recorded.append(entry)
        }
        for event in scene.receipt.events {
            guard let entry = try self.entry(of: event, scene) else { continue }
            self.recorded.append(entry)
        }
    }

    private func entry(of event: ContractEvent, _ scene: Scene) throws(ProtocolFailure) -> AuditEntry? {
        var entry: AuditEntry
        switch event.topic {
        case ExchangeClosed.topic:
            let closed = try ExchangeClosed(bytes: event.data)
            entry = scene.entry(.exchangeClosed(closed.status))
            entry.exchange = closed.id.description
            if let data = closed.result, data.count == 2 {
                (entry.permission, entry.scopes) = (data[0], [data[1]])
            }
        case ExchangeReceived.topic:
            entry = scene.entry(.exchangeReceived)
            entry.exchange = try ExchangeReceived(bytes: event.data).id.description
        case ExchangeUndone.topic:
            let undone = try ExchangeUndone(bytes: event.data)
            entry = scene.entry(.exchangeUndone)
            entry.exchange = undone.id.description
            if undone.permission.contains(where: { $0 != 0 }) { entry.permission = undone.permission }
        case DeliveryTold.topic:
            let told = try DeliveryTold(bytes: event.data)
            entry = scene.entry(.deliveryTold)
            (entry.exchange, entry.delivery) = (told.share.description, told.delivery)
        default: return nil
        }
        entry.receiver = self.exchanges[entry.exchange] ?? []
        return entry
    }

    // MARK: - What belongs together

    /// An entry with what other entries tell about its delivery, grant, permission and request.
    private func completed(_ entry: AuditEntry) -> AuditEntry {
        let entry = self.filled(entry)
        return self.namesPatients ? entry : entry.withoutPatients
    }

    private func filled(_ entry: AuditEntry) -> AuditEntry {
        var entry = entry
        if entry.grant.isEmpty, let delivery = self.deliveries[entry.delivery] { entry.grant = delivery.grant }
        if entry.permission.isEmpty, let grant = self.grants[entry.grant] { entry.permission = grant.permission }
        if let permission = self.permissions[entry.permission] { entry.describe(permission) }
        if let asked = self.requests[entry.request], entry.organization.isEmpty || entry.receiver.isEmpty {
            entry.describe(asked, by: self.askers[asked.request] ?? entry.receiver)
        }
        return entry
    }
}

extension AuditEntry {
    fileprivate mutating func describe(_ asked: RequestAccess, by requester: [UInt8]) {
        self.request = asked.request
        self.scopes = [asked.scope]
        self.policy = asked.policy
        self.organization = asked.organization
        self.purpose = asked.purpose
        self.receiver = requester
    }

    fileprivate mutating func describe(_ permission: Permission) {
        self.permission = permission.id
        self.request = permission.request
        self.scopes = [permission.scope]
        self.policy = permission.policy
        self.organization = permission.organization
        self.purpose = permission.purpose
        self.receiver = permission.requester
        if permission.kind == .offered { self.offer = permission.basis }
    }
}

extension ExchangeClosed {
    /// What the other chain's answer holds: of a success the permission and its scope.
    fileprivate var result: [[UInt8]]? {
        guard self.status == .success, let payload = try? InterchainPayload(bytes: self.payload, .tolerant),
            let result = try? InterchainResult(bytes: payload.content, .tolerant)
        else { return nil }
        return result.data.first
    }
}
