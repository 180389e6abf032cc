/// What a patient, or a custodian for her, says about the sharing of scopes, or of all scopes of a label; independent of how chain and FHIR write it.
package struct ConsentStatement: Sendable, Hashable {
    package enum Rule: Sendable, Hashable {
        /// Requests may be permitted: this one, or any with the statement's purpose.
        case allow(request: [UInt8]?)
        /// Every permission needs an allowing consent of the same author.
        case require
        case forbid
        /// Whoever is named may read, for so many seconds after each acceptance.
        case offer(to: Grantee, permissionSeconds: UInt64)
    }

    /// Whom an offer is for.
    package enum Grantee: Sendable, Hashable {
        /// `organization:role:name`.
        case party(String)
        case organization(String)
        /// Whoever's certificate has this attribute, `study:name` for example.
        case attribute(String)
        /// A certificate's digest, 32 bytes.
        case certificate([UInt8])
    }

    /// 32 bytes.
    package let id: [UInt8]
    /// `organization:role:name`.
    package let author: String
    package let rule: Rule
    /// Digests of scopes, ascending; none for a statement about a label.
    package let scopes: [[UInt8]]
    /// The digest of the label all of whose scopes it is about, 32 bytes; nil: it is about ``scopes``.
    package let label: [UInt8]?
    /// A code; empty for any, where the rule leaves it open.
    package let purpose: String
    /// Milliseconds since 1970.
    package let stated: UInt64
    /// Milliseconds since 1970, inclusive.
    package let validUntil: UInt64
    /// Milliseconds since 1970; nil: it stands.
    package let withdrawn: UInt64?

    package init(
        id: [UInt8],
        author: String,
        rule: Rule,
        scopes: [[UInt8]],
        purpose: String,
        stated: UInt64,
        validUntil: UInt64,
        withdrawn: UInt64? = nil,
        label: [UInt8]? = nil
    ) {
        self.id = id
        self.author = author
        self.rule = rule
        self.scopes = scopes
        self.purpose = purpose
        self.stated = stated
        self.validUntil = validUntil
        self.withdrawn = withdrawn
        self.label = label
    }
}
