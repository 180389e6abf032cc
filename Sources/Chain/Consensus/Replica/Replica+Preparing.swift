extension Replica {
    /// Starts the execution of the lowest proposal that may be accepted next.
    ///
    /// Castro and Liskov, OSDI 1999, section 4.2, for a chain: a prepare for a height needs the accepted proposal
    /// below it, of the same view and with the hash that the block names as its parent.
    ///
    /// - Returns: whether anything changed.
    mutating func acceptNext() -> Bool {
        guard self.mayVote, !self.isChangingView, self.hasReachedStart else { return false }
        var parent = self.committed.hash
        for height in self.window.heights.prefix(self.configuration.window) {
            guard let proposal = self.window[height].proposal else { return false }
            switch self.window[height].stage {
            case .accepted:
                if self.isBarrier(proposal.block) { return false }
                parent = proposal.block.hash
            case .validating: return false
            case .waiting: return self.startValidation(proposal, parent: parent)
            }
        }
        return false
    }

    /// Whether the blocks that the view starts from are here.
    var hasReachedStart: Bool { self.committed.height >= self.openingRule?.start.height ?? 0 }

    /// A change of membership: nothing is proposed past it until it is committed.
    func isBarrier(_ block: Block) -> Bool {
        block.nextCommittee != nil && !self.broken.contains(.membershipBarrier)
    }

    private mutating func startValidation(_ proposal: PrePrepare, parent: BlockHash) -> Bool {
        let block = proposal.block
        guard self.fits(block, parent: parent) else {
            self.emit(.alarm(.badProposal(self.view, block.height)))
            self.suspectLeader()
            return false
        }
        self.window[block.height].stage = .validating
        self.emit(.validate(block))
        if self.broken.contains(.validBeforeVote) { self.accept(proposal) }
        return true
    }

    private func fits(_ block: Block, parent: BlockHash) -> Bool {
        if block.parent != parent && !self.broken.contains(.parentMatches) { return false }
        if let required = self.openingRule?.required(at: block.height), required.block != block.hash,
            !self.broken.contains(.repeatedBlocks)
        {
            return false
        }
        return self.isLawful(block)
    }

    /// Whether the block leaves the membership alone or changes it as is allowed.
    ///
    /// Also asked of certified blocks: more liars than the committee bears could certify a second committee of one
    /// epoch, and following it would make this replica contradict its own votes.
    func isLawful(_ block: Block) -> Bool {
        block.nextCommittee?.isLawfulSuccessor(of: self.committee) ?? true
    }

    /// The ledger's verdict on a block.
    mutating func conclude(_ hash: BlockHash, isValid: Bool) {
        if case .repeating(let block)? = self.draft?.kind, block.hash == hash {
            self.publishRepeated(block, isValid: isValid)
            return
        }
        for height in self.window.heights {
            guard let proposal = self.window[height].proposal, proposal.block.hash == hash,
                self.window[height].stage == .validating
            else { continue }
            if isValid {
                self.accept(proposal)
            } else {
                self.emit(.alarm(.badProposal(self.view, height)))
                self.suspectLeader()
            }
            return
        }
    }

    /// Votes for a proposal: the proposal and the vote are durable before the vote leaves.
    private mutating func accept(_ proposal: PrePrepare) {
        let height = proposal.slot.height
        guard self.mayVote, !self.isChangingView else { return }
        self.window[height].stage = .accepted
        guard self.window[height].ownPrepare == nil, self.permits(.prepare, proposal.slot) else { return }
        let vote = Prepare(signing: proposal.slot, as: self.id, in: self.chain, with: self.signer)
        self.window[height].ownPrepare = vote
        self.count(vote)
        self.persist(.prepared(proposal, own: vote), thenBroadcast: .prepare(vote))
    }

    mutating func count(_ own: Prepare) {
        if self.broken.contains(.oneVotePerSlot) { self.window[own.slot.height].prepares.replace(own) }
        _ = self.window[own.slot.height].prepares.record(own)
    }

    /// The signer's guard; a refusal is damage and is told.
    mutating func permits(_ kind: SignedKind, _ slot: Slot) -> Bool {
        if self.guardian.permits(kind, slot) || self.broken.contains(.oneVotePerSlot) { return true }
        self.emit(.alarm(.refusedSecondVote(slot)))
        return false
    }
}
