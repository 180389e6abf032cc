internal import CanonicalBytes
package import Ledger

/// The beginning of an exported channel: `"WLCX" || LP(genesis) || u8 channel`; its blocks follow from height 1 on, each
/// `LP(block) || LP(certificate)`.
package struct ExportHeader: Hashable, Sendable {
    static let magic = Array("WLCX".utf8)
    /// Longest genesis, bytes.
    static let genesisBytesMax = 1 << 20
    /// Longest certificate, bytes.
    static let certificateBytesMax = 1 << 20

    package let genesis: Genesis
    package let channel: Channel

    package init(genesis: Genesis, channel: Channel) {
        self.genesis = genesis
        self.channel = channel
    }

    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 4_096)
        writer.raw(Self.magic)
        writer.lengthPrefixed(self.genesis.bytes)
        writer.u8(self.channel.rawValue)
        return writer.bytes
    }
}
