extension Replica {
    /// Asks a peer that says it is ahead, one question at a time.
    mutating func requestBlocks(_ status: Status, from peer: ReplicaID) {
        guard !self.isBlockRequested, status.committed > self.committed.height else { return }
        self.isBlockRequested = true
        self.lastAsked = peer
        if status.earliest > self.committed.height + 1 {
            self.emit(.fetchSnapshot(from: peer))
        } else {
            self.emit(.send(.blockRequest(from: self.committed.height + 1), to: peer))
        }
    }

    /// Asks the peers in turns, so that liars who are always first with their answer cost a tick each and no more.
    ///
    /// What a peer had committed by the tick before counts: what it committed since is most likely about to be
    /// committed here as well, and would be sent twice.
    mutating func requestBlocksInTurn() {
        let ahead = self.peers.filter { $0.settled > self.committed.height }.sorted { $0.peer < $1.peer }
        for index in self.peers.indices { self.peers[index].settled = self.peers[index].status.committed }
        let after = ahead.first { $0.peer > self.lastAsked ?? ReplicaID(0) || self.lastAsked == nil }
        guard let next = after ?? ahead.first else { return }
        self.requestBlocks(next.status, from: next.peer)
    }

    /// A peer asks for blocks: the shell reads them from the block store.
    mutating func serve(from height: Height, to peer: ReplicaID) {
        guard height > 0, height >= self.earliestHeld, height <= self.committed.height else { return }
        self.emit(.serveBlocks(from: height, to: peer))
    }

    /// Blocks from an untrusted peer: each is proven by its certificate and must follow the last one.
    mutating func apply(_ blocks: [CertifiedBlock], from peer: ReplicaID) {
        var moved = false
        for certified in blocks where certified.block.height == self.committed.height + 1 {
            guard certified.block.parent == self.committed.hash || self.broken.contains(.checkedTransfer) else {
                return
            }
            // A block of another committee than the current one was verified before a change of membership.
            guard certified.certificate.epoch == self.epoch || self.broken.contains(.checkedTransfer) else { return }
            guard self.isLawful(certified.block) else { return }
            self.finalize(certified)
            moved = true
        }
        guard moved, let status = self.peers.first(where: { $0.peer == peer })?.status else { return }
        // This peer has proven to be of use: the next question at once.
        self.isBlockRequested = false
        self.requestBlocks(status, from: peer)
    }

    /// The ledger stands at a snapshot that a certificate proves.
    mutating func install(_ stable: StablePoint, _ committees: CommitteeHistory) {
        guard stable.height > self.committed.height else { return }
        let isNewEpoch = committees.current.epoch > self.epoch
        if isNewEpoch { self.enter(committees.current) }
        self.committees = committees
        self.committed = stable
        self.window.move(to: stable.height)
        self.guardian.forget(upTo: stable.height)
        self.draft = nil
        self.earliestHeld = stable.height + 1
        self.isBlockRequested = false
        self.endSilenceIfSafe()
    }

    mutating func endSilenceIfSafe() {
        guard let silence = self.silence, !self.isChangingView else { return }
        let isOver = silence.isOver(
            quorum: self.committee.quorum,
            committed: self.committed.height,
            epoch: self.epoch,
            view: self.view
        )
        if isOver { self.silence = nil }
    }
}
