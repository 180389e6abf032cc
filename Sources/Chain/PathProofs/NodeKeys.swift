package import CanonicalBytes
package import ThresholdSignatures

/// The keys of a verification node, whose possession of the aggregating one is proven: there is no value without.
///
/// A key made from the others' would otherwise sign for all of them (specification of the cryptographic layer,
/// section 9).
package struct NodeKeys: Sendable, Hashable {
    /// Ed25519, 32 bytes.
    package let identity: [UInt8]
    /// BLS12-381, in G1.
    package let signature: BLSPublicKey
    /// Proof of possession, 96 bytes.
    package let possession: [UInt8]

    /// Bytes of the three together.
    static let byteCount = 32 + 48 + 96

    /// Checks the proof of possession, a product of two pairings.
    ///
    /// - Parameters:
    ///   - identity: Ed25519, 32 bytes.
    ///   - signature: `E(pk)`, 48 bytes.
    ///   - possession: 96 bytes.
    /// - Throws: `FORMAT`; what a point has wrong; `PROOF`.
    package init(identity: [UInt8], signature: [UInt8], possession: [UInt8]) throws(ProtocolFailure) {
        try require(identity.count == 32, .format, "an identity key has 32 bytes")
        let key = try BLSPublicKey(signature)
        try key.verifyPossession(possession)
        self.identity = identity
        self.signature = key
        self.possession = possession
    }

    /// `identity || E(pk) || possession`.
    var bytes: [UInt8] { self.identity + self.signature.encoded + self.possession }

    /// Reads keys; those that are known are not checked again.
    ///
    /// - Throws: as ``init(identity:signature:possession:)``.
    init(from reader: inout CanonicalReader, known: [[UInt8]: NodeKeys]) throws(ProtocolFailure) {
        let bytes = try reader.take(Self.byteCount)
        if let keys = known[bytes] {
            self = keys
            return
        }
        try self.init(
            identity: Array(bytes[..<32]),
            signature: Array(bytes[32..<80]),
            possession: Array(bytes[80...])
        )
    }
}
