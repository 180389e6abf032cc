extension Replica {
    /// Leaves the current view, because its leader seems faulty.
    mutating func suspectLeader() {
        if self.broken.contains(.suspicion) { return }
        guard !self.isChangingView else { return }
        self.changeView(to: self.nextView)
    }

    /// After the last view there is none: a quorum of liars could lead there, but not bring the process down.
    private var nextView: View { self.view == .max ? .max : self.view + 1 }

    /// Leaves for a higher view: from the moment that the view change is durable, no vote of a lower view
    /// (Castro and Liskov, OSDI 1999, section 4.4).
    mutating func changeView(to target: View) {
        guard self.mayVote, target > self.view else { return }
        self.attempts += 1
        self.leave(for: target)
        let viewChange = ViewChange(
            epoch: self.epoch,
            view: target,
            stable: self.committed,
            prepared: self.preparedSet,
            signingAs: self.id,
            in: self.chain,
            with: self.signer
        )
        self.ownViewChange = viewChange
        _ = self.viewChanges.record(viewChange)
        self.persist(.viewChange(viewChange), thenBroadcast: .viewChange(viewChange))
        self.considerViewChanges()
    }

    /// The set P: the certificate of the highest view at each height above the committed one.
    private var preparedSet: [PreparedCertificate] {
        if self.broken.contains(.preparedInViewChange) { return [] }
        return self.window.heights.compactMap { self.window[$0].prepared?.certificate }
    }

    /// Enters the state between two views.
    mutating func leave(for target: View) {
        self.view = target
        self.isChangingView = true
        self.opening = nil
        self.openingRule = nil
        self.draft = nil
        self.isProgressTimed = false
        self.isNewViewTimed = false
        self.window.enterView(keepingCommits: self.broken.contains(.viewBoundCommits))
        self.guardian.enter(self.epoch, target)
    }

    /// Somebody else's view change.
    mutating func note(_ viewChange: ViewChange) {
        guard viewChange.epoch == self.epoch else { return }
        switch self.viewChanges.record(viewChange) {
        case .contradicts(let first):
            self.report(.viewChanges(first, viewChange))
            return
        case .old: return
        case .recorded: break
        }
        self.considerViewChanges()
    }

    /// Joins when a correct replica has left, opens the view as its coordinator, or starts to wait for that.
    private mutating func considerViewChanges() {
        guard self.mayVote else { return }
        let needed = self.broken.contains(.joinNeedsOneCorrect) ? 1 : self.committee.oneCorrect
        if let target = self.viewChanges.viewToJoin(above: self.view, needed: needed) {
            self.changeView(to: target)
            return
        }
        guard self.isChangingView else { return }
        self.openViewIfDue()
        self.awaitOpening()
    }

    /// Waits for the opening only when a quorum wants this view or a later one, so that views stay together
    /// (Castro and Liskov, OSDI 1999, section 4.5.2).
    private mutating func awaitOpening() {
        guard self.isChangingView, !self.isNewViewTimed,
            self.viewChanges.count(atLeast: self.view) >= self.committee.quorum
        else { return }
        self.isNewViewTimed = true
        self.startTimer(.newView, milliseconds: self.patience)
    }

    /// The coordinator did not open the view in time.
    mutating func giveUpOpening() {
        guard self.isChangingView else { return }
        self.isNewViewTimed = false
        self.changeView(to: self.nextView)
    }
}
