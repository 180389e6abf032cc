internal import COpenSSL

extension [UInt8] {
    /// Overwrites the bytes; the compiler may not leave this out.
    ///
    /// Only this array's storage is reached: a secret must not have been copied before.
    package mutating func wipe() {
        self.withUnsafeMutableBytes { buffer in
            guard let start = buffer.baseAddress else { return }
            OPENSSL_cleanse(start, buffer.count)
        }
    }

    /// Compares in time that depends on the lengths alone.
    package func equalsInConstantTime(_ other: [UInt8]) -> Bool {
        guard self.count == other.count else { return false }
        return zip(self, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

/// Random bytes of the system's generator.
package enum SecureRandom {
    package static func bytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 7)
        while bytes.count < count {
            let word: UInt64 = generator.next()
            Swift.withUnsafeBytes(of: word) { bytes.append(contentsOf: $0) }
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }
}
