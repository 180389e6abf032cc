internal import COpenSSL
@preconcurrency internal import Glibc

/// SHA-256 by OpenSSL: most of what the protocol hashes is short, and there a call through swift-crypto costs several
/// times the hash.
struct SHA256Stream: ~Copyable {
    static let length = 32
    static let blockLength = 64

    private let context: OpaquePointer

    init() {
        self.context = ThreadContext.take() ?? ThreadContext.make()
        self.restart()
    }

    /// Beginning again clears the state.
    deinit {
        self.restart()
        ThreadContext.giveBack(self.context)
    }

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

/// One context for each thread that hashes: making one takes as long as hashing a short input.
private enum ThreadContext {
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let status = pthread_key_create(&key) { EVP_MD_CTX_free(OpaquePointer($0)) }
        precondition(status == 0, "no more keys for threads")
        return key
    }()

    static func make() -> OpaquePointer {
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("out of memory") }
        return context
    }

    /// The thread's context, nil while it is in use.
    static func take() -> OpaquePointer? {
        guard let context = pthread_getspecific(self.key) else { return nil }
        pthread_setspecific(self.key, nil)
        return OpaquePointer(context)
    }

    static func giveBack(_ context: OpaquePointer) {
        guard pthread_getspecific(self.key) == nil,
            pthread_setspecific(self.key, UnsafeRawPointer(context)) == 0
        else { return EVP_MD_CTX_free(context) }
    }
}

/// SHA-256 as OpenSSL's provider has it, fetched once.
private struct SHA256Algorithm: @unchecked Sendable {
    static let shared = SHA256Algorithm()
    let digest = EVP_MD_fetch(nil, "SHA-256", nil)
}
