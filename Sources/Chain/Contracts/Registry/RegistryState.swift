package import CanonicalBytes
package import Certificates
package import Consensus
package import Ledger

/// Keys of the registry.
package enum RegistryKey {
    /// ``RegisteredCertificate`` by digest.
    package static func certificate(_ digest: [UInt8]) -> [UInt8] {
        StateKey.make("registry", "cert", digest)
    }

    /// The digest of a party's newest certificate.
    package static func party(_ name: PartyName) -> [UInt8] {
        StateKey.make("registry", "party", name.description.utf8)
    }

    /// `u64`: the number of the issuer's newest revocation list.
    package static func listNumber(_ kind: TrustedIssuer.Kind, _ issuer: String) -> [UInt8] {
        StateKey.make("registry", "list", [kind.rawValue] + Array(issuer.utf8))
    }

    /// ``CredentialRoots`` of an authority.
    package static func roots(_ authority: PartyName) -> [UInt8] {
        StateKey.make("registry", "roots", authority.description.utf8)
    }

    /// ``AttributeKeyRecord`` of an attribute authority.
    package static func attributeKey(_ authority: PartyName) -> [UInt8] {
        StateKey.make("registry", "attribute-key", authority.description.utf8)
    }
}

/// What the registry knows of a certificate: `LP(subject) || LP(issuer) || u64 not_before || u64 not_after || u64
/// height`.
package struct RegisteredCertificate: StateRecord {
    package let subject: PartyName
    /// The authority's name.
    package let issuer: String
    /// Seconds since 1970.
    package let notBefore: UInt64
    /// Seconds since 1970.
    package let notAfter: UInt64
    /// The block that registered it.
    package let height: Height

    init(_ certificate: ImplicitCertificate, of subject: PartyName, at height: Height) {
        self.subject = subject
        self.issuer = certificate.fields.issuer
        self.notBefore = certificate.fields.notBefore
        self.notAfter = certificate.fields.notAfter
        self.height = height
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.party(self.subject)
        writer.lengthPrefixed(self.issuer)
        writer.u64(self.notBefore)
        writer.u64(self.notAfter)
        writer.u64(self.height)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.subject = try reader.partyName()
        self.issuer = try reader.text()
        self.notBefore = try reader.u64()
        self.notAfter = try reader.u64()
        self.height = try reader.u64()
    }

    package static func == (left: Self, right: Self) -> Bool { left.bytes == right.bytes }

    package func hash(into hasher: inout Hasher) { hasher.combine(self.bytes) }
}

/// An authority's last credential roots, oldest first: `u16 n × (root(32) || u64 epoch || u64 height)`.
package struct CredentialRoots: StateRecord {
    /// Roots that are kept.
    package static let window = 16

    package struct Entry: Hashable, Sendable {
        package let root: [UInt8]
        package let epoch: UInt64
        package let height: Height
    }

    package private(set) var entries: [Entry] = []

    init() {}

    mutating func append(_ entry: Entry) {
        self.entries.append(entry)
        if self.entries.count > Self.window { self.entries.removeFirst() }
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.u16(UInt16(self.entries.count))
        for entry in self.entries {
            writer.raw(entry.root)
            writer.u64(entry.epoch)
            writer.u64(entry.height)
        }
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        for _ in 0..<(try reader.u16()) {
            self.entries.append(Entry(root: try reader.hash(), epoch: try reader.u64(), height: try reader.u64()))
        }
    }
}
