internal import COpenSSL
internal import Glibc

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
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            // One call of the system gives at most 256 bytes.
            while filled < count {
                let wanted = min(256, count - filled)
                let start = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
                precondition(getentropy(start.baseAddress, wanted) == 0, "the system has no random numbers")
                filled += wanted
            }
        }
    }
}
