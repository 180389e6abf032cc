internal import CanonicalBytes
internal import Certificates

/// An item as stewards see it.
struct ShareDocument: Encodable {
    struct Scope: Encodable {
        let digest: String
        /// Absent for a scope that is none of this custodian's.
        let label: String?
        let epoch: UInt64?
    }

    struct Approval: Encodable {
        let steward: String
        let time: UInt64
    }

    let id: String
    let subject: String
    let state: String
    let kind: String
    let scope: Scope
    let purpose: String
    /// Empty for a pseudonym.
    let requester: String
    /// Digest of the requester's certificate.
    let certificate: String
    let attributes: [String]
    let request: String
    let transaction: String
    let time: UInt64
    let ends: UInt64
    let rule: String
    let approvalsNeeded: Int
    let approvals: [Approval]
    let daysMax: UInt64?
    let code: String
    let reason: String
    let attempts: Int
    let nextTry: UInt64
    let grant: String?
    let permission: String?
    let centersMissing: [String]
    /// Of an emergency, when it was handed in.
    let statement: String?

    enum CodingKeys: String, CodingKey {
        case id, subject, state, kind, scope, purpose, requester, certificate, attributes, request, transaction, time
        case ends, rule, approvals, code, reason, attempts, grant, permission, statement
        case approvalsNeeded = "approvals_needed"
        case daysMax = "days_max"
        case nextTry = "next_try"
        case centersMissing = "centers_missing"
    }

    init(_ item: ShareItem, scope: RegisteredScope?, approvals: [ShareApproval], statement: String?) {
        let certificate = try? ImplicitCertificate(bytes: item.certificate)
        self.id = item.id.hex
        self.subject = item.subject.rawValue
        self.state = item.state.rawValue
        self.kind = item.kind.rawValue
        self.scope = Scope(digest: item.scope.hex, label: scope?.label, epoch: scope?.epoch)
        self.purpose = item.purpose
        self.requester = item.requester
        self.certificate = certificate?.digest.hex ?? ""
        self.attributes = certificate?.fields.attributes ?? []
        self.request = item.request.hex
        self.transaction = item.transaction.hex
        self.time = item.time
        self.ends = item.ends
        self.rule = item.rule
        self.approvalsNeeded = item.approvals
        self.approvals = approvals.map { Approval(steward: $0.steward, time: $0.time) }
        self.daysMax = item.daysMax
        self.code = item.code
        self.reason = item.reason
        self.attempts = item.attempts
        self.nextTry = item.attempts == 0 ? 0 : item.nextTry
        let outcome = item.outcome.isEmpty ? nil : item.outcome.hex
        self.grant = item.subject == .permission ? outcome : nil
        self.permission = item.subject == .request ? outcome : nil
        self.centersMissing = item.missing
        self.statement = statement
    }
}

struct ShareListDocument: Encodable {
    let items: [ShareDocument]
    /// Why the rules as the file has them now are not in force; absent when they are.
    let rulesProblem: String?

    enum CodingKeys: String, CodingKey {
        case items
        case rulesProblem = "rules_problem"
    }
}

struct ApprovalDocument: Decodable {
    /// Days from the grant to its end; absent: as the rule says.
    let days: UInt64?
}

struct StatementDocument: Decodable {
    let permission: String
    let statement: String
}

struct DiscoveryKeyDocument: Encodable {
    let epoch: UInt64
    let key: String
}

/// A data set as stewards see it.
struct DatasetDocument: Encodable {
    struct Scope: Encodable {
        let digest: String
        let label: String?
        let epoch: UInt64?
        /// Sealed index keys that the chain names.
        let indexKeys: Int

        enum CodingKeys: String, CodingKey {
            case digest, label, epoch
            case indexKeys = "index_keys"
        }
    }

    let dataset: String
    let state: String
    let reason: String
    let scopes: [Scope]
    let from: UInt64
    let to: UInt64
    let policy: String
    let circuit: String?
    let permissionSeconds: UInt64
    let keywords: [String]
    /// Of the keywords' key.
    let epoch: UInt64

    enum CodingKeys: String, CodingKey {
        case dataset, state, reason, scopes, from, to, policy, circuit, keywords, epoch
        case permissionSeconds = "permission_seconds"
    }
}

struct HolderDocument: Codable {
    let patient: String
    let labelPrefix: String

    enum CodingKeys: String, CodingKey {
        case patient
        case labelPrefix = "label_prefix"
    }
}
