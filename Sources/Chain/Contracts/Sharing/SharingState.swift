package import CanonicalBytes
package import Certificates
package import Consensus
internal import Ledger
internal import Transcripts

/// Keys of the sharing contract.
package enum SharingKey {
    /// ``Grant`` by digest.
    package static func grant(_ digest: [UInt8]) -> [UInt8] { StateKey.make("sharing", "grant", digest) }

    /// The digest of the one grant that stands on a permission.
    package static func permission(_ id: [UInt8]) -> [UInt8] {
        StateKey.make("sharing", "permission", id)
    }

    /// `u64` milliseconds since 1970 at which this channel learnt that a permission is revoked.
    package static func revokedPermission(_ id: [UInt8]) -> [UInt8] {
        StateKey.make("sharing", "revoked", id)
    }

    /// ``Delivery`` by its identifier.
    package static func delivery(_ id: [UInt8]) -> [UInt8] { StateKey.make("sharing", "delivery", id) }

    /// The digest of the last grant on a permission, also when it was revoked.
    package static func lastGrant(_ permission: [UInt8]) -> [UInt8] {
        StateKey.make("sharing", "last", permission)
    }

    /// ``BroughtConsents`` about an organization's scope.
    package static func consents(of scope: [UInt8], _ organization: String) -> [UInt8] {
        StateKey.make("sharing", "consents", organization.utf8, scope)
    }

    /// ``Refusal`` of a step under a permission by a party.
    package static func refusal(_ permission: [UInt8], _ step: SharingStep, by party: PartyName) -> [UInt8] {
        StateKey.make("sharing", "refusal", permission, [step.rawValue] + Array(party.description.utf8))
    }

    /// ``Faults`` that a permission's requester reported.
    package static func faults(_ permission: [UInt8]) -> [UInt8] {
        StateKey.make("sharing", "faults", permission)
    }
}

/// A grant: `scope(32) || permission(32) || receiver(32) || LP(organization) || u64 not_before || u64 not_after || u64
/// revoked || u64 height || request(32) || LP(purpose) || u8 kind || basis(32) || u64 permitted`; times are milliseconds
/// since 1970.
package struct Grant: StateRecord {
    package let scope: [UInt8]
    package let permission: [UInt8]
    /// Digest of the requester's certificate.
    package let receiver: [UInt8]
    /// The owner's.
    package let organization: String
    package let notBefore: UInt64
    package let notAfter: UInt64
    /// 0: not revoked.
    package var revoked: UInt64
    package let height: Height
    /// What consents look at, of the permission.
    package let ground: PermissionGround
    /// The access block that gave the permission: consents as they were before it were asked there.
    package let permitted: Height

    package var request: [UInt8] { self.ground.request }
    package var purpose: String { self.ground.purpose }
    package var kind: Permission.Kind { self.ground.kind }
    package var basis: [UInt8] { self.ground.basis }

    init(_ arguments: RecordGrant, _ permission: Permission, height: Height, permitted: Height) {
        self.scope = arguments.scope
        self.permission = permission.id
        self.receiver = permission.requester
        self.organization = permission.organization
        self.notBefore = arguments.notBefore
        self.notAfter = arguments.notAfter
        self.revoked = 0
        self.height = height
        self.ground = permission.ground
        self.permitted = permitted
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.scope)
        writer.raw(self.permission)
        writer.raw(self.receiver)
        writer.lengthPrefixed(self.organization)
        writer.u64(self.notBefore)
        writer.u64(self.notAfter)
        writer.u64(self.revoked)
        writer.u64(self.height)
        writer.raw(self.ground.request)
        writer.lengthPrefixed(self.ground.purpose)
        writer.u8(self.ground.kind.rawValue)
        writer.raw(self.ground.basis)
        writer.u64(self.permitted)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.scope = try reader.hash()
        self.permission = try reader.hash()
        self.receiver = try reader.hash()
        self.organization = try reader.word(1...63)
        self.notBefore = try reader.u64()
        self.notAfter = try reader.u64()
        self.revoked = try reader.u64()
        self.height = try reader.u64()
        self.ground = PermissionGround(
            request: try reader.hash(),
            purpose: try reader.word(1...64),
            kind: try reader.permissionKind(),
            basis: try reader.hash()
        )
        self.permitted = try reader.u64()
    }
}

/// A delivery: `LP(center) || u64 time || u64 acknowledged || u8 outcome || LP(arguments)`; times are milliseconds since
/// 1970.
package struct Delivery: StateRecord {
    package let center: PartyName
    package let time: UInt64
    /// 0: not yet.
    package var acknowledged: UInt64
    /// nil while it is not acknowledged.
    package var outcome: AcknowledgeDelivery.Outcome?
    package let arguments: RecordDelivery

    init(_ arguments: RecordDelivery, by center: PartyName, at time: UInt64) {
        self.center = center
        self.time = time
        self.acknowledged = 0
        self.outcome = nil
        self.arguments = arguments
    }

    /// `H("DELIVERY", grant, center, list)`: a center delivers a list under a grant once.
    package static func id(_ arguments: RecordDelivery, by center: PartyName) -> [UInt8] {
        TaggedHash.digest("DELIVERY", arguments.grant, Array(center.description.utf8), arguments.list)
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.party(self.center)
        writer.u64(self.time)
        writer.u64(self.acknowledged)
        writer.u8(self.outcome?.rawValue ?? 0)
        writer.lengthPrefixed(self.arguments.bytes)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.center = try reader.partyName()
        self.time = try reader.u64()
        self.acknowledged = try reader.u64()
        let outcome = try reader.u8()
        self.outcome = AcknowledgeDelivery.Outcome(rawValue: outcome)
        try require(outcome == 0 || self.outcome != nil, .format, "no outcome")
        self.arguments = try RecordDelivery(bytes: try reader.lengthPrefixed())
    }
}
