package import CanonicalBytes
internal import Transcripts

/// `K_RA` or `K_PCA`: a stored AES-256 key that is used with explicit random nonces (specification section 10).
///
/// One key seals far less than 2^32 plaintexts, since it is rotated per epoch. It is wiped when its last user lets go
/// of it.
package final class SealingKey: @unchecked Sendable {
    /// Bytes of a key.
    package static let length = 32
    /// Bytes of a nonce.
    package static let nonceLength = 12

    /// Written by `init` and `deinit` alone.
    private var key: [UInt8]

    /// - Parameter bytes: 32 random bytes; the caller wipes its copy.
    /// - Throws: `FORMAT` for another length.
    package init(_ bytes: [UInt8]) throws(ProtocolFailure) {
        try require(bytes.count == Self.length, .format, "a sealing key has 32 bytes")
        // A buffer of its own: wiping storage that is shared with the caller would wipe a copy of it.
        self.key = [UInt8](unsafeUninitializedCapacity: bytes.count) { buffer, count in
            count = buffer.initialize(fromContentsOf: bytes)
        }
    }

    deinit { self.key.wipe() }

    /// The key, 32 bytes, to store it in a file of mode 0600; the caller wipes it.
    package func secretBytes() -> [UInt8] { self.key + [] }

    /// - Returns: nonce, ciphertext and tag.
    /// - Throws: `FORMAT` for a nonce of another length than 12.
    func seal(_ plaintext: [UInt8], associated: [UInt8], nonce: [UInt8]) throws(ProtocolFailure) -> [UInt8] {
        try require(nonce.count == Self.nonceLength, .format, "a nonce has 12 bytes")
        var keyAndNonce = self.key + nonce
        defer { keyAndNonce.wipe() }
        return nonce + AuthenticatedEncryption.seal(keyAndNonce, associated: associated, plaintext: plaintext)
    }

    /// - Throws: `FORMAT` when there is no room for nonce and tag, `AEAD`.
    func open(_ sealed: [UInt8], associated: [UInt8]) throws(ProtocolFailure) -> [UInt8] {
        try require(sealed.count >= Self.nonceLength, .format, "shorter than a nonce")
        var keyAndNonce = self.key + sealed[..<Self.nonceLength]
        defer { keyAndNonce.wipe() }
        return try AuthenticatedEncryption.open(
            keyAndNonce,
            associated: associated,
            ciphertext: Array(sealed[Self.nonceLength...])
        )
    }
}
