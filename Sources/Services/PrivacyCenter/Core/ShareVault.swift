package import CanonicalBytes
internal import Credentials
package import Records
internal import Transcripts

/// Seals shares of re-encryption keys for the store: who reads the database alone learns none.
///
/// ```
/// "WLSV" || LP(single-control signature, or empty) || salt(32) || AES-256-GCM(share)
/// ```
///
/// The key is derived from a file of mode 0600 beside the center's keys, for each share anew.
package struct ShareVault: Sendable {
    static let fileName = "share-vault.key"
    private static let saltLength = 32

    private let secret: VaultSecret

    /// Reads the vault's key, or makes it.
    ///
    /// - Throws: `CredentialsError`.
    package init(directory: String) throws {
        let path = "\(directory)/\(Self.fileName)"
        if !PrivateFile.exists(path) {
            var random = SecureRandom.bytes(32)
            defer { random.wipe() }
            try PrivateFile.write(random, to: path)
        }
        let bytes = try PrivateFile.read(path, upTo: 32)
        guard bytes.count == 32 else { throw CredentialsError.malformed("\(path) does not hold 32 bytes") }
        self.secret = VaultSecret(bytes)
    }

    /// What is kept beside a grant.
    package struct Entry {
        /// The owner's statement that this center alone may open mode 0; nil when there is none.
        package let singleControl: [UInt8]?
        /// 32 bytes, which the caller wipes.
        package var share: [UInt8]
    }

    func seal(_ entry: Entry, grant: Digest, index: UInt8) -> [UInt8] {
        var writer = CanonicalWriter()
        writer.magic("WLSV")
        writer.lengthPrefixed(entry.singleControl ?? [])
        let salt = SecureRandom.bytes(Self.saltLength)
        writer.raw(salt)
        var key = self.key(salt, grant, index)
        defer { key.wipe() }
        let aad = transcript(grant.bytes, [index], writer.bytes)
        writer.raw(AuthenticatedEncryption.seal(key, associated: aad, plaintext: entry.share))
        return writer.bytes
    }

    /// Opens a share that this vault sealed.
    ///
    /// - Throws: `FORMAT` or `AEAD` when the vault's key or the row is another.
    package func open(_ sealed: [UInt8], grant: Digest, index: UInt8) throws(ProtocolFailure) -> Entry {
        var reader = CanonicalReader(sealed)
        try reader.magic("WLSV")
        let singleControl = try reader.lengthPrefixed()
        let salt = try reader.take(Self.saltLength)
        let aad = transcript(grant.bytes, [index], reader.consumed)
        var key = self.key(salt, grant, index)
        defer { key.wipe() }
        let share = try AuthenticatedEncryption.open(
            key,
            associated: aad,
            ciphertext: try reader.take(reader.remaining)
        )
        return Entry(singleControl: singleControl.isEmpty ? nil : singleControl, share: share)
    }

    private func key(_ salt: [UInt8], _ grant: Digest, _ index: UInt8) -> [UInt8] {
        KeyDerivation.hkdf(
            "CPC-SHARE-VAULT",
            secret: self.secret.bytes,
            info: transcript(salt, grant.bytes, [index]),
            length: AuthenticatedEncryption.keyAndNonceLength
        )
    }
}

/// The vault's key in memory; wiped when the last user lets go of it.
private final class VaultSecret: @unchecked Sendable {
    private(set) var bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    deinit { self.bytes.wipe() }
}
