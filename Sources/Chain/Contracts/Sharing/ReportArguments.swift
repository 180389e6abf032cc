package import CanonicalBytes
package import Certificates
package import Ledger

/// The step of a share that a party refuses.
package enum SharingStep: UInt8, CaseIterable, Hashable, Sendable {
    /// An attribute authority does not issue the key of attributes.
    case attributeKey = 1
    /// An issuing party does not issue its part of an identity key.
    case identityKey = 2
    /// The data's owner makes no grant.
    case grant = 3
    /// A privacy center does not re-encrypt.
    case reencryption = 4

    /// Who does the step, and so may refuse it.
    package var roles: [PartyRole] {
        switch self {
        case .attributeKey: [.attributeAuthority]
        case .identityKey: [.kgc, .privacyCenter]
        case .grant: .dataOwners
        case .reencryption: [.privacyCenter]
        }
    }
}

/// A party says that it refuses a step under a permission: `permission(32) || u8 step || LP(code)`.
package struct RecordRefusal: MethodArguments {
    package static let contract = "sharing"
    package static let method = "refuse"
    package static let channels: [Channel] = [.index]

    package let permission: [UInt8]
    package let step: SharingStep
    /// The problem's code, a word of 1 to 64 characters.
    package let code: String

    package init(permission: [UInt8], step: SharingStep, code: String) {
        self.permission = permission
        self.step = step
        self.code = code
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.permission)
        writer.u8(self.step.rawValue)
        writer.lengthPrefixed(self.code)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.permission = try reader.hash()
        guard let step = SharingStep(rawValue: try reader.u8()) else {
            throw ProtocolFailure(.format, "no such step of a share")
        }
        self.step = step
        self.code = try reader.word(1...64)
    }
}

/// What a receiver found wrong.
package enum FaultKind: UInt8, CaseIterable, Hashable, Sendable {
    /// A re-encrypted part does not hold.
    case falsePart = 1
    /// An envelope is not the anchored one.
    case anotherEnvelope = 2
    /// The state that the party decided by was out of date.
    case staleHead = 3
    /// A step of a key does not hold.
    case falseKey = 4
    /// What was recorded as delivered did not come.
    case missing = 5
}

/// The requester accuses a party: `permission(32) || LP(accused) || u8 kind || evidence(32)`.
package struct RecordFault: MethodArguments {
    package static let contract = "sharing"
    package static let method = "fault"
    package static let channels: [Channel] = [.index]
    /// Those who take part in a share.
    package static let accusedRoles: [PartyRole] = [
        .attributeAuthority, .custodian, .gateway, .institution, .kgc, .privacyCenter, .validator,
    ]

    package let permission: [UInt8]
    package let accused: PartyName
    package let kind: FaultKind
    /// Digest of what shows the fault.
    package let evidence: [UInt8]

    package init(permission: [UInt8], accused: PartyName, kind: FaultKind, evidence: [UInt8]) {
        self.permission = permission
        self.accused = accused
        self.kind = kind
        self.evidence = evidence
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.permission)
        writer.party(self.accused)
        writer.u8(self.kind.rawValue)
        writer.raw(self.evidence)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.permission = try reader.hash()
        self.accused = try reader.partyName()
        try require(Self.accusedRoles.contains(self.accused.role), .format, "no party of a share")
        guard let kind = FaultKind(rawValue: try reader.u8()) else { throw ProtocolFailure(.format, "no such fault") }
        self.kind = kind
        self.evidence = try reader.hash()
    }
}

/// Brings the consents about a scope as the access channel holds them: `LP(value proof)` of
/// ``AccessKey/consents(of:_:)``.
package struct BringConsents: BringValue {
    package static let contract = "sharing"
    package static let method = "consents"
    package let proof: ValueProof

    package init(proof: ValueProof) { self.proof = proof }
}
