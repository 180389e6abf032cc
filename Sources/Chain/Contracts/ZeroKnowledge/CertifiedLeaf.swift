package import CanonicalBytes
package import Certificates

/// A credential's leaf: `u32 index || LP(issuer) || u64 added || u64 revoked || u8 reason`; times are milliseconds since
/// 1970.
///
/// It stays when the credential is revoked, so that nobody can bring it back.
package struct CertifiedLeaf: StateRecord {
    /// Its place in the tree.
    package let index: UInt32
    package let issuer: PartyName
    package let added: UInt64
    /// 0: not revoked.
    package private(set) var revoked: UInt64
    /// nil: not revoked.
    package private(set) var reason: CredentialRevocationReason?

    init(index: UInt32, issuer: PartyName, added: UInt64) {
        self.index = index
        self.issuer = issuer
        self.added = added
        self.revoked = 0
    }

    mutating func revoke(_ reason: CredentialRevocationReason, at time: UInt64) {
        self.revoked = time
        self.reason = reason
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.u32(self.index)
        writer.party(self.issuer)
        writer.u64(self.added)
        writer.u64(self.revoked)
        writer.u8(self.reason?.rawValue ?? 0)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.index = try reader.u32()
        self.issuer = try reader.partyName()
        self.added = try reader.u64()
        self.revoked = try reader.u64()
        let reason = try reader.u8()
        self.reason = CredentialRevocationReason(rawValue: reason)
        let isConsistent = (self.reason?.rawValue ?? 0) == reason && (reason == 0) == (self.revoked == 0)
        try require(isConsistent, .format, "no such reason for a revocation")
    }
}
