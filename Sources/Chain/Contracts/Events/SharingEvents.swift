package import CanonicalBytes
package import Certificates
package import Consensus
internal import Ledger

/// What a grant's events are found by: `permission(32) || scope(32) || receiver(32)`.
package struct ShareSubject: Hashable, Sendable {
    package let permission: [UInt8]
    package let scope: [UInt8]
    /// Digest of the requester's certificate.
    package let receiver: [UInt8]

    package init(_ grant: Grant) {
        self.permission = grant.permission
        self.scope = grant.scope
        self.receiver = grant.receiver
    }

    func write(to writer: inout CanonicalWriter) {
        writer.raw(self.permission)
        writer.raw(self.scope)
        writer.raw(self.receiver)
    }

    init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.permission = try reader.hash()
        self.scope = try reader.hash()
        self.receiver = try reader.hash()
    }
}

/// A grant was recorded: `grant(32) || record`.
package struct GrantRecorded: EventRecord {
    package static let topic = "sharing.granted"

    package let grant: [UInt8]
    package let record: Grant

    package init(_ grant: [UInt8], _ record: Grant) {
        self.grant = grant
        self.record = record
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.grant)
        self.record.write(to: &writer)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.grant = try reader.hash()
        self.record = try Grant(from: &reader)
    }
}

/// A grant ended early: `grant(32) || permission(32) || scope(32) || receiver(32)`.
package struct GrantRevoked: EventRecord {
    package static let topic = "sharing.grant-revoked"

    package let grant: [UInt8]
    package let subject: ShareSubject

    package init(_ grant: [UInt8], _ record: Grant) {
        self.grant = grant
        self.subject = ShareSubject(record)
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.grant)
        self.subject.write(to: &writer)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.grant = try reader.hash()
        self.subject = try ShareSubject(from: &reader)
    }
}

/// A center hands over: `delivery(32) || arguments of sharing.delivery || permission(32) || scope(32) || receiver(32)
/// || LP(center)`.
package struct DeliveryRecorded: EventRecord {
    package static let topic = "sharing.delivered"

    package let delivery: [UInt8]
    package let arguments: RecordDelivery
    package let subject: ShareSubject
    package let center: PartyName

    package init(_ delivery: [UInt8], _ arguments: RecordDelivery, under record: Grant, by center: PartyName) {
        self.delivery = delivery
        self.arguments = arguments
        self.subject = ShareSubject(record)
        self.center = center
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.delivery)
        self.arguments.write(to: &writer)
        self.subject.write(to: &writer)
        writer.party(self.center)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.delivery = try reader.hash()
        self.arguments = try RecordDelivery(from: &reader)
        self.subject = try ShareSubject(from: &reader)
        self.center = try reader.partyName()
    }
}

/// The receiver confirmed: `delivery(32) || u8 outcome || grant(32) || permission(32) || scope(32) || receiver(32)`.
package struct DeliveryAcknowledged: EventRecord {
    package static let topic = "sharing.acknowledged"

    package let arguments: AcknowledgeDelivery
    package let grant: [UInt8]
    package let subject: ShareSubject

    package init(_ arguments: AcknowledgeDelivery, under grant: [UInt8], _ record: Grant) {
        self.arguments = arguments
        self.grant = grant
        self.subject = ShareSubject(record)
    }

    package func write(to writer: inout CanonicalWriter) {
        self.arguments.write(to: &writer)
        writer.raw(self.grant)
        self.subject.write(to: &writer)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.arguments = try AcknowledgeDelivery(from: &reader)
        self.grant = try reader.hash()
        self.subject = try ShareSubject(from: &reader)
    }
}

/// The consents about a scope were brought: `LP(organization) || scope(32) || u64 access height`.
package struct ConsentsBrought: EventRecord {
    package static let topic = "sharing.consents"

    package let organization: String
    package let scope: [UInt8]
    package let height: Height

    package init(organization: String, scope: [UInt8], height: Height) {
        self.organization = organization
        self.scope = scope
        self.height = height
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.organization)
        writer.raw(self.scope)
        writer.u64(self.height)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.organization = try reader.word(1...63)
        self.scope = try reader.hash()
        self.height = try reader.u64()
    }
}

/// A party refused a step: `permission(32) || u8 step || LP(party) || LP(code)`.
package struct ShareRefused: EventRecord {
    package static let topic = "sharing.refused"

    package let permission: [UInt8]
    package let step: SharingStep
    package let party: PartyName
    package let code: String

    package init(permission: [UInt8], step: SharingStep, party: PartyName, code: String) {
        self.permission = permission
        self.step = step
        self.party = party
        self.code = code
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.permission)
        writer.u8(self.step.rawValue)
        writer.party(self.party)
        writer.lengthPrefixed(self.code)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.permission = try reader.hash()
        guard let step = SharingStep(rawValue: try reader.u8()) else {
            throw ProtocolFailure(.format, "no such step of a share")
        }
        self.step = step
        self.party = try reader.partyName()
        self.code = try reader.word(1...64)
    }
}

/// The requester reported a fault: arguments of sharing.fault, `grant(32) || scope(32) || receiver(32)`.
package struct FaultReported: EventRecord {
    package static let topic = "sharing.fault"

    package let arguments: RecordFault
    /// The last grant on the permission.
    package let grant: [UInt8]
    package let scope: [UInt8]
    package let receiver: [UInt8]

    package init(_ arguments: RecordFault, under grant: [UInt8], _ record: Grant) {
        self.arguments = arguments
        self.grant = grant
        self.scope = record.scope
        self.receiver = record.receiver
    }

    package func write(to writer: inout CanonicalWriter) {
        self.arguments.write(to: &writer)
        writer.raw(self.grant)
        writer.raw(self.scope)
        writer.raw(self.receiver)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.arguments = try RecordFault(from: &reader)
        self.grant = try reader.hash()
        self.scope = try reader.hash()
        self.receiver = try reader.hash()
    }
}
