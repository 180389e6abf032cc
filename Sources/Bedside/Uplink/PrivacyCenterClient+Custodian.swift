internal import CanonicalBytes

extension PrivacyCenterClient {
    /// Has the center forget a grant; its receiver gets no further parts.
    ///
    /// - Parameter grant: the grant's digest, 32 bytes.
    /// - Throws: ``UplinkFailure``; `refused` with 404 when the center never had it.
    package func deleteRekey(_ grant: [UInt8]) async throws(UplinkFailure) {
        _ = try await self.client.send(.delete, self.base.appending("/v1/rekeys/\(grant.hex)"), bytesMax: 16 << 10)
    }

    /// Puts a sealed index key; the same one may be put again.
    ///
    /// - Parameters:
    ///   - blob: the ciphertext.
    ///   - digest: as the chain names it, 32 bytes.
    /// - Throws: ``UplinkFailure``.
    package func putWrap(_ blob: [UInt8], digest: [UInt8]) async throws(UplinkFailure) {
        _ = try await self.put(blob, "/v1/wraps/\(digest.hex)")
    }
}
