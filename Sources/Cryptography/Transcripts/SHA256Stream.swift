internal import COpenSSL

/// SHA-256 by OpenSSL: most of what the protocol hashes is short, and there a call through swift-crypto costs several
/// times the hash.
struct SHA256Stream: ~Copyable {
    static let length = 32
    static let blockLength = 64

    private let context: OpaquePointer

    init() {
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("out of memory") }
        self.context = context
        self.restart()
    }

    /// OpenSSL clears the state.
    deinit { EVP_MD_CTX_free(self.context) }

    /// Forgets what was hashed.
    func restart() {
        precondition(EVP_DigestInit_ex2(self.context, SHA256Algorithm.shared.digest, nil) == 1, "no SHA-256")
    }

    func update(_ bytes: UnsafeRawBufferPointer) {
        precondition(EVP_DigestUpdate(self.context, bytes.baseAddress, bytes.count) == 1)
    }

    func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { self.update($0) } }

    func update(_ byte: UInt8) { withUnsafeBytes(of: byte) { self.update($0) } }

    /// Hashes `LP(field)`.
    func update(field: [UInt8]) {
        withUnsafeBytes(of: UInt32(field.count).bigEndian) { self.update($0) }
        self.update(field)
    }

    /// Ends the hash; ``restart()`` begins another.
    func finish() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.length) { output, count in
            precondition(EVP_DigestFinal_ex(self.context, output.baseAddress, nil) == 1)
            count = Self.length
        }
    }
}

/// SHA-256 as OpenSSL's provider has it, fetched once.
private struct SHA256Algorithm: @unchecked Sendable {
    static let shared = SHA256Algorithm()
    let digest = EVP_MD_fetch(nil, "SHA-256", nil)
}
