internal import Transcripts

/// A sealed index key as privacy centers keep it and the chain names it.
package enum SealedIndexKey {
    /// Bytes of one at most.
    package static let bytesMax = 65_536

    /// `H("INDEX-WRAP", blob)`, 32 bytes: the digest of `index.wrap`.
    package static func digest(of blob: [UInt8]) -> [UInt8] { TaggedHash.digest("INDEX-WRAP", blob) }
}
