package import CanonicalBytes
internal import Transcripts

/// The key of an identity as its holder keeps it: `"WLYK" || H("IBE-PARAMS", E(Y)) || LP(identity) || E(S_ID)`.
extension IdentityKey {
    /// The file's content, which is secret; the caller wipes it.
    ///
    /// - Throws: nothing in practice.
    package func fileBytes() throws(ProtocolFailure) -> [UInt8] {
        var secret = try self.secretBytes()
        defer { secret.wipe() }
        var writer = CanonicalWriter(capacity: self.identity.count + 96)
        writer.magic("WLYK")
        writer.raw(self.parameters.digest)
        writer.lengthPrefixed(self.identity)
        writer.raw(secret)
        return writer.bytes
    }

    /// Reads a file's content.
    ///
    /// - Throws: `FORMAT`; `CONTEXT` for a key of other parameters; as ``init(stored:identity:parameters:)``.
    package convenience init(
        fileBytes bytes: [UInt8],
        parameters: IdentityParameters
    ) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLYK")
        let digest = try reader.take(32)
        let identity = try reader.lengthPrefixed()
        var secret = try reader.take(48)
        defer { secret.wipe() }
        try reader.finish()
        try require(digest == parameters.digest, .context, "the key is of other parameters")
        try self.init(stored: secret, identity: identity, parameters: parameters)
    }
}
