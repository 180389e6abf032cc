internal import CanonicalBytes
package import Credentials
internal import Foundation
internal import Transcripts

/// The operator's key under which the master key is sealed: 32 bytes, wiped when it goes.
package final class SealingSecret: @unchecked Sendable {
    private static let length = 32
    private static let saltLength = 32
    // Read once, never changed; wiped at the end.
    private var secret: [UInt8]

    /// Reads the key file.
    ///
    /// - Parameter path: holds 32 bytes or 64 hexadecimal digits; mode 0600, or a credential that systemd provides.
    /// - Throws: `CredentialsError` when it is missing, open to others, or holds something else.
    package init(path: String) throws(CredentialsError) {
        // systemd grants a service's user access to a credential by an ACL, which shows as group permission.
        var content = try PrivateFile.read(path, upTo: 65, isSecret: !Self.isCredential(path))
        defer { content.wipe() }
        if content.count == 65, content.last == UInt8(ascii: "\n") { content.removeLast() }
        let isText = content.count == 2 * Self.length
        let bytes = isText ? [UInt8](hex: String(decoding: content, as: UTF8.self)) : content
        guard let bytes, bytes.count == Self.length else {
            throw .malformed(
                "\(path) holds neither 32 bytes nor 64 hexadecimal digits; `wardline abe keygen` makes one"
            )
        }
        self.secret = bytes.withUnsafeBufferPointer { Array($0) }
    }

    deinit { self.secret.wipe() }

    /// Makes a key file of 32 random bytes, mode 0600.
    ///
    /// - Throws: `CredentialsError.unwritable`, also for a file that exists: without its key no master key opens.
    package static func make(_ path: String) throws(CredentialsError) {
        guard !PrivateFile.exists(path) else { throw .unwritable("\(path) exists; it is not overwritten") }
        var random = SecureRandom.bytes(Self.length)
        defer { random.wipe() }
        try PrivateFile.write(random, to: path)
    }

    /// Seals a secret for the disk: `salt(32) || AES-256-GCM(secret)`, under a key derived for this file alone.
    ///
    /// - Parameters:
    ///   - plaintext: the secret.
    ///   - binding: what it is and whose.
    /// - Returns: the sealed bytes.
    func seal(_ plaintext: [UInt8], binding: [UInt8]) -> [UInt8] {
        let salt = SecureRandom.bytes(Self.saltLength)
        var key = self.key(salt, binding)
        defer { key.wipe() }
        return salt + AuthenticatedEncryption.seal(key, associated: binding, plaintext: plaintext)
    }

    /// - Returns: the secret; the caller wipes it.
    /// - Throws: `FORMAT`, or `AEAD` when the key is another or the file was changed.
    func open(_ sealed: [UInt8], binding: [UInt8]) throws(ProtocolFailure) -> [UInt8] {
        var reader = CanonicalReader(sealed)
        let salt = try reader.take(Self.saltLength)
        var key = self.key(salt, binding)
        defer { key.wipe() }
        return try AuthenticatedEncryption.open(
            key,
            associated: binding,
            ciphertext: try reader.take(reader.remaining)
        )
    }

    private func key(_ salt: [UInt8], _ binding: [UInt8]) -> [UInt8] {
        KeyDerivation.hkdf(
            "ABE-MASTER-VAULT",
            secret: self.secret,
            info: transcript(salt, binding),
            length: AuthenticatedEncryption.keyAndNonceLength
        )
    }

    private static func isCredential(_ path: String) -> Bool {
        guard let directory = ProcessInfo.processInfo.environment["CREDENTIALS_DIRECTORY"] else { return false }
        return path.hasPrefix(directory + "/")
    }
}
