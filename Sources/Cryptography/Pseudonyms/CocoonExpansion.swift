package import CanonicalBytes
package import P256Group

/// Expands one caterpillar key into cocoon keys that nobody else can link (specification section 10, step 2).
package struct CocoonExpansion: Sendable {
    private let key: [UInt8]
    private let epoch: UInt64

    /// - Parameters:
    ///   - key: `kx`, known to the user and the registration authority.
    ///   - epoch: the epoch of the request.
    package init(key: [UInt8], epoch: UInt64) {
        self.key = key
        self.epoch = epoch
    }

    /// `B_i = A + f_i·G`, for the registration authority.
    ///
    /// - Throws: `IDENTITY`.
    package func publicKey(of caterpillar: P256PublicKey, index: UInt32) throws(ProtocolFailure) -> P256PublicKey {
        try P256PublicKey(caterpillar.point + P256Point.base(times: self.offset(index)))
    }

    /// `b_i = a + f_i` with `B_i`, for the user.
    ///
    /// - Throws: `IDENTITY`.
    package func keyPair(of caterpillar: P256KeyPair, index: UInt32) throws(ProtocolFailure) -> P256KeyPair {
        let offset = try self.offset(index)
        var secret = caterpillar.withSecret { $0 + offset }
        defer { secret.wipe() }
        try require(!secret.isZero, .identity, "the cocoon key is the identity")
        return try P256KeyPair(secret: secret)
    }

    /// `f_i`.
    private func offset(_ index: UInt32) throws(ProtocolFailure) -> P256Scalar {
        try P256Scalar.hash("PSEU-F", self.key, self.epoch.bigEndianBytes, index.bigEndianBytes)
    }
}
