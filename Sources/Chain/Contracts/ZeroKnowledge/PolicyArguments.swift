package import CanonicalBytes
package import Ledger

/// States the policy that requests for a scope have to prove: `scope(32) || circuit(32) || u64 permission_seconds ||
/// LP(text)`.
package struct SetPolicy: MethodArguments {
    package static let contract = "zk"
    package static let method = "policy"
    package static let channels: [Channel] = [.access]
    /// In the place of a scope: all scopes of the organization that have no policy of their own.
    package static let everyScope = [UInt8](repeating: 0, count: 32)
    /// Characters of a policy.
    package static let textBytesMax = 4_096

    /// Digest of the scope, or ``everyScope``.
    package let scope: [UInt8]
    /// Identifier of the circuit that proofs are for.
    package let circuit: [UInt8]
    /// Length of the permission that a proof brings at once; 0: an owner decides about each request.
    package let permissionSeconds: UInt64
    /// The policy's canonical text.
    package let text: String

    package init(scope: [UInt8], circuit: [UInt8], permissionSeconds: UInt64, text: String) {
        self.scope = scope
        self.circuit = circuit
        self.permissionSeconds = permissionSeconds
        self.text = text
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.scope)
        writer.raw(self.circuit)
        writer.u64(self.permissionSeconds)
        writer.lengthPrefixed(self.text)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.scope = try reader.hash()
        self.circuit = try reader.hash()
        self.permissionSeconds = try reader.u64()
        self.text = try reader.text()
        try require(self.text.utf8.count <= Self.textBytesMax, .format, "a policy of \(self.text.utf8.count) bytes")
    }

    // Texts that Unicode takes for the same are different policies.
    package static func == (left: Self, right: Self) -> Bool { left.bytes == right.bytes }

    package func hash(into hasher: inout Hasher) { hasher.combine(self.bytes) }
}

/// Ends a scope's policy: `scope(32)`.
package struct WithdrawPolicy: MethodArguments {
    package static let contract = "zk"
    package static let method = "policy-withdraw"
    package static let channels: [Channel] = [.access]

    /// As in ``SetPolicy``.
    package let scope: [UInt8]

    package init(scope: [UInt8]) { self.scope = scope }

    package func write(to writer: inout CanonicalWriter) { writer.raw(self.scope) }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) { self.scope = try reader.hash() }
}
