internal import Crypto

/// HKDF-SHA256 (RFC 5869) under a domain separation tag.
package enum KeyDerivation {
    /// `HKDF(tag, ikm, info, len)` with the tag as salt (specification section 1.3).
    ///
    /// - Parameter length: bytes wanted, at most 8,160.
    package static func hkdf(_ tag: String, secret: [UInt8], info: [UInt8], length: Int) -> [UInt8] {
        let key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: secret),
            salt: domainSeparationTag(tag),
            info: info,
            outputByteCount: length
        )
        return key.withUnsafeBytes { Array($0) }
    }
}
