package import CanonicalBytes
package import Consensus
package import Ledger
internal import Transcripts

/// An attribute authority publishes the public key of its attribute-based encryption: `LP("WLM1" bytes)`.
package struct SetAttributeKey: MethodArguments {
    package static let contract = "registry"
    package static let method = "set-attribute-key"
    package static let channels: [Channel] = [.access]
    /// Bytes of a key.
    package static let bytesMax = 4_096

    /// "WLM1" of the cryptographic specification (section 7.4); users of the key check the points themselves.
    package let publicKey: [UInt8]

    package init(publicKey: [UInt8]) { self.publicKey = publicKey }

    package func write(to writer: inout CanonicalWriter) { writer.lengthPrefixed(self.publicKey) }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.publicKey = try reader.lengthPrefixed()
        try require(self.publicKey.count <= Self.bytesMax, .format, "a key of \(self.publicKey.count) bytes")
        var parts = CanonicalReader(self.publicKey)
        try parts.magic("WLM1")
        _ = try parts.text()
        try require(parts.remaining > 0, .format, "a key without its points")
    }

    /// `H("ABE-PK", pk)`.
    package var digest: [UInt8] { TaggedHash.digest("ABE-PK", self.publicKey) }
}

/// The newest public key of an attribute authority: `u64 height || LP(pk)`.
package struct AttributeKeyRecord: StateRecord {
    /// The block that published it.
    package let height: Height
    /// "WLM1".
    package let publicKey: [UInt8]

    init(_ publicKey: [UInt8], height: Height) {
        self.height = height
        self.publicKey = publicKey
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.u64(self.height)
        writer.lengthPrefixed(self.publicKey)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.height = try reader.u64()
        self.publicKey = try reader.lengthPrefixed()
    }
}
