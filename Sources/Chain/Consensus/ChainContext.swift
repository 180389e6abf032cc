internal import CanonicalBytes
internal import Transcripts

/// The chain and channel that every signature is bound to.
package struct ChainContext: Hashable, Sendable {
    package let chain: [UInt8]
    package let channel: String
    private let prefix: [UInt8]

    /// - Parameters:
    ///   - chain: the chain's identifier.
    ///   - channel: the channel's name, for example `index`.
    package init(chain: [UInt8], channel: String) {
        self.chain = chain
        self.channel = channel
        self.prefix = transcript(Array("WARDLINE-V1-PBFT".utf8), chain, Array(channel.utf8))
    }

    /// Bytes that a commit share signs: `T("WARDLINE-V1-COMMIT", chain_id, channel, u64 epoch, u64 view, u64 height,
    /// block_hash)` (specification of the cryptographic layer, section 9.3).
    package func commitMessage(epoch: CommitteeEpoch, view: View, height: Height, block: BlockHash) -> [UInt8] {
        transcript(
            Array("WARDLINE-V1-COMMIT".utf8),
            self.chain,
            Array(self.channel.utf8),
            epoch.bigEndianBytes,
            view.bigEndianBytes,
            height.bigEndianBytes,
            block.bytes
        )
    }

    /// Bytes that a signed message of the given kind signs: `T("WARDLINE-V1-PBFT", chain_id, channel, kind, body)`.
    ///
    /// The kind keeps a signature under one message from serving another.
    func signedBytes(_ kind: SignedKind, body: [UInt8]) -> [UInt8] {
        var writer = CanonicalWriter(capacity: self.prefix.count + body.count + 9)
        writer.raw(self.prefix)
        writer.lengthPrefixed([kind.rawValue])
        writer.lengthPrefixed(body)
        return writer.bytes
    }
}

/// Kinds of signed messages, for the separation of their signatures.
enum SignedKind: UInt8 {
    case prepare = 1
    case commit = 2
    case viewChange = 3
    case newView = 4
}
