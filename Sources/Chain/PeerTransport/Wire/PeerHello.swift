package import CanonicalBytes

/// What both ends of a connection say first.
///
/// Encoding: `"WLPH" || u16 protocol version || LP(chain id) || genesis digest (32) || u16 own number || u64 session
/// nonce`.
package struct PeerHello: Sendable, Hashable {
    /// The version of frames and handshake that this code speaks.
    package static let currentVersion: UInt16 = 1
    /// Bytes that an encoding may have.
    package static let encodedBytesMax = 512

    package let version: UInt16
    package let chain: [UInt8]
    /// 32 bytes.
    package let genesis: [UInt8]
    package let number: UInt16
    /// Names one run of a validator: it tells a restart from a reconnection, and the validator itself from others.
    package let session: UInt64

    /// - Parameters:
    ///   - version: of the protocol.
    ///   - chain: the chain's identifier.
    ///   - genesis: digest of the genesis block, 32 bytes.
    ///   - number: the sender's own.
    ///   - session: random for each run.
    package init(
        version: UInt16 = Self.currentVersion,
        chain: [UInt8],
        genesis: [UInt8],
        number: UInt16,
        session: UInt64
    ) {
        self.version = version
        self.chain = chain
        self.genesis = genesis
        self.number = number
        self.session = session
    }

    /// Parses an encoding.
    ///
    /// A hello of another version may go on differently; what follows the version is read only for one's own.
    ///
    /// - Throws: ``ProtocolFailure/Code/format``.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        try require(bytes.count <= Self.encodedBytesMax, .format, "a hello of \(bytes.count) bytes")
        var reader = CanonicalReader(bytes)
        try reader.magic("WLPH")
        let version = try reader.u16()
        guard version == Self.currentVersion else {
            self.init(version: version, chain: [], genesis: [], number: 0, session: 0)
            return
        }
        let chain = try reader.lengthPrefixed()
        let genesis = try reader.take(32)
        let number = try reader.u16()
        let session = try reader.u64()
        try reader.finish()
        self.init(version: version, chain: chain, genesis: genesis, number: number, session: session)
    }

    /// The canonical encoding.
    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 64 + self.chain.count)
        writer.magic("WLPH")
        writer.u16(self.version)
        writer.lengthPrefixed(self.chain)
        writer.raw(self.genesis)
        writer.u16(self.number)
        writer.u64(self.session)
        return writer.bytes
    }
}
