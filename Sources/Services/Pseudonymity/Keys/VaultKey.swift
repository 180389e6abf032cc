internal import CanonicalBytes
package import Credentials
internal import Foundation
internal import Transcripts

/// The operator's key under which an authority's secret keys rest on the disk: a copy of the directory alone opens
/// nothing.
///
/// A sealed file is `"WLPV" || salt(32) || AES-256-GCM(secret)`; the key is derived for each file and bound to its use.
package final class VaultKey: @unchecked Sendable {
    private static let saltLength = 32
    /// Read once, never changed; wiped at the end.
    private var secret: [UInt8]

    /// Reads a key file of 32 bytes or 64 hexadecimal digits.
    ///
    /// - Throws: `CredentialsError` when it is missing, open to others, or holds something else.
    package init(path: String) throws(CredentialsError) {
        // systemd grants a service's user access to a credential by an ACL, which shows as group permission.
        let credentials = ProcessInfo.processInfo.environment["CREDENTIALS_DIRECTORY"]
        let isCredential = credentials.map { path.hasPrefix($0 + "/") } ?? false
        var content = try PrivateFile.read(path, upTo: 65, isSecret: !isCredential)
        defer { content.wipe() }
        if content.count == 65, content.last == UInt8(ascii: "\n") { content.removeLast() }
        let digits = content.count == 64 ? [UInt8](hex: String(decoding: content, as: UTF8.self)) : content
        guard let digits, digits.count == 32 else {
            throw .malformed(
                "\(path) holds neither 32 bytes nor 64 hexadecimal digits; `wardline pseudonym keygen` makes one"
            )
        }
        self.secret = digits + []
    }

    deinit { self.secret.wipe() }

    /// Makes a key file of 32 random bytes, mode 0600.
    ///
    /// - Throws: `CredentialsError`, also for a file that exists.
    package static func make(_ path: String) throws(CredentialsError) {
        guard !PrivateFile.exists(path) else { throw .unwritable("\(path) exists; it is not overwritten") }
        var random = SecureRandom.bytes(32)
        defer { random.wipe() }
        try PrivateFile.write(random, to: path)
    }

    func seal(_ plaintext: [UInt8], for use: [UInt8]) -> [UInt8] {
        var writer = CanonicalWriter(capacity: 128)
        writer.magic("WLPV")
        let salt = SecureRandom.bytes(Self.saltLength)
        writer.raw(salt)
        var key = self.key(salt, use)
        defer { key.wipe() }
        writer.raw(AuthenticatedEncryption.seal(key, associated: use, plaintext: plaintext))
        return writer.bytes
    }

    /// - Throws: `FORMAT`, or `AEAD` when the key is another or the file was changed or moved.
    func open(_ sealed: [UInt8], for use: [UInt8]) throws(ProtocolFailure) -> [UInt8] {
        var reader = CanonicalReader(sealed)
        try reader.magic("WLPV")
        let salt = try reader.take(Self.saltLength)
        var key = self.key(salt, use)
        defer { key.wipe() }
        return try AuthenticatedEncryption.open(
            key,
            associated: use,
            ciphertext: try reader.take(reader.remaining)
        )
    }

    private func key(_ salt: [UInt8], _ use: [UInt8]) -> [UInt8] {
        KeyDerivation.hkdf(
            "PSEU-VAULT",
            secret: self.secret,
            info: transcript(salt, use),
            length: AuthenticatedEncryption.keyAndNonceLength
        )
    }
}
