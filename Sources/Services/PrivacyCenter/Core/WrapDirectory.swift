internal import CanonicalBytes
internal import PrivacyCenterStore
internal import Records
internal import Transcripts

/// Sealed index keys by digest: put by the data's owner, for whoever the chain names them to.
///
/// Who may open one, its ciphertext decides.
struct WrapDirectory: Sendable {
    private let context: CenterContext

    init(_ context: CenterContext) { self.context = context }

    /// `H("INDEX-WRAP", bytes)`.
    static func digest(of bytes: [UInt8]) -> [UInt8] { TaggedHash.digest("INDEX-WRAP", bytes) }

    /// Keeps a sealed index key.
    ///
    /// - Returns: whether it is new.
    /// - Throws: ``CenterRefusal``, `StoreError`.
    func put(_ bytes: [UInt8], as digest: Digest) async throws -> Bool {
        guard !bytes.isEmpty, Self.digest(of: bytes) == digest.bytes else {
            throw CenterRefusal.refused(.digestMismatch, "the path names another sealed key than the body")
        }
        // The store's certificates are objects under their digest; a sealed key is one more of them.
        let outcome = try await self.context.store.putCertificate(bytes, digest: digest)
        guard outcome != .conflict else {
            throw CenterRefusal.refused(.conflict, "another object has this digest")
        }
        return outcome == .stored
    }

    /// - Throws: ``CenterRefusal``, `StoreError`.
    func read(_ digest: Digest) async throws -> [UInt8] {
        guard let bytes = try await self.context.store.certificate(digest), Self.digest(of: bytes) == digest.bytes
        else { throw CenterRefusal.refused(.notFound, "there is no such sealed key") }
        return bytes
    }
}
