package import CanonicalBytes
package import Certificates
internal import Ledger

/// Somebody asks for data: `request(32) || scope(32) || requester(32) || LP(organization)`.
package struct AccessRequested: EventRecord {
    package static let topic = "access.requested"

    package let request: [UInt8]
    package let scope: [UInt8]
    /// Digest of the requester's certificate.
    package let requester: [UInt8]
    package let organization: String

    package init(request: [UInt8], scope: [UInt8], requester: [UInt8], organization: String) {
        self.request = request
        self.scope = scope
        self.requester = requester
        self.organization = organization
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.request)
        writer.raw(self.scope)
        writer.raw(self.requester)
        writer.lengthPrefixed(self.organization)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.request = try reader.hash()
        self.scope = try reader.hash()
        self.requester = try reader.hash()
        self.organization = try reader.word(1...63)
    }
}

/// A permission was given: the ``Permission``.
extension Permission: EventRecord {
    package static let topic = "access.permitted"
}

/// A request was refused: `request(32) || scope(32) || requester(32) || LP(party)`.
package struct AccessDenied: EventRecord {
    package static let topic = "access.denied"

    package let request: [UInt8]
    package let scope: [UInt8]
    package let requester: [UInt8]
    /// Who refused.
    package let party: PartyName

    package init(request: [UInt8], scope: [UInt8], requester: [UInt8], party: PartyName) {
        self.request = request
        self.scope = scope
        self.requester = requester
        self.party = party
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.request)
        writer.raw(self.scope)
        writer.raw(self.requester)
        writer.party(self.party)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.request = try reader.hash()
        self.scope = try reader.hash()
        self.requester = try reader.hash()
        self.party = try reader.partyName()
    }
}

/// A permission ended early: `permission(32) || request(32) || scope(32) || requester(32) || LP(party)`.
package struct PermissionRevoked: EventRecord {
    package static let topic = "access.permission-revoked"

    package let permission: [UInt8]
    package let request: [UInt8]
    package let scope: [UInt8]
    package let requester: [UInt8]
    /// Who ended it.
    package let party: PartyName

    package init(_ permission: Permission, by party: PartyName) {
        self.permission = permission.id
        self.request = permission.request
        self.scope = permission.scope
        self.requester = permission.requester
        self.party = party
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.permission)
        writer.raw(self.request)
        writer.raw(self.scope)
        writer.raw(self.requester)
        writer.party(self.party)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.permission = try reader.hash()
        self.request = try reader.hash()
        self.scope = try reader.hash()
        self.requester = try reader.hash()
        self.party = try reader.partyName()
    }
}

/// A clinician took access: `permission(32) || scope(32) || u8 reason || statement(32) || requester(32) ||
/// LP(organization)`.
package struct EmergencyDeclared: EventRecord {
    package static let topic = "access.emergency"

    package let permission: [UInt8]
    package let scope: [UInt8]
    package let reason: EmergencyReason
    package let statement: [UInt8]
    package let requester: [UInt8]
    package let organization: String

    package init(_ permission: Permission, reason: EmergencyReason) {
        self.permission = permission.id
        self.scope = permission.scope
        self.reason = reason
        self.statement = permission.basis
        self.requester = permission.requester
        self.organization = permission.organization
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.permission)
        writer.raw(self.scope)
        writer.u8(self.reason.rawValue)
        writer.raw(self.statement)
        writer.raw(self.requester)
        writer.lengthPrefixed(self.organization)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.permission = try reader.hash()
        self.scope = try reader.hash()
        guard let reason = EmergencyReason(rawValue: try reader.u8()) else {
            throw ProtocolFailure(.format, "no such reason for an emergency")
        }
        self.reason = reason
        self.statement = try reader.hash()
        self.requester = try reader.hash()
        self.organization = try reader.word(1...63)
    }
}
