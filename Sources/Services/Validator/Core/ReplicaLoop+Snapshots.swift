internal import Consensus
internal import Ledger
internal import Logging

extension ReplicaLoop {
    /// Deals with what a peer says about snapshots.
    func handle(_ message: SnapshotMessage, from peer: UInt16) throws(LedgerFailure) {}

    /// A peer no longer has the blocks that are missing here.
    func askForSnapshot(of peer: ReplicaID, _ host: ChannelHost) {
        self.logger.error(
            "the peers have pruned the blocks that this validator misses",
            metadata: ["channel": "\(host.channel.name)", "peer": "\(peer)"]
        )
    }
}
