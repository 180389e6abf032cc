package import CanonicalBytes

/// What a receiver is handed of a grant: the grant, what verifies it, and where its privacy centers are.
///
/// ```
/// "WLGF" || LP(grant) || LP(descriptor) || LP(owner certificate) || u8 n || n × LP(url)
/// ```
///
/// Nothing in it is secret. The addresses stand in the order of the grant's centers; they are hints, not statements.
package struct GrantFile: Sendable, Hashable {
    /// Bytes of a file at most.
    package static let bytesMax = 1 << 20

    package let grant: [UInt8]
    package let descriptor: [UInt8]
    package let ownerCertificate: [UInt8]
    /// One for every center of the grant.
    package let addresses: [String]

    package init(grant: [UInt8], descriptor: [UInt8], ownerCertificate: [UInt8], addresses: [String]) {
        self.grant = grant
        self.descriptor = descriptor
        self.ownerCertificate = ownerCertificate
        self.addresses = addresses
    }

    /// Parses a file of any origin; the grant in it is parsed and verified by its reader.
    ///
    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        try require(bytes.count <= Self.bytesMax, .format, "more than \(Self.bytesMax) bytes")
        var reader = CanonicalReader(bytes)
        try reader.magic("WLGF")
        self.grant = try reader.lengthPrefixed()
        self.descriptor = try reader.lengthPrefixed()
        self.ownerCertificate = try reader.lengthPrefixed()
        var addresses: [String] = []
        for _ in 0..<(try reader.u8()) { addresses.append(try reader.text()) }
        self.addresses = addresses
        try reader.finish()
    }

    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 2_048)
        writer.magic("WLGF")
        writer.lengthPrefixed(self.grant)
        writer.lengthPrefixed(self.descriptor)
        writer.lengthPrefixed(self.ownerCertificate)
        writer.u8(UInt8(truncatingIfNeeded: self.addresses.count))
        for address in self.addresses { writer.lengthPrefixed(address) }
        return writer.bytes
    }
}
