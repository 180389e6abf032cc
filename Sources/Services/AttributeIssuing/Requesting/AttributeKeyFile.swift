package import AttributeEncryption
package import CanonicalBytes
package import Credentials
internal import Transcripts

/// An attribute key in a file of mode 0600, with the public key that it is checked under.
///
/// `"WLAF" || permission(32) || LP("WLM1") || LP("WLA1")`.
package struct AttributeKeyFile: Sendable {
    private static let bytesMax = 2 << 20

    /// The permission that gave the `perm:` attribute, 32 bytes.
    package let permission: [UInt8]
    /// Of the authority, as the chain proved it when the key was issued.
    package let publicKey: AttributePublicKey
    package let key: AttributeKey

    /// - Parameters:
    ///   - permission: 32 bytes.
    ///   - publicKey: under which the key was checked.
    ///   - key: the secret.
    package init(permission: [UInt8], publicKey: AttributePublicKey, key: AttributeKey) {
        self.permission = permission
        self.publicKey = publicKey
        self.key = key
    }

    /// Reads a file that others cannot read, and checks the key.
    ///
    /// - Throws: `CredentialsError` for a file that cannot be used.
    package init(path: String) throws(CredentialsError) {
        var bytes = try PrivateFile.read(path, upTo: Self.bytesMax)
        defer { bytes.wipe() }
        do throws(ProtocolFailure) { try self.init(bytes: bytes) } catch {
            throw .malformed("\(path) holds no attribute key: \(error.detail)")
        }
    }

    /// Reads a key strictly, and checks it under its public key.
    ///
    /// - Throws: `FORMAT`; as `AttributePublicKey.init(bytes:)`, `AttributeKey.init(bytes:)`, `AttributeKey.check(under:)`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLAF")
        self.permission = try reader.take(32)
        self.publicKey = try AttributePublicKey(bytes: try reader.lengthPrefixed())
        var secret = try reader.lengthPrefixed()
        defer { secret.wipe() }
        self.key = try AttributeKey(bytes: secret)
        try reader.finish()
        try self.key.check(under: self.publicKey)
    }

    /// Writes the file.
    ///
    /// - Throws: `CredentialsError.unwritable`.
    package func write(to path: String) throws(CredentialsError) {
        var bytes: [UInt8]
        do throws(ProtocolFailure) { bytes = try self.secretBytes() } catch {
            throw .malformed("the attribute key has no encoding: \(error.detail)")
        }
        defer { bytes.wipe() }
        try PrivateFile.write(bytes, to: path)
    }

    /// The canonical bytes; the caller wipes them.
    ///
    /// - Throws: nothing in practice.
    package func secretBytes() throws(ProtocolFailure) -> [UInt8] {
        var secret = try self.key.secretBytes()
        defer { secret.wipe() }
        var writer = CanonicalWriter(capacity: 4_096 + secret.count)
        writer.magic("WLAF")
        writer.raw(self.permission)
        writer.lengthPrefixed(self.publicKey.bytes)
        writer.lengthPrefixed(secret)
        return writer.bytes
    }

    /// Opens what is sealed for this key's attributes.
    package var decryptor: AttributeDecryptor { AttributeDecryptor(self.key, publicKey: self.publicKey) }
}
