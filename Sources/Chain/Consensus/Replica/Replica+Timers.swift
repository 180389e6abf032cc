extension Replica {
    /// The first event: the clock of status messages starts, and what was accepted before a crash is executed again.
    mutating func begin() {
        if self.silence != nil { self.emit(.alarm(.silent)) }
        self.tell()
        self.startTimer(.tick, milliseconds: self.configuration.tick)
        self.executeAgain()
    }

    /// The ledger has lost what it executed but did not commit.
    private mutating func executeAgain() {
        for height in self.window.heights {
            guard self.window[height].stage == .accepted, let proposal = self.window[height].proposal else { return }
            self.emit(.validate(proposal.block))
        }
    }

    mutating func startTimer(_ kind: TimerToken.Kind, milliseconds: UInt64) {
        self.generation += 1
        let token = TimerToken(kind: kind, generation: self.generation)
        self.running.removeAll { $0.kind == kind }
        self.running.append(token)
        self.emit(.startTimer(token, milliseconds: milliseconds))
    }

    mutating func fire(_ token: TimerToken) {
        guard self.running.contains(token) else { return }
        self.running.removeAll { $0 == token }
        switch token.kind {
        case .tick: self.tick()
        case .newView:
            if self.isNewViewTimed { self.giveUpOpening() }
        case .progress:
            guard self.isProgressTimed else { return }
            self.isProgressTimed = false
            self.suspectLeader()
        }
    }

    /// The time-out of this attempt: doubled with every view change since the last commit, up to a bound
    /// (Castro and Liskov, OSDI 1999, section 4.5.2).
    var patience: UInt64 {
        self.configuration.progressTimeout << UInt64(min(self.attempts, self.configuration.doublings))
    }

    /// Runs the progress timer exactly while something is waited for; every commit starts it anew.
    mutating func watchProgress() {
        let isNeeded = self.mayVote && !self.isChangingView && self.isAwaitingCommit
        if isNeeded && !self.isProgressTimed {
            self.isProgressTimed = true
            self.startTimer(.progress, milliseconds: self.patience)
        } else if !isNeeded && self.isProgressTimed {
            self.isProgressTimed = false
            self.running.removeAll { $0.kind == .progress }
        }
    }

    private var isAwaitingCommit: Bool {
        if self.isWorkPending || !self.hasReachedStart { return true }
        if let rule = self.openingRule, self.committed.height < rule.lastRepeated { return true }
        // Votes of fewer than f + 1 replicas may all be lies, which must not set timers off.
        return self.window.heights.contains { height in
            self.window[height].proposal != nil
                || self.window[height].prepares.votes.count >= self.committee.oneCorrect
        }
    }

    private mutating func tick() {
        self.tell()
        self.startTimer(.tick, milliseconds: self.configuration.tick)
        self.isBlockRequested = false
        self.pace.tick()
        self.requestBlocksInTurn()
        self.fetchDecidedBody()
        if case .fetching(let hash)? = self.draft?.kind { self.emit(.broadcast(.bodyRequest(hash))) }
        self.listenForLeader()
        self.openViewForWaitingMember()
    }

    /// Leader heartbeats: its status messages.
    ///
    /// A silent leader is suspected even when no work waits.
    private mutating func listenForLeader() {
        guard self.mayVote, !self.isChangingView, self.leader(at: self.committed.height + 1) != self.id else {
            self.silentTicks = 0
            return
        }
        self.silentTicks += 1
        if self.silentTicks > self.configuration.silentTicks << min(self.attempts, self.configuration.doublings) {
            self.silentTicks = 0
            self.suspectLeader()
        }
    }
}
