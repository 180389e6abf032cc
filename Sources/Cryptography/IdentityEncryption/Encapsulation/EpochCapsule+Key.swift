package import CanonicalBytes
package import Signcryption

/// The capsule of an encapsulated epoch key (specification section 6.4).
extension EpochCapsule {
    /// `"WLK1" || LP(id) || H("IBE-PARAMS", E(Y)) || ct`.
    package init(identity: [UInt8], parameters: IdentityParameters, ciphertext: [UInt8]) {
        var writer = CanonicalWriter(capacity: identity.count + 168)
        writer.magic("WLK1")
        writer.lengthPrefixed(identity)
        writer.raw(parameters.digest)
        writer.raw(ciphertext)
        self.init(bytes: writer.bytes)
    }

    /// What the capsule carries.
    ///
    /// - Returns: the identity and the ciphertext, 128 bytes.
    /// - Throws: `FORMAT`, `CONTEXT` for other parameters.
    package func content(
        under parameters: IdentityParameters
    ) throws(ProtocolFailure) -> (identity: [UInt8], ciphertext: [UInt8]) {
        var reader = CanonicalReader(self.bytes)
        try reader.magic("WLK1")
        let identity = try reader.lengthPrefixed()
        let digest = try reader.take(32)
        let ciphertext = try reader.take(Encapsulation.ciphertextLength)
        try reader.finish()
        try require(digest == parameters.digest, .context, "the capsule is of other parameters")
        return (identity, ciphertext)
    }
}

extension IdentityKey {
    /// Opens an epoch capsule.
    ///
    /// - Returns: the epoch key, 32 bytes; the caller wipes it.
    /// - Throws: as ``EpochCapsule/content(under:)``, `CONTEXT` for another identity, as ``decapsulate(_:)``.
    package func open(_ capsule: EpochCapsule) throws(ProtocolFailure) -> [UInt8] {
        let content = try capsule.content(under: self.parameters)
        try require(content.identity == self.identity, .context, "the capsule is of another identity")
        return try self.decapsulate(content.ciphertext)
    }
}
