package import CanonicalBytes
package import Certificates
internal import Ledger
internal import Transcripts

/// A permission: `id(32) || request(32) || requester(32) || scope(32) || policy(32) || LP(organization) || LP(decider)
/// || u64 granted || u64 valid_until || u64 revoked || LP(purpose) || u8 kind || basis(32)`; times are milliseconds
/// since 1970.
///
/// The event `access.permitted` carries it, so that a proof of the transaction proves the permission.
package struct Permission: StateRecord {
    /// How a permission came about.
    package enum Kind: UInt8, CaseIterable, Hashable, Sendable {
        /// The data's organization decided.
        case decided = 1
        /// A proof satisfied the scope's policy.
        case proven = 2
        /// A patient's offer was accepted.
        case offered = 3
        /// A clinician took it in an emergency.
        case emergency = 4
    }

    /// 32 zero bytes: nothing that a permission stands on by name.
    package static let noBasis = [UInt8](repeating: 0, count: 32)

    package let id: [UInt8]
    package let request: [UInt8]
    /// Digest of the requester's certificate.
    package let requester: [UInt8]
    package let scope: [UInt8]
    /// Zero for the kinds offered and emergency.
    package let policy: [UInt8]
    package let organization: String
    package let decider: PartyName
    package let granted: UInt64
    package let validUntil: UInt64
    /// 0: not revoked.
    package var revoked: UInt64
    package let purpose: String
    package let kind: Kind
    /// The offer of an offered one, the digest of the reason's text of an emergency, or ``noBasis``.
    package let basis: [UInt8]

    /// Grants a request.
    init(_ request: AccessRequest, _ decision: Decision, chain: [UInt8], at time: UInt64) {
        let asked = request.arguments
        self.id = TaggedHash.digest(
            "PERMISSION",
            chain,
            asked.request,
            request.requester,
            asked.scope,
            asked.policy,
            decision.validUntil.bigEndianBytes
        )
        self.request = asked.request
        self.requester = request.requester
        self.scope = asked.scope
        self.policy = asked.policy
        self.organization = asked.organization
        self.decider = decision.decider
        self.granted = time
        self.validUntil = decision.validUntil
        self.revoked = 0
        self.purpose = asked.purpose
        self.kind = decision.kind
        self.basis = decision.basis
    }

    /// Who grants a request, how, and until when.
    struct Decision {
        let decider: PartyName
        /// Milliseconds since 1970.
        let validUntil: UInt64
        let kind: Kind
        var basis = Permission.noBasis
    }

    /// What consents are asked about.
    package var ground: PermissionGround {
        PermissionGround(request: self.request, purpose: self.purpose, kind: self.kind, basis: self.basis)
    }

    /// Whether it is neither revoked nor over at a time, milliseconds since 1970; consents have to be asked besides.
    package func isValid(at time: UInt64) -> Bool {
        self.revoked == 0 && self.granted <= time && time <= self.validUntil
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.id)
        writer.raw(self.request)
        writer.raw(self.requester)
        writer.raw(self.scope)
        writer.raw(self.policy)
        writer.lengthPrefixed(self.organization)
        writer.party(self.decider)
        writer.u64(self.granted)
        writer.u64(self.validUntil)
        writer.u64(self.revoked)
        writer.lengthPrefixed(self.purpose)
        writer.u8(self.kind.rawValue)
        writer.raw(self.basis)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.id = try reader.hash()
        self.request = try reader.hash()
        self.requester = try reader.hash()
        self.scope = try reader.hash()
        self.policy = try reader.hash()
        self.organization = try reader.word(1...63)
        self.decider = try reader.partyName()
        self.granted = try reader.u64()
        self.validUntil = try reader.u64()
        self.revoked = try reader.u64()
        self.purpose = try reader.word(1...64)
        self.kind = try reader.permissionKind()
        self.basis = try reader.hash()
    }
}

/// What consents look at in a permission, given or to be given.
package struct PermissionGround: Hashable, Sendable {
    package let request: [UInt8]
    package let purpose: String
    package let kind: Permission.Kind
    package let basis: [UInt8]

    package init(
        request: [UInt8],
        purpose: String,
        kind: Permission.Kind,
        basis: [UInt8] = Permission.noBasis
    ) {
        self.request = request
        self.purpose = purpose
        self.kind = kind
        self.basis = basis
    }
}

extension CanonicalReader {
    /// Takes the kind of a permission.
    mutating func permissionKind() throws(ProtocolFailure) -> Permission.Kind {
        guard let kind = Permission.Kind(rawValue: try self.u8()) else {
            throw ProtocolFailure(.format, "no such kind of permission")
        }
        return kind
    }
}
