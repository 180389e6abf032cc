import Foundation

/// An item of the custodian's queue, as far as people look at it.
struct ShareAnswer: Decodable {
    struct Scope: Decodable {
        let digest: String
        let label: String?
        let epoch: UInt64?

        var text: String {
            self.label.map { "\($0), epoch \(self.epoch ?? 0)" } ?? "\(self.digest), which is unknown here"
        }
    }

    struct Approval: Decodable {
        let steward: String
        let time: UInt64
    }

    let id: String
    let subject: String
    let state: String
    let kind: String
    let scope: Scope
    let purpose: String
    let requester: String
    let certificate: String
    let attributes: [String]
    let ends: UInt64
    let rule: String
    let approvals_needed: Int
    let approvals: [Approval]
    let days_max: UInt64?
    let code: String
    let reason: String
    let next_try: UInt64
    let grant: String?
    let permission: String?
    let centers_missing: [String]
    let statement: String?

    /// One line of the queue.
    var line: String {
        let who = self.requester.isEmpty ? "a pseudonym" : self.requester
        let agreed = self.state == "waiting" ? " (\(self.approvals.count) of \(self.approvals_needed) agree)" : ""
        return "\(self.id)  \(self.subject) \(self.kind)  \(self.state)\(agreed)\n"
            + "    \(who), \(self.purpose), \(self.scope.text), until \(ExplorerText.time(self.ends))\n"
    }

    /// Everything.
    var text: String {
        var lines = [
            ("", "\(self.subject) \(self.id)"), ("state", self.state),
            ("kind", self.kind), ("requester", self.requester.isEmpty ? "a pseudonym" : self.requester),
            ("certificate", self.certificate), ("attributes", self.attributes.joined(separator: ", ")),
            ("purpose", self.purpose), ("scope", self.scope.text), ("until", ExplorerText.time(self.ends)),
            ("rule", self.rule), ("agreed", self.approvals.map(\.steward).joined(separator: ", ")),
            ("needed", "\(self.approvals_needed)"), ("days at most", self.days_max.map { "\($0)" } ?? ""),
            ("code", self.code), ("why", self.reason), ("grant", self.grant ?? ""),
            ("permission", self.permission ?? ""), ("without it", self.centers_missing.joined(separator: ", ")),
            ("statement", self.statement ?? ""),
        ]
        if self.next_try > 0 { lines.append(("next attempt", ExplorerText.time(self.next_try))) }
        return lines.filter { !$0.1.isEmpty }
            .map { ($0.0.isEmpty ? "" : "  " + $0.0.padding(toLength: 14, withPad: " ", startingAt: 0)) + $0.1 + "\n" }
            .joined()
    }
}

struct ShareListAnswer: Decodable {
    let items: [ShareAnswer]
    let rules_problem: String?

    var text: String {
        let warning = self.rules_problem.map { "the rules of sharing are refused: \($0)\n" } ?? ""
        return warning + self.items.map(\.line).joined()
    }
}

/// A data set as the custodian tells of it.
struct DatasetAnswer: Decodable {
    struct Scope: Decodable {
        let digest: String
        let label: String?
        let epoch: UInt64?
        let index_keys: Int
    }

    let dataset: String
    let state: String
    let reason: String
    let scopes: [Scope]
    let policy: String
    let keywords: [String]
    let from: UInt64
    let to: UInt64

    var text: String {
        let keywords = self.keywords.isEmpty ? "" : "; \(self.keywords.joined(separator: ", "))"
        let why = self.reason.isEmpty ? "" : "\n    \(self.reason)"
        let scopes = self.scopes.map { scope in
            "    \(scope.label ?? scope.digest), epoch \(scope.epoch ?? 0), \(scope.index_keys) index keys\n"
        }
        return "\(self.dataset)  \(self.state)\(why)\n    \(ExplorerText.time(self.from)) to "
            + "\(ExplorerText.time(self.to)); \(self.policy)\(keywords)\n" + scopes.joined()
    }
}

struct DatasetListAnswer: Decodable { let datasets: [DatasetAnswer] }

struct HolderListAnswer: Decodable {
    struct Holder: Codable {
        let patient: String
        let label_prefix: String
    }

    let holders: [Holder]
}
