internal import CanonicalBytes
internal import Foundation
internal import Ledger

/// Entries as FHIR R4 `AuditEvent`s.
///
/// The chain knows people and data by names of parties and by digests, which stand in identifiers; what a pseudonym hides
/// stays hidden here.
package enum FHIRAuditEvent {
    private static let codes = "urn:wardline:audit"
    private static let dicom = "http://dicom.nema.org/resources/ontology/DCM"

    /// One resource, JSON in one line with sorted keys.
    ///
    /// - Parameters:
    ///   - entry: of a verified history.
    ///   - history: it is of, for names and texts.
    ///   - chain: the chain's name.
    /// - Returns: the resource.
    /// - Throws: never for text that is UTF-8.
    package static func json(_ entry: AuditEntry, of history: SharingHistory, chain: String) throws -> String {
        let object = self.object(entry, history, chain)
        let data = try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
        return String(decoding: data, as: UTF8.self)
    }

    private static func object(_ entry: AuditEntry, _ history: SharingHistory, _ chain: String) -> [String: Any] {
        var event: [String: Any] = [
            "resourceType": "AuditEvent",
            "type": self.type(of: entry),
            "subtype": [["system": self.codes, "code": entry.code]],
            "action": entry.isDelivery ? "R" : "E",
            "recorded": self.time(entry.time),
            "outcome": entry.isSuccess ? "0" : "4",
            "outcomeDesc": entry.what,
            "agent": self.agents(entry, history),
            "source": [
                "site": chain,
                "observer": [
                    "identifier": [
                        "system": "urn:wardline:transaction",
                        "value": "\(entry.channel.name)/\(entry.height)/\(entry.transaction.hex)",
                    ]
                ],
            ] as [String: Any],
            "entity": self.entities(entry, history),
        ]
        if !entry.purpose.isEmpty {
            event["purposeOfEvent"] = [["coding": [["system": "urn:wardline:purpose", "code": entry.purpose]]]]
        }
        return event
    }

    /// DICOM's kinds: an emergency override, an export of data, and everything else a use of the service.
    private static func type(of entry: AuditEntry) -> [String: Any] {
        switch entry.action {
        case .emergency: ["system": self.dicom, "code": "110127", "display": "Emergency Override Started"]
        case .delivered: ["system": self.dicom, "code": "110106", "display": "Export"]
        case .denied, .refused, .faulted: ["system": self.dicom, "code": "110113", "display": "Security Alert"]
        default: ["system": self.dicom, "code": "110100", "display": "Application Activity"]
        }
    }

    private static func agents(_ entry: AuditEntry, _ history: SharingHistory) -> [[String: Any]] {
        var agents: [[String: Any]] = []
        switch entry.actor {
        case .party(let name): agents.append(self.agent("urn:wardline:party", name, isRequestor: true))
        case .pseudonym(let digest):
            agents.append(self.agent("urn:wardline:certificate", digest.hex, isRequestor: true))
        case .nobody: agents.append(self.agent("urn:wardline:party", "nobody", isRequestor: true))
        }
        if !entry.receiver.isEmpty, entry.actor != .pseudonym(entry.receiver) {
            let name = history.party(certified: entry.receiver)
            let (system, value) =
                name.map { ("urn:wardline:party", $0) } ?? ("urn:wardline:certificate", entry.receiver.hex)
            agents.append(self.agent(system, value, isRequestor: false))
        }
        return agents
    }

    private static func agent(_ system: String, _ value: String, isRequestor: Bool) -> [String: Any] {
        ["who": ["identifier": ["system": system, "value": value]], "requestor": isRequestor]
    }

    private static func entities(_ entry: AuditEntry, _ history: SharingHistory) -> [[String: Any]] {
        func entity(_ system: String, _ value: [UInt8]) -> [String: Any] {
            ["what": ["identifier": ["system": system, "value": value.hex]]]
        }
        var entities = entry.scopes.map { entity("urn:wardline:scope", $0) }
        for (system, value) in [
            ("urn:wardline:offer", entry.offer), ("urn:wardline:permission", entry.permission),
            ("urn:wardline:grant", entry.grant),
            ("urn:wardline:delivery", entry.delivery),
        ] where !value.isEmpty { entities.append(entity(system, value)) }
        if !entry.exchange.isEmpty {
            entities.append(["what": ["identifier": ["system": "urn:wardline:exchange", "value": entry.exchange]]])
        }
        if !entry.policy.isEmpty {
            var policy = entity("urn:wardline:policy", entry.policy)
            if let text = history.policies[entry.policy] { policy["description"] = text }
            entities.append(policy)
        }
        return entities
    }

    private static func time(_ milliseconds: UInt64) -> String {
        // Seconds and thousandths apart: as a fraction some would come out one too small.
        let seconds = Date(timeIntervalSince1970: Double(milliseconds / 1_000)).formatted(.iso8601)
        let thousandths = String(milliseconds % 1_000 + 1_000).dropFirst()
        return "\(seconds.dropLast()).\(thousandths)Z"
    }
}

extension AuditEntry {
    /// The action in one word, for programs.
    package var code: String {
        switch self.action {
        case .asked: "asked"
        case .denied: "denied"
        case .permitted: "permitted"
        case .permissionRevoked: "permission-revoked"
        case .granted: "granted"
        case .grantRevoked: "grant-revoked"
        case .delivered: "delivered"
        case .acknowledged: "acknowledged"
        case .refused: "refused"
        case .faulted: "fault"
        case .consented: "consent"
        case .consentWithdrawn: "consent-withdrawn"
        case .offered: "offered"
        case .offerWithdrawn: "offer-withdrawn"
        case .holderNamed: "holder"
        case .labelled: "label"
        case .emergency: "emergency"
        case .policySet: "policy"
        case .policyWithdrawn: "policy-withdrawn"
        case .traceOrdered: "trace-ordered"
        case .traceAnswered: "trace-answered"
        case .askedAcross: "asked-across"
        case .exchangeClosed: "exchange-closed"
        case .deliveryTold: "delivery-told"
        case .exchangeReceived: "exchange-received"
        case .exchangeAnswered: "exchange-answered"
        case .exchangeUndone: "exchange-undone"
        }
    }
}
