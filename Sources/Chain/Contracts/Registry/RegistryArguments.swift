package import CanonicalBytes
package import Certificates
package import Ledger

/// A party registers the certificate that it signs with: no bytes.
package struct Register: MethodArguments {
    package static let contract = "registry"
    package static let method = "register"
    package static let channels: [Channel] = [.access]

    package init() {}

    package func write(to writer: inout CanonicalWriter) {}

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {}
}

/// Brings an issuer's revocation list, `"WLRL"` of `docs/spec/revocation-list.md`.
package struct Revoke: MethodArguments {
    package static let contract = "registry"
    package static let method = "revoke"
    package static let channels: [Channel] = [.access]
    /// Digests of one list.
    package static let digestsMax = 4_096

    package let list: RevocationList

    package init(list: RevocationList) { self.list = list }

    package func write(to writer: inout CanonicalWriter) { writer.raw(self.list.bytes) }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.list = try RevocationList(bytes: try reader.take(reader.remaining))
    }
}

/// Publishes a root over credentials: `root(32) || u64 epoch`.
package struct SetCredentialRoot: MethodArguments {
    package static let contract = "registry"
    package static let method = "set-credential-root"
    package static let channels: [Channel] = [.access]

    package let root: [UInt8]
    /// The scope epoch that the credentials are for.
    package let epoch: UInt64

    package init(root: [UInt8], epoch: UInt64) {
        self.root = root
        self.epoch = epoch
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.root)
        writer.u64(self.epoch)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.root = try reader.hash()
        self.epoch = try reader.u64()
    }
}
