extension Replica {
    /// Opens the view that a quorum wants, when this replica coordinates it.
    mutating func openViewIfDue() {
        guard self.isChangingView, self.committee.coordinator(of: self.view) == self.id else { return }
        let votes = self.viewChanges.votes(for: self.view)
        guard votes.count >= self.committee.quorum else { return }
        let opening = NewView(
            epoch: self.epoch,
            view: self.view,
            viewChanges: Array(votes.prefix(self.committee.quorum)),
            signingAs: self.id,
            in: self.chain,
            with: self.signer
        )
        self.persist(.newView(opening), thenBroadcast: .newView(opening))
        self.enter(opening)
    }

    /// A view opened by its coordinator: the quorum of view changes in it is proof enough to enter from any lower
    /// view.
    mutating func note(_ newView: NewView) {
        guard newView.epoch == self.epoch else { return }
        if let known = self.opening, known.view == newView.view, known.body != newView.body {
            self.report(.newViews(known, newView))
        }
        guard self.isAhead(newView) else { return }
        // A silent replica too: once it votes in this view, its next start must find the view in the log.
        if self.isMember { self.emit(.persist(.newView(newView))) }
        self.enter(newView)
    }

    /// Whether it opens a view that this replica is not in yet.
    func isAhead(_ newView: NewView) -> Bool {
        newView.view > self.view || newView.view == self.view && self.isChangingView
    }

    /// Starts a view as its opening says.
    mutating func enter(_ opening: NewView) {
        self.leave(for: opening.view)
        self.isChangingView = false
        self.opening = opening
        self.openingRule = NewViewRule(opening.viewChanges, broken: self.broken)
        self.silentTicks = 0
        self.ticksInView = 0
        self.endSilenceIfSafe()
        for message in self.early.take(for: self.view) { self.receive(message) }
    }

    /// Starts an epoch: everything above the block that names the committee is void, views count from 0 again.
    mutating func enter(_ committee: Committee) {
        self.committees.follow(committee, after: self.committed.height)
        self.silence?.enterEpoch()
        self.view = 0
        self.isChangingView = false
        self.opening = nil
        self.openingRule = nil
        self.ownViewChange = nil
        self.viewChanges.clear()
        self.early.clear()
        self.window.clear()
        self.guardian.enter(committee.epoch, 0)
        self.draft = nil
        self.attempts = 0
        self.silentTicks = 0
        self.ticksInView = 0
        self.isProgressTimed = false
        self.isNewViewTimed = false
        self.reported = []
    }
}
