internal import CanonicalBytes
internal import Contracts
internal import IBTP
internal import Ledger

/// Which entries of a history are asked for; what is nil or empty is not asked about.
package struct AuditQuery: Sendable {
    /// A patient, `organization:patient:name`: what concerns the scopes that she holds.
    package var patient: String?
    /// A scope's digest, or its first bytes.
    package var scope: [UInt8]?
    /// Whose data.
    package var organization: String?
    /// An organization whose data it is, or one of whose parties asked, got or gave.
    package var institution: String?
    /// Whoever asked, got or gave: a party's name.
    package var party: String?
    /// The certificate that asked and got.
    package var certificate: [UInt8]?
    /// A patient's offer, and what stands on it.
    package var offer: [UInt8]?
    /// Milliseconds since 1970, inclusive.
    package var from: UInt64 = 0
    /// Milliseconds since 1970, inclusive.
    package var to: UInt64 = .max
    /// Deliveries alone, which are what somebody saw.
    package var isOfDeliveries = false

    package init() {}

    /// The entries that are asked for, in the order of time.
    package func entries(of history: SharingHistory) -> [AuditEntry] {
        self.entries(among: history.entries, of: history)
    }

    /// The same among entries that were taken out of the history before.
    package func entries(among entries: [AuditEntry], of history: SharingHistory) -> [AuditEntry] {
        let held = self.patient.map { history.scopes(heldBy: $0) }
        return entries.filter { entry in
            guard (self.from...max(self.from, self.to)).contains(entry.time) else { return false }
            if let held, entry.scopes.allSatisfy({ !held.contains($0) }) { return false }
            if let scope = self.scope, !self.concerns(scope, entry, history) { return false }
            if let organization = self.organization, !entry.organization.isSame(as: organization) { return false }
            if let institution = self.institution, !self.involves(institution, entry, history) { return false }
            if let certificate = self.certificate, entry.receiver != certificate { return false }
            if let offer = self.offer, entry.offer != offer { return false }
            if let party = self.party, !self.concerns(party, entry, history) { return false }
            if self.isOfDeliveries, !entry.isDelivery { return false }
            return true
        }
    }

    /// Whether an entry is about a scope, or about the label that it is of.
    private func concerns(_ scope: [UInt8], _ entry: AuditEntry, _ history: SharingHistory) -> Bool {
        entry.scopes.contains { $0.starts(with: scope) }
            || entry.scopes.contains { history.scopes(ofLabel: $0).contains { $0.starts(with: scope) } }
    }

    private func involves(_ institution: String, _ entry: AuditEntry, _ history: SharingHistory) -> Bool {
        if entry.organization.isSame(as: institution) { return true }
        let prefix = "\(institution):"
        if case .party(let name) = entry.actor, name.utf8.starts(with: prefix.utf8) { return true }
        return history.party(certified: entry.receiver)?.utf8.starts(with: prefix.utf8) ?? false
    }

    private func concerns(_ party: String, _ entry: AuditEntry, _ history: SharingHistory) -> Bool {
        if case .party(let name) = entry.actor, name.isSame(as: party) { return true }
        return history.party(certified: entry.receiver)?.isSame(as: party) ?? false
    }
}

extension AuditEntry {
    var isDelivery: Bool {
        if case .delivered = self.action { return true }
        return false
    }

    /// One word, and what belongs to it in brackets.
    package var what: String {
        switch self.action {
        case .asked: "asked"
        case .denied(let code): code == 0 ? "denied (owner)" : "denied (\(RejectionCode.text(code)))"
        case .permitted(let kind): "permitted (\(kind))"
        case .permissionRevoked: "permission revoked"
        case .granted: "granted"
        case .grantRevoked: "grant revoked"
        case .delivered(let count): "delivered (\(count) envelopes)"
        case .acknowledged(let outcome): "acknowledged (\(outcome))"
        case .refused(let step, let code): "refused (\(step): \(code))"
        case .faulted(let kind, let accused): "fault (\(kind) of \(accused))"
        case .consented(let mode): "consent (\(mode))"
        case .consentWithdrawn: "consent withdrawn"
        case .offered(let grantee): "offered (\(grantee))"
        case .offerWithdrawn: "offer withdrawn"
        case .holderNamed(let holder): "holder (\(holder))"
        case .labelled: "label told"
        case .emergency(let reason): "EMERGENCY (\(reason))"
        case .policySet: "policy set"
        case .policyWithdrawn: "policy withdrawn"
        case .traceOrdered: "trace ordered"
        case .traceAnswered: "trace answered"
        case .askedAcross(let service): "asked another chain (\(service))"
        case .exchangeClosed(let status): "exchange over (\(status))"
        case .deliveryTold: "delivered on another chain"
        case .exchangeReceived: "asked by another chain"
        case .exchangeAnswered: "answered another chain"
        case .exchangeUndone: "exchange undone"
        }
    }

    /// Whether it did what was wanted.
    package var isSuccess: Bool {
        switch self.action {
        case .denied, .refused, .faulted, .acknowledged(.faulty), .exchangeUndone: false
        case .exchangeClosed(let status): status == .success
        default: true
        }
    }
}

extension String {
    // Text is compared as bytes: `==` equates different ones.
    fileprivate func isSame(as other: String) -> Bool { self.utf8.elementsEqual(other.utf8) }
}
