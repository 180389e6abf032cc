package import AccessPolicies
package import CanonicalBytes
internal import Transcripts

/// The policy under which an index key is sealed: a data policy and the permission for one scope (specification section
/// 7.6).
package struct IndexPolicy: Sendable {
    /// `perm:` and 16 hexadecimal digits, which keys carry for scopes with a valid permission.
    package let permission: String
    /// `(P and perm_attr)`.
    package let policy: AccessPolicy

    /// - Parameters:
    ///   - text: the data policy in its canonical text.
    ///   - scopeDigest: 32 bytes.
    /// - Throws: `FORMAT` for a digest of another length; `POLICY` for a text that is not canonical, and for a policy that
    ///   exceeds a limit with the permission.
    package init(_ text: String, scopeDigest: [UInt8]) throws(ProtocolFailure) {
        self.permission = try Self.permission(scopeDigest: scopeDigest)
        let policy = try AccessPolicy(canonical: text)
        self.policy = try AccessPolicy(canonical: "(\(policy.text) and \(self.permission))")
    }

    /// The attribute that permits one scope.
    ///
    /// - Throws: `FORMAT` for a digest of another length than 32.
    package static func permission(scopeDigest: [UInt8]) throws(ProtocolFailure) -> String {
        try require(scopeDigest.count == 32, .format, "a scope digest has 32 bytes")
        return "perm:" + TaggedHash.digest("PERM-SCOPE", scopeDigest).prefix(8).hex
    }
}
