extension Replica {
    /// Sorts a verified message: act on it, keep it for a view to come, or drop it.
    mutating func receive(_ received: VerifiedMessage) {
        switch received.message {
        case .prePrepare(let prePrepare):
            guard self.admits(prePrepare.slot, received) else { return }
            self.note(prePrepare)
        case .prepare(let prepare):
            guard self.admits(prepare.slot, received) else { return }
            self.note(prepare)
        case .commit(let commit):
            guard self.admits(commit.slot, received) else { return }
            self.note(commit)
        case .viewChange(let viewChange): self.note(viewChange)
        case .newView(let newView): self.note(newView)
        case .status(let status): self.answer(status, from: received.sender)
        case .blockRequest(let height): self.serve(from: height, to: received.sender)
        case .blocks(let blocks): self.apply(blocks, from: received.sender)
        case .bodyRequest(let hash): self.serveBody(hash, to: received.sender)
        case .body(let block): self.keepFetched(block)
        }
    }

    /// Whether a vote is of this view and of a height in reach.
    ///
    /// One of a later view waits for that view.
    private mutating func admits(_ slot: Slot, _ received: VerifiedMessage) -> Bool {
        guard slot.epoch == self.epoch, self.window.heights.contains(slot.height) else { return false }
        if slot.view == self.view && !self.isChangingView { return true }
        if slot.view >= self.view {
            self.early.keep(received, view: slot.view)
            return false
        }
        if case .commit = received.message { return self.broken.contains(.viewBoundCommits) }
        return false
    }

    private mutating func note(_ prePrepare: PrePrepare) {
        let height = prePrepare.slot.height
        guard prePrepare.vote.replica == self.leader(at: height) || self.broken.contains(.proposalFromLeader) else {
            return
        }
        self.silentTicks = 0
        self.note(prePrepare.vote)
        if self.window[height].proposal == nil {
            self.window[height].proposal = prePrepare
            for vote in self.window[height].prepares.votes { self.tellOfLeader(vote) }
        }
        if self.broken.contains(.oneVotePerSlot), self.window[height].proposal?.slot != prePrepare.slot {
            self.window[height].proposal = prePrepare
            self.window[height].stage = .waiting
            self.window[height].ownPrepare = nil
        }
    }

    private mutating func note(_ prepare: Prepare) {
        let height = prepare.slot.height
        switch self.window[height].prepares.record(prepare) {
        case .contradicts(let first): self.report(.prepares(first, prepare))
        case .counted: self.tellOfLeader(prepare)
        case .repeated: break
        }
        if self.broken.contains(.oneVotePerSlot) { self.window[height].prepares.replace(prepare) }
        if let commit = self.window[height].commits.vote(of: prepare.replica) { self.cross(prepare, commit) }
    }

    /// A backup that prepared another block was told something else by the leader: let it have the leader's vote
    /// that came here, so that one of us holds both.
    private mutating func tellOfLeader(_ prepare: Prepare) {
        guard let proposal = self.window[prepare.slot.height].proposal, proposal.slot != prepare.slot,
            prepare.replica != proposal.vote.replica, prepare.replica != self.id
        else { return }
        self.emit(.send(.prepare(proposal.vote), to: prepare.replica))
    }

    private mutating func note(_ commit: Commit) {
        let height = commit.slot.height
        if case .contradicts(let first) = self.window[height].commits.record(commit),
            first.slot.contradicts(commit.slot)
        {
            self.report(.commits(first, commit))
        }
        if let prepare = self.window[height].prepares.vote(of: commit.replica) { self.cross(prepare, commit) }
    }

    private mutating func cross(_ prepare: Prepare, _ commit: Commit) {
        guard prepare.slot.contradicts(commit.slot) else { return }
        self.report(.crossed(prepare, commit))
    }
}
