package import CanonicalBytes
internal import IBTP
package import PathProofs
internal import Records

/// All that vouches for a message: `"WLBP" || u8 1 || u8 kind || LP(source's proof) || LP(path or nothing)`.
///
/// It travels beside the message, which names its SHA-256.
package struct ProofBundle: Hashable, Sendable {
    package static let version: UInt8 = 1

    /// Of what the source's proof is.
    package enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        /// "WLXP" of a chain that is followed as a light client.
        case outbound = 1
        /// A proof of a receipt of an Ethereum chain.
        case ethereum = 2
    }

    package let kind: Kind
    /// Read by the rule of the chain that it is of.
    package let source: [UInt8]
    package let path: PathProof?

    package init(kind: Kind, source: [UInt8], path: PathProof?) {
        self.kind = kind
        self.source = source
        self.path = path
    }

    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: self.source.count + 2_048)
        writer.magic("WLBP")
        writer.u8(Self.version)
        writer.u8(self.kind.rawValue)
        writer.lengthPrefixed(self.source)
        writer.lengthPrefixed(self.path?.bytes ?? [])
        return writer.bytes
    }

    /// What messages name: SHA-256 of the bytes.
    package var digest: [UInt8] { Digest.sha256(of: self.bytes).bytes }

    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLBP")
        let version = try reader.u8()
        try require(version == Self.version, .format, "version \(version) of bundles")
        guard let kind = Kind(rawValue: try reader.u8()) else {
            throw ProtocolFailure(.format, "no such kind of proof")
        }
        self.kind = kind
        self.source = try reader.lengthPrefixed()
        let path = try reader.lengthPrefixed()
        self.path = path.isEmpty ? nil : try PathProof(bytes: path)
        try reader.finish()
    }
}
