internal import COpenSSL
package import CanonicalBytes

/// AES-256-GCM with the tag behind the ciphertext and no nonce in it (specification section 1.3).
package enum AuthenticatedEncryption {
    /// Key (32 bytes) and nonce (12) together.
    package static let keyAndNonceLength = 44
    package static let tagLength = 16

    /// Encrypts under `key44[0..<32]` with nonce `key44[32..<44]`, which must serve for one plaintext only.
    ///
    /// - Precondition: `key44` has 44 bytes.
    /// - Returns: ciphertext and tag, 16 bytes more than the plaintext.
    package static func seal(_ key44: [UInt8], associated: [UInt8], plaintext: [UInt8]) -> [UInt8] {
        let context = CipherContext(key44, encrypting: true)
        context.authenticate(associated)
        return [UInt8](unsafeUninitializedCapacity: plaintext.count + self.tagLength) { output, count in
            context.update(plaintext[...], into: output)
            let tag = UnsafeMutableRawPointer(output.baseAddress).map { $0 + plaintext.count }
            context.finish()
            precondition(EVP_CIPHER_CTX_ctrl(context.handle, EVP_CTRL_AEAD_GET_TAG, 16, tag) == 1)
            count = plaintext.count + self.tagLength
        }
    }

    /// Decrypts what ``seal(_:associated:plaintext:)`` made.
    ///
    /// - Precondition: `key44` has 44 bytes.
    /// - Throws: ``ProtocolFailure`` with code `FORMAT` when there is no room for a tag, `AEAD` when it does not
    ///   open.
    package static func open(
        _ key44: [UInt8],
        associated: [UInt8],
        ciphertext: [UInt8]
    ) throws(ProtocolFailure) -> [UInt8] {
        try require(ciphertext.count >= self.tagLength, .format, "the ciphertext is shorter than a tag")
        let context = CipherContext(key44, encrypting: false)
        context.authenticate(associated)
        let bodyLength = ciphertext.count - self.tagLength
        var tag = Array(ciphertext[bodyLength...])
        var plaintext = [UInt8](unsafeUninitializedCapacity: bodyLength) { output, count in
            context.update(ciphertext[..<bodyLength], into: output)
            count = bodyLength
        }
        precondition(EVP_CIPHER_CTX_ctrl(context.handle, EVP_CTRL_AEAD_SET_TAG, 16, &tag) == 1)
        guard context.isAuthentic() else {
            plaintext.wipe()
            throw ProtocolFailure(.aead, "authenticated decryption failed")
        }
        return plaintext
    }
}

/// AES-256-GCM as OpenSSL's provider has it, fetched once.
private struct GCM: @unchecked Sendable {
    static let shared = GCM()
    let cipher = EVP_CIPHER_fetch(nil, "AES-256-GCM", nil)
}

/// One OpenSSL cipher context; its key schedule is cleared when it goes.
private final class CipherContext {
    let handle: OpaquePointer

    init(_ key44: [UInt8], encrypting: Bool) {
        precondition(key44.count == AuthenticatedEncryption.keyAndNonceLength)
        guard let handle = EVP_CIPHER_CTX_new() else { preconditionFailure("out of memory") }
        self.handle = handle
        let started = key44.withUnsafeBufferPointer { key in
            EVP_CipherInit_ex2(
                handle,
                GCM.shared.cipher,
                key.baseAddress,
                key.baseAddress.map { $0 + 32 },
                encrypting ? 1 : 0,
                nil
            )
        }
        precondition(started == 1, "OpenSSL has no AES-256-GCM")
    }

    deinit { EVP_CIPHER_CTX_free(self.handle) }

    func authenticate(_ associated: [UInt8]) {
        guard !associated.isEmpty else { return }
        var length: Int32 = 0
        precondition(EVP_CipherUpdate(self.handle, nil, &length, associated, Int32(associated.count)) == 1)
    }

    func update(_ input: ArraySlice<UInt8>, into output: UnsafeMutableBufferPointer<UInt8>) {
        guard !input.isEmpty else { return }
        var length: Int32 = 0
        let done = input.withUnsafeBufferPointer {
            EVP_CipherUpdate(self.handle, output.baseAddress, &length, $0.baseAddress, Int32($0.count))
        }
        precondition(done == 1 && Int(length) == input.count)
    }

    func finish() { precondition(self.isAuthentic()) }

    /// Ends the operation; when decrypting, says whether the tag fits.
    func isAuthentic() -> Bool {
        var rest = [UInt8](repeating: 0, count: 16)
        var length: Int32 = 0
        return EVP_CipherFinal_ex(self.handle, &rest, &length) == 1
    }
}
