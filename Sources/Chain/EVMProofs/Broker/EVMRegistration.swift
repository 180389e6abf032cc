package import CanonicalBytes

/// What governors say about a chain with an EVM when they let it take part: `"WLEC" || u8 1 || u64 chain id ||
/// broker(20) || u8 finality || u64 depth`.
///
/// The contract judges by chain and broker alone. The rule of finality is what its verification nodes have promised to
/// wait for; nodes and gateways with another one in their configuration say so and stop.
package struct EVMRegistration: Hashable, Sendable {
    package static let version: UInt8 = 1
    /// Blocks that anybody could wait for.
    package static let depthMax: UInt64 = 1_000_000

    /// When a block counts as final.
    package enum Finality: Hashable, Sendable {
        /// By the node's `finalized` mark.
        case tagged
        /// So many blocks on top, from 1.
        case depth(UInt64)
    }

    /// The contract and the chain that it is on.
    package let broker: BrokerIdentity
    package let finality: Finality

    /// - Throws: `FORMAT` for chain 0, for the address that nobody has, and for a depth of 0 or beyond ``depthMax``.
    package init(broker: BrokerIdentity, finality: Finality) throws(ProtocolFailure) {
        try require(broker.chainID > 0, .format, "a chain with the id 0")
        try require(broker.address.bytes.contains { $0 != 0 }, .format, "the address that nobody has")
        if case .depth(let depth) = finality {
            try require((1...Self.depthMax).contains(depth), .format, "a depth of \(depth) blocks")
        }
        self.broker = broker
        self.finality = finality
    }

    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 48)
        writer.magic("WLEC")
        writer.u8(Self.version)
        writer.u64(self.broker.chainID)
        writer.raw(self.broker.address.bytes)
        switch self.finality {
        case .tagged:
            writer.u8(0)
            writer.u64(0)
        case .depth(let depth):
            writer.u8(1)
            writer.u64(depth)
        }
        return writer.bytes
    }

    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLEC")
        let version = try reader.u8()
        try require(version == Self.version, .format, "version \(version) of a registration")
        let chainID = try reader.u64()
        let address = try EVMAddress(try reader.take(20))
        let kind = try reader.u8()
        let depth = try reader.u64()
        try reader.finish()
        try require(kind == 1 || (kind == 0 && depth == 0), .format, "no such rule of finality")
        try self.init(
            broker: BrokerIdentity(chainID: chainID, address: address),
            finality: kind == 0 ? .tagged : .depth(depth)
        )
    }
}
