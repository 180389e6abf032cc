extension Replica {
    /// Asks a peer that says it is ahead, one question at a time.
    mutating func requestBlocks(_ status: Status, from peer: ReplicaID) {
        guard !self.isBlockRequested, status.committed > self.committed.height else { return }
        self.isBlockRequested = true
        self.pace.ask(isUnanswered: self.isLastAskedHeard)
        self.lastAsked = peer
        if let index = self.peers.firstIndex(where: { $0.peer == peer }) {
            self.peers[index].isAsked = true
            self.peers[index].isHeard = false
        }
        if status.earliest > self.committed.height + 1 {
            self.emit(.fetchSnapshot(from: peer))
        } else {
            self.emit(.send(.blockRequest(from: self.committed.height + 1), to: peer))
        }
    }

    /// Asks the peers in turns, so that liars who are always first with their answer cost a tick each and no more.
    ///
    /// What a peer had committed by the tick before counts: what it committed since is most likely about to be
    /// committed here as well, and would be sent twice. Who was not asked yet is asked at once, the others at the pace of
    /// ``BlockPace``.
    mutating func requestBlocksInTurn() {
        let ahead = self.peers.filter { $0.settled > self.committed.height }.sorted { $0.peer < $1.peer }
        for index in self.peers.indices { self.peers[index].settled = self.peers[index].status.committed }
        let fresh = ahead.filter { !$0.isAsked }
        guard !fresh.isEmpty || self.isPaceOver(servers: ahead.count) else { return }
        let turn = fresh.isEmpty ? ahead : fresh
        let after = turn.first { $0.peer > self.lastAsked ?? ReplicaID(0) || self.lastAsked == nil }
        guard let next = after ?? turn.first else { return }
        self.requestBlocks(next.status, from: next.peer)
    }

    /// Whether a peer that is far ahead is asked between two ticks.
    func mayAsk(_ peer: ReplicaID) -> Bool {
        if self.peers.first(where: { $0.peer == peer })?.isAsked != true { return true }
        return self.isPaceOver(servers: self.peers.count { $0.status.committed > self.committed.height })
    }

    /// Blocks came, by votes or from a peer: all servers are as good as new.
    mutating func noteBlocks() {
        self.pace = BlockPace()
        for index in self.peers.indices { self.peers[index].isAsked = false }
    }

    /// A question to a peer that has not spoken since is most likely lost with its connection: no reason to wait.
    private func isPaceOver(servers: Int) -> Bool { !self.isLastAskedHeard || self.pace.isOver(servers: servers) }

    private var isLastAskedHeard: Bool {
        guard let last = self.lastAsked else { return false }
        return self.peers.first { $0.peer == last }?.isHeard == true
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
        self.noteBlocks()
        self.endSilenceIfSafe()
    }

    /// The view in which a silent replica may vote again; nil while blocks are missing as well.
    var viewThatEndsSilence: View? {
        guard self.isMember else { return nil }
        return self.silence?.awaitedView(
            quorum: self.committee.quorum,
            committed: self.committed.height,
            epoch: self.epoch
        )
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
