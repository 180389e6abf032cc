internal import COpenSSL

/// The four hashes of the state tree, each SHA-256 with a byte of its own before the content.
///
/// - key hash `SHA-256(0x12 || key)`, value hash `SHA-256(0x13 || value)`;
/// - leaf `SHA-256(0x10 || key hash || value hash)`, inner node `SHA-256(0x11 || left || right)`.
///
/// No other hash of the protocol begins with these bytes: tagged ones begin with the zeros of a length, those of
/// RFC 9162 trees with 0 or 1.
struct TreeHasher: ~Copyable {
    private enum Prefix: UInt8 {
        case leaf = 0x10
        case inner = 0x11
        case key = 0x12
        case value = 0x13
    }

    private static let pairLength = 1 + 2 * TreeHash.byteCount

    private let context: OpaquePointer
    /// A prefix and two hashes, then room for the digest; one buffer for all, since a hash takes less time than
    /// an allocation.
    private let buffer: UnsafeMutableRawPointer

    init() {
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("out of memory") }
        self.context = context
        self.buffer = .allocate(byteCount: Self.pairLength + TreeHash.byteCount, alignment: 8)
    }

    deinit {
        EVP_MD_CTX_free(self.context)
        self.buffer.deallocate()
    }

    /// Where a key stands in the tree.
    func key(_ key: [UInt8]) -> TreeHash { self.digest(.key, key) }

    /// What a leaf commits to.
    func value(_ value: [UInt8]) -> TreeHash { self.digest(.value, value) }

    func leaf(key: TreeHash, value: TreeHash) -> TreeHash { self.digest(.leaf, key, value) }

    func inner(_ left: TreeHash, _ right: TreeHash) -> TreeHash { self.digest(.inner, left, right) }

    private func digest(_ prefix: Prefix, _ left: TreeHash, _ right: TreeHash) -> TreeHash {
        self.buffer.storeBytes(of: prefix.rawValue, as: UInt8.self)
        left.write(to: self.buffer + 1)
        right.write(to: self.buffer + 1 + TreeHash.byteCount)
        self.start()
        self.update(UnsafeRawBufferPointer(start: self.buffer, count: Self.pairLength))
        return self.finish()
    }

    private func digest(_ prefix: Prefix, _ content: [UInt8]) -> TreeHash {
        self.start()
        withUnsafeBytes(of: prefix.rawValue) { self.update($0) }
        content.withUnsafeBytes { self.update($0) }
        return self.finish()
    }

    private func start() {
        precondition(EVP_DigestInit_ex2(self.context, Algorithm.shared.digest, nil) == 1, "no SHA-256")
    }

    private func update(_ bytes: UnsafeRawBufferPointer) {
        precondition(EVP_DigestUpdate(self.context, bytes.baseAddress, bytes.count) == 1)
    }

    private func finish() -> TreeHash {
        let output = self.buffer + Self.pairLength
        precondition(EVP_DigestFinal_ex(self.context, output.assumingMemoryBound(to: UInt8.self), nil) == 1)
        return TreeHash(reading: output)
    }
}

/// SHA-256 as OpenSSL's provider has it, fetched once; OpenSSL shares it among threads.
private struct Algorithm: @unchecked Sendable {
    static let shared = Algorithm()
    let digest = EVP_MD_fetch(nil, "SHA-256", nil)
}
