/// What a peer last said of itself.
struct PeerProgress: Sendable {
    let peer: ReplicaID
    var status: Status
    /// What it had committed by the last tick.
    var settled: Height = 0
    /// Whether it was asked for blocks since the last one came.
    var isAsked = false
    /// Whether it spoke since it was asked.
    var isHeard = false
    /// Ticks for which it has waited for the view after this replica's own.
    var waitingTicks = 0
}

extension Replica {
    /// Where this replica stands; a silent one says which view it waits for, once that alone is missing.
    package var status: Status {
        let awaited = self.viewThatEndsSilence
        return Status(
            epoch: self.epoch,
            view: awaited ?? self.view,
            isChangingView: awaited != nil || self.isChangingView,
            committed: self.committed.height,
            earliest: self.earliestHeld
        )
    }

    mutating func tell() { self.emit(.broadcast(.status(self.status))) }

    /// Tells the replica which blocks its block store still holds, after pruning.
    package mutating func holdsBlocks(from height: Height) { self.earliestHeld = height }

    /// Sends again what the peer seems to miss, and asks for what it has more
    /// (Castro, MIT 2001, section 5.2: receiver-based recovery).
    mutating func answer(_ status: Status, from peer: ReplicaID) {
        let previous = self.remember(status, of: peer)
        let quorum = self.committee.quorum
        if self.committee.contains(peer) { self.silence?.hear(status, from: peer, quorum: quorum) }
        if status.epoch == self.epoch, status.view == self.view, !status.isChangingView,
            peer == self.leader(at: self.committed.height + 1)
        {
            self.silentTicks = 0
        }
        // Votes do not lead there any more: no need to wait for the tick.
        let isFarAhead =
            status.committed > self.committed.height + UInt64(self.configuration.window)
            || status.earliest > self.committed.height + 1
        if isFarAhead, peer != self.lastAsked, self.mayAsk(peer) { self.requestBlocks(status, from: peer) }
        if status.committed < self.committed.height && !self.committee.contains(peer) {
            self.emit(.send(.status(self.status), to: peer))
        }
        guard status.epoch == self.epoch, !self.broken.contains(.retransmission) else { return }
        self.repeatViewChange(status, to: peer)
        if status == previous { self.repeatVotes(status, to: peer) }
    }

    private mutating func remember(_ status: Status, of peer: ReplicaID) -> Status? {
        guard let index = self.peers.firstIndex(where: { $0.peer == peer }) else {
            if self.peers.count < 512 { self.peers.append(PeerProgress(peer: peer, status: status)) }
            return nil
        }
        defer { self.peers[index].status = status }
        self.peers[index].isHeard = true
        return self.peers[index].status
    }

    private mutating func repeatViewChange(_ status: Status, to peer: ReplicaID) {
        let isBehind = status.view < self.view || status.view == self.view && status.isChangingView
        guard isBehind else { return }
        if let opening = self.opening {
            self.emit(.send(.newView(opening), to: peer))
        } else if self.isChangingView, let own = self.ownViewChange {
            self.emit(.send(.viewChange(own), to: peer))
        }
    }

    /// The peer has not moved since its last word: let it have the own votes of this view again.
    private mutating func repeatVotes(_ status: Status, to peer: ReplicaID) {
        guard status.view == self.view, !status.isChangingView, !self.isChangingView, self.mayVote else { return }
        for height in self.window.heights where height > status.committed {
            let state = self.window[height]
            if let own = state.ownPrepare {
                if let proposal = state.proposal, proposal.vote.replica == self.id {
                    self.emit(.send(.prePrepare(proposal), to: peer))
                } else {
                    self.emit(.send(.prepare(own), to: peer))
                }
            }
            if let own = state.ownCommit { self.emit(.send(.commit(own), to: peer)) }
        }
    }
}
