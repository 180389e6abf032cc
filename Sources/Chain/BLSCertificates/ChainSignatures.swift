package import CanonicalBytes
package import Consensus

/// Which kind of certificates a chain has.
package enum ChainSignatures {
    /// The scheme that the keys of a chain's committee are of: Ed25519 for share keys of 32 bytes, BLS for those of
    /// ``ShareKey/byteCount``.
    ///
    /// The kind is the genesis's and stays for the life of the chain: certificates name their version, and one of another
    /// version than the chain's does not verify.
    ///
    /// - Returns: nil for keys of several kinds or none of them, and for share keys without proof of possession.
    package static func scheme(of committee: Committee) -> (any SignatureScheme)? {
        let keys = committee.members.map(\.shareKey)
        if keys.allSatisfy({ $0.count == 32 }) { return Ed25519Scheme() }
        guard keys.allSatisfy({ ShareKey.publicKey($0) != nil }) else { return nil }
        return BLSScheme()
    }

    /// The scheme of a chain's first committee.
    ///
    /// - Throws: `FORMAT` for keys of several kinds or none, and for keys without proof of possession.
    package static func required(of committee: Committee) throws(ProtocolFailure) -> any SignatureScheme {
        guard let scheme = self.scheme(of: committee) else {
            throw ProtocolFailure(
                .format,
                "the members' share keys are of several kinds, unknown or without proof of possession"
            )
        }
        return scheme
    }
}
