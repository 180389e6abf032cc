extension Replica {
    /// Votes to commit what is prepared, in the order of heights.
    ///
    /// Prepared: the accepted proposal and a quorum of equal prepares, the leader's among them (Castro and Liskov,
    /// OSDI 1999, section 4.2). The order is what lets a new view stop at the first block that does not follow from
    /// the one below: a commit at a height needs the own commit, or the committed block, at the height below.
    ///
    /// - Returns: whether anything changed.
    mutating func castCommits() -> Bool {
        guard self.mayVote, !self.isChangingView else { return false }
        var parent = self.committed.hash
        for height in self.window.heights.prefix(self.configuration.window) {
            let state = self.window[height]
            if let own = state.ownCommit {
                parent = own.slot.block
                continue
            }
            if state.stage == .accepted, let proposal = state.proposal, state.ownPrepare != nil,
                proposal.slot.parent == parent || self.broken.contains(.orderedCommits),
                state.prepares.count(for: proposal.slot) >= self.quorum
            {
                return self.castCommit(proposal)
            }
            if !self.broken.contains(.orderedCommits) { return false }
        }
        return false
    }

    /// The prepared certificate, the block and the vote are durable before the vote leaves: a replica that forgot
    /// its certificate in a crash would let a committed block be lost.
    private mutating func castCommit(_ proposal: PrePrepare) -> Bool {
        let slot = proposal.slot
        guard self.permits(.commit, slot) else { return false }
        let votes = self.window[slot.height].prepares.votes(for: slot)
        let certificate = PreparedCertificate(
            slot: slot,
            votes: votes.map { PreparedCertificate.Vote(replica: $0.replica, signature: $0.signature) }
        )
        let commit = Commit(signing: slot, as: self.id, in: self.chain, with: self.signer)
        self.window[slot.height].prepared = HeightState.Prepared(certificate: certificate, block: proposal.block)
        self.window[slot.height].ownCommit = commit
        _ = self.window[slot.height].commits.record(commit)
        self.persist(.committing(certificate, proposal.block, own: commit), thenBroadcast: .commit(commit))
        return true
    }

    /// Commits the next block when a quorum of one view voted for it.
    ///
    /// - Returns: whether anything changed.
    mutating func commitNext() -> Bool {
        let height = self.committed.height + 1
        guard let commits = self.decision(at: height), let slot = commits.first?.slot else { return false }
        guard let block = self.window[height].block(slot.block), block.parent == self.committed.hash,
            self.isLawful(block)
        else { return false }
        let certificate = QuorumCertificate(joining: commits, committee: self.committee, scheme: self.scheme)
        guard self.holds(certificate) else { return self.excludeWrongShares(of: commits) }
        self.attempts = 0
        self.finalize(CertifiedBlock(block: block, certificate: certificate))
        return true
    }

    /// Whether the joined shares are a certificate; asked only where they were not checked one by one.
    private func holds(_ certificate: QuorumCertificate) -> Bool {
        guard self.scheme.checksSharesJointly, !self.broken.contains(.checkedShares) else { return true }
        return certificate.isValid(chain: self.chain, committee: self.committee, scheme: self.scheme)
    }

    /// Finds out whose shares spoil the certificate: their commits do not count any more.
    ///
    /// The votes stay where they are, since a second one would still be evidence.
    ///
    /// - Returns: whether there are any.
    private mutating func excludeWrongShares(of commits: [Commit]) -> Bool {
        guard let slot = commits.first?.slot else { return false }
        let message = self.chain.commitMessage(
            epoch: slot.epoch,
            view: slot.view,
            height: slot.height,
            block: slot.block
        )
        let wrong = commits.filter { commit in
            guard let member = self.committee.member(commit.replica) else { return true }
            return !self.scheme.verifyShare(commit.share, of: message, by: member)
        }.map(\.replica)
        self.window[slot.height].wrongShares = (self.window[slot.height].wrongShares + wrong).sorted()
        for replica in wrong { self.emit(.alarm(.wrongShare(replica, slot.height))) }
        return !wrong.isEmpty
    }

    /// A quorum of equal commits at this height.
    private func decision(at height: Height) -> [Commit]? {
        let state = self.window[height]
        let votes = state.commits.votes.filter { !state.wrongShares.contains($0.replica) }
        guard votes.count >= self.quorum else { return nil }
        for vote in votes {
            let equal = votes.filter { other in
                self.broken.contains(.viewBoundCommits)
                    ? other.slot.block == vote.slot.block : other.slot == vote.slot
            }
            if equal.count >= self.quorum { return equal }
        }
        return nil
    }

    /// Asks for a block whose commits are here before it.
    mutating func fetchDecidedBody() {
        let height = self.committed.height + 1
        guard let slot = self.decision(at: height)?.first?.slot, self.window[height].block(slot.block) == nil else {
            return
        }
        self.emit(.broadcast(.bodyRequest(slot.block)))
    }

    /// Moves the chain on by one certified block: durable first, then shown.
    mutating func finalize(_ certified: CertifiedBlock) {
        self.emit(.persist(.committed(certified)))
        self.emit(.deliver(certified))
        self.follow(certified)
        self.isProgressTimed = false
    }

    /// The state after a committed block; also used when a log is read back.
    mutating func follow(_ certified: CertifiedBlock) {
        self.committed = StablePoint(certificate: certified.certificate)
        self.window.move(to: self.committed.height)
        self.noteBlocks()
        self.guardian.forget(upTo: self.committed.height)
        if let draft = self.draft, draft.height <= self.committed.height { self.draft = nil }
        if let next = certified.block.nextCommittee { self.enter(next) }
        self.endSilenceIfSafe()
    }
}
