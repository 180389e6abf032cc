/// How it stands with a validator: the document of `/v1/status`.
package struct ChainStatus: Codable, Hashable, Sendable {
    /// One channel.
    package struct ChannelStatus: Codable, Hashable, Sendable {
        package var channel: String
        package var height: UInt64
        /// Hash of the last block, hexadecimal.
        package var block: String
        /// The last block's time, milliseconds since 1970.
        package var time: UInt64
        package var epoch: UInt64
        package var view: UInt64
        package var isChangingView: Bool
        /// Number of the validator that proposes next.
        package var leader: UInt16
        package var poolCount: Int
        package var poolBytes: Int
        package var members: Int
        package var quorum: Int
        /// Members that frames flow to, this validator included.
        package var reachable: Int
        /// Members that may fail before the channel stands still; negative when it does.
        package var margin: Int
        package var isMember: Bool
        /// Whether it does not vote because it lost its log.
        package var isSilent: Bool
        package var earliestBlock: UInt64
        package var blocksCommitted: UInt64
        package var transactionsCommitted: UInt64
        package var viewChanges: UInt64
        package var badProposals: UInt64
        package var evidenceReported: UInt64
        package var refusedVotes: UInt64

        enum CodingKeys: String, CodingKey {
            case channel, height, block, epoch, view, leader, members, quorum, reachable, margin
            case time = "time_ms"
            case isChangingView = "changing_view"
            case poolCount = "pool_count"
            case poolBytes = "pool_bytes"
            case isMember = "member"
            case isSilent = "silent"
            case earliestBlock = "earliest_block"
            case blocksCommitted = "blocks_committed"
            case transactionsCommitted = "transactions_committed"
            case viewChanges = "view_changes"
            case badProposals = "bad_proposals"
            case evidenceReported = "evidence_reported"
            case refusedVotes = "refused_votes"
        }

        package init(channel: String) {
            self.channel = channel
            (self.height, self.time, self.epoch, self.view, self.leader) = (0, 0, 0, 0, 0)
            self.block = ""
            (self.isChangingView, self.isMember, self.isSilent) = (false, false, false)
            (self.poolCount, self.poolBytes) = (0, 0)
            (self.members, self.quorum, self.reachable, self.margin) = (0, 0, 0, 0)
            (self.earliestBlock, self.blocksCommitted, self.transactionsCommitted) = (1, 0, 0)
            (self.viewChanges, self.badProposals, self.evidenceReported, self.refusedVotes) = (0, 0, 0, 0)
        }
    }

    /// Another validator as this one sees it.
    package struct PeerStatus: Codable, Hashable, Sendable {
        package var number: UInt16
        package var name: String
        /// Whether frames to it flow.
        package var isConnected: Bool
        package var sentBytes: UInt64
        package var receivedBytes: UInt64
        /// Frames that full queues dropped.
        package var droppedFrames: UInt64
        package var queuedBytes: Int
        /// Points for misbehaviour.
        package var score: Double

        enum CodingKeys: String, CodingKey {
            case number, name, score
            case isConnected = "connected"
            case sentBytes = "sent_bytes"
            case receivedBytes = "received_bytes"
            case droppedFrames = "dropped_frames"
            case queuedBytes = "queued_bytes"
        }

        package init(number: UInt16, name: String, isConnected: Bool) {
            self.number = number
            self.name = name
            self.isConnected = isConnected
            (self.sentBytes, self.receivedBytes, self.droppedFrames) = (0, 0, 0)
            self.queuedBytes = 0
            self.score = 0
        }
    }

    package var chain: String
    /// Digest of the genesis, hexadecimal.
    package var genesis: String
    package var number: UInt16
    package var name: String
    package var isRunning: Bool
    /// Whether it waits for space on the disk and does not vote.
    package var isDiskFull: Bool
    /// Why it stopped for good.
    package var failure: String?
    package var channels: [ChannelStatus]
    package var peers: [PeerStatus]
    /// Bytes in the log.
    package var logBytes: Int
    /// Times that the disk was waited for.
    package var synchronizations: UInt64
    package var jobsWaiting: Int
    package var eventsWaiting: Int

    enum CodingKeys: String, CodingKey {
        case chain, genesis, number, name, failure, channels, peers
        case isRunning = "running"
        case isDiskFull = "disk_full"
        case logBytes = "log_bytes"
        case synchronizations = "disk_synchronizations"
        case jobsWaiting = "jobs_waiting"
        case eventsWaiting = "events_waiting"
    }

    package init(chain: String, genesis: String, number: UInt16, name: String) {
        self.chain = chain
        self.genesis = genesis
        self.number = number
        self.name = name
        (self.isRunning, self.isDiskFull, self.failure) = (true, false, nil)
        (self.channels, self.peers) = ([], [])
        self.logBytes = 0
        self.synchronizations = 0
        (self.jobsWaiting, self.eventsWaiting) = (0, 0)
    }

    /// What keeps it from serving clients; empty when nothing does.
    package var obstacles: [String] {
        var obstacles: [String] = []
        if let failure { obstacles.append("the validator has stopped: \(failure)") }
        if !self.isRunning, self.failure == nil { obstacles.append("the validator does not run") }
        if self.isDiskFull { obstacles.append("the disk is full: it does not vote") }
        for channel in self.channels {
            if !channel.isMember { obstacles.append("\(channel.channel): not a member of the committee") }
            if channel.isSilent { obstacles.append("\(channel.channel): silent, because the log was lost") }
            if channel.margin < 0 {
                obstacles.append(
                    "\(channel.channel): \(channel.reachable) of \(channel.members) members are reachable, "
                        + "\(channel.quorum) are needed"
                )
            }
        }
        return obstacles
    }
}
