/// What a replica starts from after a stop: the tip of its block store and its log.
package struct Recovery: Sendable {
    /// The last block of the block store.
    package var tip: StablePoint
    /// The committees up to it.
    package var committees: CommitteeHistory
    /// The log's records in order, up to the first torn one.
    ///
    /// Records of blocks up to the tip do no harm.
    package var records: [LogRecord]
    /// The log is gone or comes from a backup, though the replica may have voted: listen before voting.
    package var isLogLost = false

    package init(tip: StablePoint, committees: CommitteeHistory, records: [LogRecord], isLogLost: Bool = false) {
        self.tip = tip
        self.committees = committees
        self.records = records
        self.isLogLost = isLogLost
    }
}

extension Replica {
    /// Brings a new replica to where its log ends.
    ///
    /// Nothing is sent; ``Event/start`` follows.
    package mutating func recover(_ recovery: Recovery) {
        self.committees = recovery.committees
        self.committed = recovery.tip
        self.window = HeightWindow(above: recovery.tip.height, size: self.configuration.window * 2)
        self.guardian.enter(self.epoch, 0)
        for record in recovery.records { self.replay(record) }
        if recovery.isLogLost && !self.broken.contains(.silenceAfterLoss) {
            self.silence = Silence(window: self.configuration.window)
        }
        self.effects = []
    }

    private mutating func replay(_ record: LogRecord) {
        switch record {
        case .prepared(let proposal, let own): self.replay(proposal, own)
        case .committing(let certificate, let block, let own): self.replay(certificate, block, own)
        case .viewChange(let viewChange):
            guard !self.broken.contains(.viewsSurviveRestart), viewChange.epoch == self.epoch,
                viewChange.view > self.view
            else { return }
            self.leave(for: viewChange.view)
            self.ownViewChange = viewChange
            _ = self.viewChanges.record(viewChange)
        case .newView(let newView):
            guard newView.epoch == self.epoch, self.isAhead(newView) else { return }
            self.enter(newView)
        case .committed(let certified):
            if certified.block.height == self.committed.height + 1 { self.follow(certified) }
        }
    }

    private mutating func replay(_ proposal: PrePrepare, _ own: Prepare) {
        let slot = proposal.slot
        guard slot.epoch == self.epoch, slot.view == self.view, !self.isChangingView,
            self.window.heights.contains(slot.height), !self.broken.contains(.votesSurviveRestart)
        else { return }
        _ = self.guardian.permits(.prepare, slot)
        self.window[slot.height].proposal = proposal
        self.window[slot.height].stage = .accepted
        self.window[slot.height].ownPrepare = own
        _ = self.window[slot.height].prepares.record(proposal.vote)
        _ = self.window[slot.height].prepares.record(own)
    }

    private mutating func replay(_ certificate: PreparedCertificate, _ block: Block, _ own: Commit) {
        let slot = own.slot
        guard slot.epoch == self.epoch, self.window.heights.contains(slot.height) else { return }
        if slot.view >= self.window[slot.height].prepared?.certificate.slot.view ?? 0 {
            self.window[slot.height].prepared = HeightState.Prepared(certificate: certificate, block: block)
        }
        guard slot.view == self.view, !self.isChangingView, !self.broken.contains(.votesSurviveRestart) else { return }
        _ = self.guardian.permits(.commit, slot)
        self.window[slot.height].ownCommit = own
        _ = self.window[slot.height].commits.record(own)
        for vote in certificate.votes {
            let prepare = Prepare(slot: slot, replica: vote.replica, signature: vote.signature)
            _ = self.window[slot.height].prepares.record(prepare)
        }
    }

    /// The shortest log that says the same as the whole one above the tip, for a new log segment.
    ///
    /// To be taken between two steps, when every effect of the last one is done: the blocks that it leaves out must
    /// be in the block store. The order matters: what was prepared in older views, the view, then the votes of this view.
    package var compactLog: [LogRecord] {
        var records: [LogRecord] = []
        for height in self.window.heights {
            guard let prepared = self.window[height].prepared, self.window[height].ownCommit == nil else { continue }
            // The own vote of the older view is not needed; a commit of that slot marks the certificate.
            let mark = Commit(slot: prepared.certificate.slot, replica: self.id, share: [], signature: [])
            records.append(.committing(prepared.certificate, prepared.block, own: mark))
        }
        if let opening = self.opening { records.append(.newView(opening)) }
        if self.isChangingView, let own = self.ownViewChange { records.append(.viewChange(own)) }
        for height in self.window.heights {
            let state = self.window[height]
            if let proposal = state.proposal, let own = state.ownPrepare {
                records.append(.prepared(proposal, own: own))
            }
            if let prepared = state.prepared, let own = state.ownCommit {
                records.append(.committing(prepared.certificate, prepared.block, own: own))
            }
        }
        return records
    }
}
