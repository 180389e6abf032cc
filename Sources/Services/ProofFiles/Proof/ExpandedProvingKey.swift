internal import BLS12381
package import CanonicalBytes
internal import Credentials
package import Groth16

/// A proving key's copy with both coordinates of each point, beside the key: read without a square root for every point.
///
/// `"WLKX" || digest of the key's file (32) || digest of what follows (32) || the key in its uncompressed form`. The
/// first digest is the one of `keys.json`, by whose word the points' subgroup is believed: the copy's own digest only
/// tells damage, and whoever may write into the folder is trusted with `keys.json` already. That points are on the curve
/// is checked here as there. A copy that is missing, damaged or of another key is as good as none.
package enum ExpandedProvingKey {
    /// Of the file, in the ceremony's folder.
    package static let name = "\(CeremonyKeys.provingKeyFile).expanded"
    /// Mark and digests.
    private static let headLength = 68

    /// The uncompressed key, its own digest compared, and read for the circuit of a verification key.
    ///
    /// - Parameters:
    ///   - folder: of the ceremony.
    ///   - digest: of the key's file, as `keys.json` has it.
    ///   - verificationKey: digest of the circuit's.
    /// - Returns: nil when there is no such copy.
    package static func read(in folder: String, of digest: [UInt8], verificationKey: [UInt8]) -> ProvingKey? {
        let path = "\(folder)/\(Self.name)"
        guard PrivateFile.exists(path),
            let bytes = try? PrivateFile.read(
                path,
                upTo: ProvingKeyHeader.bytesMax + Self.headLength,
                isSecret: false
            )
        else { return nil }
        return try? Self.key(bytes, of: digest, verificationKey: verificationKey)
    }

    /// The key in a copy.
    ///
    /// - Throws: `FORMAT`, `CONTEXT` for another key, and what a key's decoding throws.
    package static func key(
        _ bytes: [UInt8],
        of digest: [UInt8],
        verificationKey: [UInt8]
    ) throws(ProtocolFailure) -> ProvingKey {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLKX")
        let ofFile = try reader.take(32)
        try require(ofFile == digest, .context, "a copy of another proving key")
        let own = try reader.take(32)
        let content = try reader.take(reader.remaining)
        let header = try ProvingKeyHeader(content)
        try require(!header.isCompressed, .format, "a copy with one coordinate of each point")
        try require(header.verificationKey.digest == verificationKey, .context, "a key of another circuit")
        return try ProvingKey(content, .digest(own))
    }

    /// The copy's file.
    ///
    /// - Throws: `IDENTITY` for a key that is none.
    package static func bytes(_ key: ProvingKey, of digest: [UInt8]) throws(ProtocolFailure) -> [UInt8] {
        let content = try key.encoded(.uncompressed)
        var writer = CanonicalWriter(capacity: content.count + Self.headLength)
        writer.magic("WLKX")
        writer.raw(digest)
        writer.raw(ProvingKey.digest(content))
        writer.raw(content)
        return writer.bytes
    }

    /// Writes the copy, whole or not at all; a folder that is not to be written to stays without.
    package static func write(_ key: ProvingKey, of digest: [UInt8], to folder: String) {
        guard let bytes = try? Self.bytes(key, of: digest) else { return }
        try? PublicFile.write(bytes, to: "\(folder)/\(Self.name)")
    }
}
