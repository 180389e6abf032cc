package import CanonicalBytes
package import Ledger

/// Records a grant: `grant(32) || scope(32) || permission(32) || u64 not_before || u64 not_after || LP(transaction
/// proof)` of the access channel's `access.permit`.
package struct RecordGrant: MethodArguments {
    package static let contract = "sharing"
    package static let method = "grant"
    package static let channels: [Channel] = [.index]

    /// `grant_digest` (specification of the cryptographic layer, section 5.5).
    package let grant: [UInt8]
    package let scope: [UInt8]
    package let permission: [UInt8]
    /// Milliseconds since 1970.
    package let notBefore: UInt64
    /// Milliseconds since 1970, not before `notBefore`.
    package let notAfter: UInt64
    package let proof: TransactionProof

    package init(
        grant: [UInt8],
        scope: [UInt8],
        permission: [UInt8],
        notBefore: UInt64,
        notAfter: UInt64,
        proof: TransactionProof
    ) {
        self.grant = grant
        self.scope = scope
        self.permission = permission
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.proof = proof
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.grant)
        writer.raw(self.scope)
        writer.raw(self.permission)
        writer.u64(self.notBefore)
        writer.u64(self.notAfter)
        writer.lengthPrefixed(self.proof.bytes)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.grant = try reader.hash()
        self.scope = try reader.hash()
        self.permission = try reader.hash()
        self.notBefore = try reader.u64()
        self.notAfter = try reader.u64()
        try require(self.notBefore <= self.notAfter, .format, "a grant that ends before it begins")
        self.proof = try TransactionProof(bytes: try reader.lengthPrefixed())
    }
}

/// Ends a grant: `grant(32)`.
package struct RevokeGrant: MethodArguments {
    package static let contract = "sharing"
    package static let method = "revoke-grant"
    package static let channels: [Channel] = [.index]

    package let grant: [UInt8]

    package init(grant: [UInt8]) { self.grant = grant }

    package func write(to writer: inout CanonicalWriter) { writer.raw(self.grant) }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) { self.grant = try reader.hash() }
}

/// Brings the revocation of a permission: `LP(transaction proof)` of the access channel's `access.revoke-permission`.
package struct BringPermissionRevocation: MethodArguments {
    package static let contract = "sharing"
    package static let method = "permission-revoked"
    package static let channels: [Channel] = [.index]

    package let proof: TransactionProof

    package init(proof: TransactionProof) { self.proof = proof }

    package func write(to writer: inout CanonicalWriter) { writer.lengthPrefixed(self.proof.bytes) }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.proof = try TransactionProof(bytes: try reader.lengthPrefixed())
    }
}

/// A privacy center says what it hands over: `grant(32) || list(32) || u32 count || receiver(32) || u32 parts`.
package struct RecordDelivery: MethodArguments {
    package static let contract = "sharing"
    package static let method = "delivery"
    package static let channels: [Channel] = [.index]

    package let grant: [UInt8]
    /// RFC 9162 root over the envelope digests, or any digest that binds their list.
    package let list: [UInt8]
    /// Envelopes, at least one.
    package let count: UInt32
    /// Digest of the receiver's certificate.
    package let receiver: [UInt8]
    /// Re-encrypted parts, at least one.
    package let parts: UInt32

    package init(grant: [UInt8], list: [UInt8], count: UInt32, receiver: [UInt8], parts: UInt32) {
        self.grant = grant
        self.list = list
        self.count = count
        self.receiver = receiver
        self.parts = parts
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.grant)
        writer.raw(self.list)
        writer.u32(self.count)
        writer.raw(self.receiver)
        writer.u32(self.parts)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.grant = try reader.hash()
        self.list = try reader.hash()
        self.count = try reader.u32()
        self.receiver = try reader.hash()
        self.parts = try reader.u32()
        try require(self.count > 0 && self.parts > 0, .format, "a delivery of nothing")
    }
}

/// The receiver confirms a delivery: `delivery(32) || u8 outcome`.
package struct AcknowledgeDelivery: MethodArguments {
    /// How it went.
    package enum Outcome: UInt8, Hashable, Sendable {
        case complete = 1
        /// Something was missing or did not verify.
        case faulty = 2
    }

    package static let contract = "sharing"
    package static let method = "deliver-ack"
    package static let channels: [Channel] = [.index]

    /// ``Delivery/id(_:by:)``.
    package let delivery: [UInt8]
    package let outcome: Outcome

    package init(delivery: [UInt8], outcome: Outcome) {
        self.delivery = delivery
        self.outcome = outcome
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.delivery)
        writer.u8(self.outcome.rawValue)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.delivery = try reader.hash()
        guard let outcome = Outcome(rawValue: try reader.u8()) else { throw ProtocolFailure(.format, "no outcome") }
        self.outcome = outcome
    }
}
