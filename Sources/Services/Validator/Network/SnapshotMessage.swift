package import CanonicalBytes
package import Consensus
package import Ledger

/// What validators say to each other about snapshots: `u8 channel || u8 kind || …`.
package enum SnapshotMessage: Hashable, Sendable {
    /// Asks for the manifest of the latest snapshot; kind 1.
    case wanted(Channel)
    /// The bytes of a ``SnapshotManifest``: `LP(manifest)`; kind 2.
    case manifest(Channel, [UInt8])
    /// Asks for a chunk: `u64 height || u32 index`; kind 3.
    case chunkWanted(Channel, height: Height, index: UInt32)
    /// `u64 height || u32 index || LP(chunk)`; kind 4.
    case chunk(Channel, height: Height, index: UInt32, [UInt8])
    /// There is no such snapshot here any more, or none at all: `u64 height`, 0 for none; kind 5.
    case gone(Channel, height: Height)

    /// Whether it asks for something.
    var isRequest: Bool {
        switch self {
        case .wanted, .chunkWanted: true
        case .manifest, .chunk, .gone: false
        }
    }

    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 64)
        switch self {
        case .wanted(let channel):
            writer.u8(channel.rawValue)
            writer.u8(1)
        case .manifest(let channel, let bytes):
            writer.u8(channel.rawValue)
            writer.u8(2)
            writer.lengthPrefixed(bytes)
        case .chunkWanted(let channel, let height, let index):
            writer.u8(channel.rawValue)
            writer.u8(3)
            writer.u64(height)
            writer.u32(index)
        case .chunk(let channel, let height, let index, let bytes):
            writer.u8(channel.rawValue)
            writer.u8(4)
            writer.u64(height)
            writer.u32(index)
            writer.lengthPrefixed(bytes)
        case .gone(let channel, let height):
            writer.u8(channel.rawValue)
            writer.u8(5)
            writer.u64(height)
        }
        return writer.bytes
    }

    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        guard let channel = Channel(rawValue: try reader.u8()) else {
            throw ProtocolFailure(.format, "no such channel")
        }
        switch try reader.u8() {
        case 1: self = .wanted(channel)
        case 2: self = .manifest(channel, try reader.lengthPrefixed())
        case 3: self = .chunkWanted(channel, height: try reader.u64(), index: try reader.u32())
        case 4:
            let (height, index) = (try reader.u64(), try reader.u32())
            self = .chunk(channel, height: height, index: index, try reader.lengthPrefixed())
        case 5: self = .gone(channel, height: try reader.u64())
        case let kind: throw ProtocolFailure(.format, "unknown kind of snapshot message \(kind)")
        }
        try reader.finish()
    }

    var channel: Channel {
        switch self {
        case .wanted(let channel), .manifest(let channel, _), .chunkWanted(let channel, _, _),
            .chunk(let channel, _, _, _), .gone(let channel, _):
            channel
        }
    }
}
