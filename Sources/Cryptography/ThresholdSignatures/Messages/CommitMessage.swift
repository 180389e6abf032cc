package import CanonicalBytes
internal import Transcripts

/// What the validators of a channel sign to commit a block (specification section 9.3).
///
/// Votes of different views are of different messages and never add up.
package struct CommitMessage: Sendable {
    /// `T("WARDLINE-V1-COMMIT", chain_id, channel, u64 epoch, u64 view, u64 height, block_hash)`.
    package let bytes: [UInt8]

    /// - Parameters:
    ///   - chain: name of the chain.
    ///   - channel: name of the channel.
    ///   - epoch: of the validators' committee.
    ///   - view: in which the votes were cast.
    ///   - height: of the block.
    ///   - blockHash: 32 bytes.
    /// - Throws: `FORMAT` for a hash of another length.
    package init(
        chain: String,
        channel: String,
        epoch: UInt64,
        view: UInt64,
        height: UInt64,
        blockHash: [UInt8]
    ) throws(ProtocolFailure) {
        try require(blockHash.count == 32, .format, "a block's hash has 32 bytes")
        self.bytes = transcript(
            domainSeparationTag("COMMIT"),
            Array(chain.utf8),
            Array(channel.utf8),
            epoch.bigEndianBytes,
            view.bigEndianBytes,
            height.bigEndianBytes,
            blockHash
        )
    }

    /// Verifies a commit certificate of these validators, a committee of one group.
    ///
    /// - Returns: the places of those who signed, ascending.
    /// - Throws: `FORMAT` for a committee of several groups; then as
    ///   ``BitmapCertificate/verify(_:of:by:)``.
    @discardableResult
    package func verify(
        _ certificate: [UInt8],
        by validators: PrivilegedCommittee
    ) throws(ProtocolFailure) -> [Int] {
        try require(validators.groups.count == 1, .format, "a committee of validators has one group")
        return try BitmapCertificate.verify(certificate, of: self.bytes, by: validators).flatMap { $0 }
    }
}
