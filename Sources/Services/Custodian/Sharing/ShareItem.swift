/// Where something that was asked for stands.
package enum ShareState: String, Sendable, CaseIterable, Codable {
    /// The chain has it; nothing is decided.
    case seen
    /// Stewards decide.
    case waiting
    /// An emergency whose reason the clinician has not handed in.
    case statement
    /// A request that is to be permitted on the chain.
    case permitting
    /// A request with a permission, which is an item of its own.
    case permitted
    /// A request that is to be denied on the chain.
    case denying
    case denied
    /// A permission under which a grant is to be made and sent.
    case approved
    /// The grant is kept, and enough privacy centers have it.
    case granted
    /// The chain knows the grant.
    case recorded
    /// A permission whose refusal is to be recorded on the chain.
    case refusing
    case refused
    /// Permission and grant are to be revoked.
    case revoking
    case revoked
    /// It was over before anybody decided.
    case lapsed

    /// Whether there is something to do without a person.
    package var isActive: Bool { Self.active.contains(self) }

    static let active: [ShareState] = [
        .seen, .waiting, .statement, .permitting, .denying, .approved, .granted, .refusing, .revoking,
    ]

    /// Whether a steward's decision is waited for.
    package var isOpen: Bool { self == .waiting }
}

/// A request without a decision, or a permission: what the chain says of it, and what became of it here.
package struct ShareItem: Sendable, Equatable {
    package enum Subject: String, Sendable, Codable {
        case request
        case permission
    }

    /// The request's or the permission's identifier, 32 bytes.
    package let id: [UInt8]
    package let subject: Subject
    /// The transaction of the access channel that made it.
    package let transaction: [UInt8]
    package let request: [UInt8]
    /// Digest of the scope.
    package let scope: [UInt8]
    package let kind: ShareKind
    package let purpose: String
    /// The implicit certificate under which the request was signed.
    package let certificate: [UInt8]
    /// Empty for a pseudonym.
    package let requester: String
    /// Who permitted; empty for a request.
    package let decider: String
    /// What the permission rests on, for example the digest of an emergency's reason; 32 bytes.
    package let basis: [UInt8]
    /// Milliseconds since 1970: the block's time.
    package let time: UInt64
    /// Milliseconds since 1970: the last moment.
    package let ends: UInt64

    package var state: ShareState
    package var rule: String
    /// Different stewards that must agree.
    package var approvals: Int
    package var daysMax: UInt64?
    /// Why it was refused, or by whom it was revoked; a word.
    package var code: String
    /// Why the last attempt failed, for people; empty when it did not.
    package var reason: String
    package var attempts: Int
    /// Milliseconds since 1970.
    package var nextTry: UInt64
    /// The grant's digest, or the permission that a request got; empty when there is none.
    package var outcome: [UInt8]
    /// Privacy centers that do not have the grant yet.
    package var missing: [String]
    /// Of an emergency: whether it was told.
    package var isTold: Bool

    init(
        id: [UInt8],
        subject: Subject,
        transaction: [UInt8],
        request: [UInt8],
        scope: [UInt8],
        kind: ShareKind,
        purpose: String,
        certificate: [UInt8],
        requester: String,
        decider: String = "",
        basis: [UInt8] = [UInt8](repeating: 0, count: 32),
        time: UInt64,
        ends: UInt64
    ) {
        self.id = id
        self.subject = subject
        self.transaction = transaction
        self.request = request
        self.scope = scope
        self.kind = kind
        self.purpose = purpose
        self.certificate = certificate
        self.requester = requester
        self.decider = decider
        self.basis = basis
        self.time = time
        self.ends = ends
        self.state = .seen
        self.rule = ""
        self.approvals = 1
        self.daysMax = nil
        self.code = ""
        self.reason = ""
        self.attempts = 0
        self.nextTry = 0
        self.outcome = []
        self.missing = []
        self.isTold = false
    }

    /// The item in a later state, with nothing left of earlier attempts.
    func moved(to state: ShareState) -> ShareItem {
        var item = self
        item.state = state
        item.reason = ""
        item.attempts = 0
        item.nextTry = 0
        return item
    }
}

/// A steward's consent to an item.
package struct ShareApproval: Sendable, Equatable {
    /// The subject of the steward's certificate.
    package let steward: String
    /// Milliseconds since 1970.
    package let time: UInt64
}
