internal import CanonicalBytes
internal import Crypto
internal import Foundation

/// SHA-256 of something that comes in pieces.
struct FileHash {
    private var hash = SHA256()
    private var count: UInt64 = 0

    mutating func update(_ bytes: [UInt8]) {
        self.hash.update(data: bytes)
        self.count += UInt64(bytes.count)
    }

    func finish() -> FileDigest {
        FileDigest(sha256: [UInt8](self.hash.finalize()).hex, bytes: self.count)
    }
}
