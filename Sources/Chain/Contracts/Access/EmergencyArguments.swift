package import CanonicalBytes
package import Ledger

/// Why a clinician does not wait for a decision.
package enum EmergencyReason: UInt8, CaseIterable, Hashable, Sendable {
    /// The patient's life is in danger.
    case life = 1
    /// The patient cannot be asked.
    case unresponsive = 2
    /// The treatment cannot wait.
    case treatment = 3
    /// Others' health is in danger.
    case publicHealth = 4
    /// The statement says it.
    case other = 5
}

/// A clinician takes access in an emergency and answers for it: `request(32) || scope(32) || LP(organization) || u8
/// reason || statement(32) || nonce(32)`.
package struct EmergencyAccess: MethodArguments {
    package static let contract = "access"
    package static let method = "emergency"
    package static let channels: [Channel] = [.access]
    /// Purpose of the request and permission that it makes.
    package static let purpose = "EMERGENCY"

    /// Random, 32 bytes: names the request that the chain files and permits at once.
    package let request: [UInt8]
    package let scope: [UInt8]
    /// Whose data it is.
    package let organization: String
    package let reason: EmergencyReason
    /// Digest of the reason's text, which only the data's custodian gets.
    package let statement: [UInt8]
    package let nonce: [UInt8]

    package init(
        request: [UInt8],
        scope: [UInt8],
        organization: String,
        reason: EmergencyReason,
        statement: [UInt8],
        nonce: [UInt8]
    ) {
        self.request = request
        self.scope = scope
        self.organization = organization
        self.reason = reason
        self.statement = statement
        self.nonce = nonce
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.request)
        writer.raw(self.scope)
        writer.lengthPrefixed(self.organization)
        writer.u8(self.reason.rawValue)
        writer.raw(self.statement)
        writer.raw(self.nonce)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.request = try reader.hash()
        self.scope = try reader.hash()
        self.organization = try reader.word(1...63)
        guard let reason = EmergencyReason(rawValue: try reader.u8()) else {
            throw ProtocolFailure(.format, "no such reason for an emergency")
        }
        self.reason = reason
        self.statement = try reader.hash()
        self.nonce = try reader.hash()
    }
}
