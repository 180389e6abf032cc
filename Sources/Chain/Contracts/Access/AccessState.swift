package import CanonicalBytes
package import Certificates
internal import Ledger
internal import Transcripts

/// Keys of the access contract.
package enum AccessKey {
    /// ``AccessRequest`` by its identifier.
    package static func request(_ id: [UInt8]) -> [UInt8] { StateKey.make("access", "request", id) }

    /// ``Permission`` by its identifier.
    package static func permission(_ id: [UInt8]) -> [UInt8] { StateKey.make("access", "permission", id) }

    /// ``Consent`` by its identifier.
    package static func consent(_ id: [UInt8]) -> [UInt8] { StateKey.make("access", "consent", id) }

    /// ``ScopeConsents`` of an organization's scope.
    package static func consents(of scope: [UInt8], _ organization: String) -> [UInt8] {
        StateKey.make("access", "scope", organization.utf8, scope)
    }
}

/// A request with its fate: `u8 status || requester(32) || LP(name) || permission(32) || u64 time || LP(arguments)`.
package struct AccessRequest: StateRecord {
    package enum Status: UInt8, Hashable, Sendable {
        case open = 0
        case permitted = 1
        case denied = 2
    }

    package var status: Status
    /// Digest of the requester's certificate.
    package let requester: [UInt8]
    /// Empty for a pseudonym.
    package let requesterName: String
    /// Zero until there is one.
    package var permission: [UInt8]
    /// Milliseconds since 1970: the block of the request.
    package let time: UInt64
    package let arguments: RequestAccess

    init(_ arguments: RequestAccess, requester: [UInt8], name: String, time: UInt64) {
        self.status = .open
        self.requester = requester
        self.requesterName = name
        self.permission = [UInt8](repeating: 0, count: 32)
        self.time = time
        self.arguments = arguments
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.u8(self.status.rawValue)
        writer.raw(self.requester)
        writer.lengthPrefixed(self.requesterName)
        writer.raw(self.permission)
        writer.u64(self.time)
        writer.lengthPrefixed(self.arguments.bytes)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        guard let status = Status(rawValue: try reader.u8()) else { throw ProtocolFailure(.format, "no such status") }
        self.status = status
        self.requester = try reader.hash()
        self.requesterName = try reader.text()
        self.permission = try reader.hash()
        self.time = try reader.u64()
        self.arguments = try RequestAccess(bytes: try reader.lengthPrefixed())
    }
}

/// A permission: `id(32) || request(32) || requester(32) || scope(32) || policy(32) || LP(organization) || LP(decider)
/// || u64 granted || u64 valid_until || u64 revoked`; times are milliseconds since 1970.
///
/// The event `access.permitted` carries it, so that a proof of the transaction proves the permission.
package struct Permission: StateRecord {
    package let id: [UInt8]
    package let request: [UInt8]
    /// Digest of the requester's certificate.
    package let requester: [UInt8]
    package let scope: [UInt8]
    package let policy: [UInt8]
    package let organization: String
    package let decider: PartyName
    package let granted: UInt64
    package let validUntil: UInt64
    /// 0: not revoked.
    package var revoked: UInt64

    /// Grants a request.
    init(_ request: AccessRequest, by decider: PartyName, chain: [UInt8], at time: UInt64, until validUntil: UInt64) {
        let asked = request.arguments
        self.id = TaggedHash.digest(
            "PERMISSION",
            chain,
            asked.request,
            request.requester,
            asked.scope,
            asked.policy,
            validUntil.bigEndianBytes
        )
        self.request = asked.request
        self.requester = request.requester
        self.scope = asked.scope
        self.policy = asked.policy
        self.organization = asked.organization
        self.decider = decider
        self.granted = time
        self.validUntil = validUntil
        self.revoked = 0
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
    }
}
