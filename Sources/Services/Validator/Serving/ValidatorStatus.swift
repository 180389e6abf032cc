package import Consensus
package import Ledger
package import PeerTransport

/// How it stands with a validator.
package struct ValidatorStatus: Sendable {
    /// One channel.
    package struct ChannelStatus: Sendable, Hashable {
        package let channel: Channel
        package var height: Height
        package var tip: BlockHash
        package var epoch: CommitteeEpoch
        package var view: View
        package var isChangingView: Bool
        /// Who proposes the next block, unless the view changes.
        package var leader: ReplicaID
        /// The last block's time, milliseconds since 1970.
        package var blockTime: UInt64
        /// When it was committed here, milliseconds since 1970; nil when that was before the start.
        package var committedAt: UInt64?
        package var poolCount: Int
        package var poolBytes: Int
        package var members: Int
        package var quorum: Int
        /// Members that frames flow to, this validator included.
        package var reachable: Int
        /// Whether this validator has a vote.
        package var isMember: Bool
        /// Whether it does not vote because it lost its log.
        package var isSilent: Bool
        package var earliestBlock: Height
        package var blocksCommitted: UInt64
        package var transactionsCommitted: UInt64
        package var viewChanges: UInt64
        package var badProposals: UInt64
        package var evidenceReported: UInt64
        /// A vote that would have contradicted an earlier one was not sent: this validator's memory or disk is damaged.
        package var refusedVotes: UInt64
        /// Snapshots or chunks of other validators that no certificate proved.
        package var wrongSnapshots: UInt64 = 0

        /// Members that may fail before the chain stands still; negative when it does.
        package var margin: Int { self.reachable - self.quorum }
    }

    package let number: ReplicaID
    /// In the order of the channels.
    package var channels: [ChannelStatus]
    /// Whether it waits for space on the disk and does not vote.
    package var isDiskFull: Bool
    /// Why it stopped for good.
    package var failure: String?
    package var isRunning: Bool
    package var peers: [PeerStatus]
    /// Bytes in the log's segment.
    package var logBytes: Int
    /// Times that the disk was waited for.
    package var synchronizations: UInt64
    package var jobsWaiting: Int
    package var eventsWaiting: Int

    /// Whether it serves clients.
    package var isReady: Bool {
        self.isRunning && !self.isDiskFull && self.failure == nil
            && self.channels.allSatisfy { $0.margin >= 0 && $0.isMember && !$0.isSilent }
    }
}
