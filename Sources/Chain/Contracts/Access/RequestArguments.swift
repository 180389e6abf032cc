package import CanonicalBytes
package import Ledger

/// Asks for the data of one scope: `request(32) || scope(32) || policy(32) || LP(organization) || LP(purpose) ||
/// nonce(32) || u64 expires`.
package struct RequestAccess: MethodArguments {
    package static let contract = "access"
    package static let method = "request"
    package static let channels: [Channel] = [.access]

    /// Random, 32 bytes: known before the transaction, so that proofs can be bound to it.
    package let request: [UInt8]
    /// Digest of the scope that is asked for.
    package let scope: [UInt8]
    package let policy: [UInt8]
    /// Whose data it is; only this organization's parties decide.
    package let organization: String
    /// A code, 1 to 64 characters `A-Z a-z 0-9 _ . -`.
    package let purpose: String
    package let nonce: [UInt8]
    /// The last moment for a decision, milliseconds since 1970.
    package let expires: UInt64

    package init(
        request: [UInt8],
        scope: [UInt8],
        policy: [UInt8],
        organization: String,
        purpose: String,
        nonce: [UInt8],
        expires: UInt64
    ) {
        self.request = request
        self.scope = scope
        self.policy = policy
        self.organization = organization
        self.purpose = purpose
        self.nonce = nonce
        self.expires = expires
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.request)
        writer.raw(self.scope)
        writer.raw(self.policy)
        writer.lengthPrefixed(self.organization)
        writer.lengthPrefixed(self.purpose)
        writer.raw(self.nonce)
        writer.u64(self.expires)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.request = try reader.hash()
        self.scope = try reader.hash()
        self.policy = try reader.hash()
        self.organization = try reader.word(1...63)
        self.purpose = try reader.word(1...64)
        self.nonce = try reader.hash()
        self.expires = try reader.u64()
    }
}

/// Grants a request: `request(32) || u64 valid_until`.
package struct PermitAccess: MethodArguments {
    package static let contract = "access"
    package static let method = "permit"
    package static let channels: [Channel] = [.access]

    package let request: [UInt8]
    /// The permission's last moment, milliseconds since 1970.
    package let validUntil: UInt64

    package init(request: [UInt8], validUntil: UInt64) {
        self.request = request
        self.validUntil = validUntil
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.request)
        writer.u64(self.validUntil)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.request = try reader.hash()
        self.validUntil = try reader.u64()
    }
}

/// Refuses a request: `request(32)`.
package struct DenyAccess: MethodArguments {
    package static let contract = "access"
    package static let method = "deny"
    package static let channels: [Channel] = [.access]

    package let request: [UInt8]

    package init(request: [UInt8]) { self.request = request }

    package func write(to writer: inout CanonicalWriter) { writer.raw(self.request) }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) { self.request = try reader.hash() }
}

/// Ends a permission early: `permission(32)`.
package struct RevokePermission: MethodArguments {
    package static let contract = "access"
    package static let method = "revoke-permission"
    package static let channels: [Channel] = [.access]

    package let permission: [UInt8]

    package init(permission: [UInt8]) { self.permission = permission }

    package func write(to writer: inout CanonicalWriter) { writer.raw(self.permission) }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) { self.permission = try reader.hash() }
}
