/// A block that the leader has in the making: one at a time.
struct Draft: Sendable {
    enum Kind: Sendable {
        /// The ledger makes a new one.
        case building(parent: BlockHash)
        /// The ledger executes one that the new view repeats.
        case repeating(Block)
        /// A block that must be repeated and is not here.
        case fetching(BlockHash)
    }

    let height: Height
    let kind: Kind
}

extension Replica {
    /// Starts the next block when it is this replica's turn: repeated blocks first, then new ones while work waits.
    mutating func proposeNext() {
        guard self.mayVote, !self.isChangingView, self.hasReachedStart, self.draft == nil,
            let (height, parent) = self.nextToPropose, self.leader(at: height) == self.id
        else { return }
        if let required = self.openingRule?.required(at: height), !self.broken.contains(.repeatedBlocks) {
            self.startRepeating(required.block, at: height)
        } else if self.isWorkPending {
            self.draft = Draft(height: height, kind: .building(parent: parent))
            self.emit(.build(height: height, parent: parent))
        }
    }

    /// The lowest height without a proposal and the block below it, when it is inside the window.
    private var nextToPropose: (Height, BlockHash)? {
        var parent = self.committed.hash
        for height in self.window.heights.prefix(self.configuration.window) {
            let state = self.window[height]
            guard let proposal = state.proposal else { return (height, parent) }
            guard state.stage == .accepted, proposal.slot.parent == parent, !self.isBarrier(proposal.block) else {
                return nil
            }
            parent = proposal.block.hash
        }
        return nil
    }

    private mutating func startRepeating(_ hash: BlockHash, at height: Height) {
        guard let block = self.window[height].block(hash) else {
            self.draft = Draft(height: height, kind: .fetching(hash))
            self.emit(.broadcast(.bodyRequest(hash)))
            return
        }
        self.draft = Draft(height: height, kind: .repeating(block))
        self.emit(.validate(block))
    }

    /// The ledger has made the block that was asked for, or has nothing to put into it.
    mutating func publishBuilt(_ block: Block?, height: Height, parent: BlockHash) {
        guard let draft = self.draft, draft.height == height, case .building(parent) = draft.kind else { return }
        self.draft = nil
        guard let block else {
            self.isWorkPending = false
            return
        }
        guard block.height == height, block.parent == parent else { return }
        self.publish(block)
    }

    mutating func publishRepeated(_ block: Block, isValid: Bool) {
        self.draft = nil
        guard isValid else {
            self.emit(.alarm(.badProposal(self.view, block.height)))
            self.suspectLeader()
            return
        }
        self.publish(block)
    }

    /// Sends a proposal; the leader's prepare is in it and is durable before.
    private mutating func publish(_ block: Block) {
        let slot = Slot(
            epoch: self.epoch,
            view: self.view,
            height: block.height,
            block: block.hash,
            parent: block.parent
        )
        guard self.window[block.height].proposal == nil, self.permits(.prepare, slot) else { return }
        let vote = Prepare(signing: slot, as: self.id, in: self.chain, with: self.signer)
        let proposal = PrePrepare(vote: vote, block: block)
        self.window[block.height].proposal = proposal
        self.window[block.height].stage = .accepted
        self.window[block.height].ownPrepare = vote
        self.count(vote)
        self.persist(.prepared(proposal, own: vote), thenBroadcast: .prePrepare(proposal))
    }

    /// A block that was asked for by its hash.
    mutating func keepFetched(_ block: Block) {
        guard self.window.heights.contains(block.height), self.wants(block) else { return }
        self.window[block.height].fetched = block
        if case .fetching(block.hash)? = self.draft?.kind { self.draft = nil }
    }

    private func wants(_ block: Block) -> Bool {
        if self.openingRule?.required(at: block.height)?.block == block.hash { return true }
        let commits = self.window[block.height].commits
        return commits.votes.count { $0.slot.block == block.hash } >= self.committee.oneCorrect
    }

    /// Gives a block in flight to whoever names its hash.
    mutating func serveBody(_ hash: BlockHash, to peer: ReplicaID) {
        for height in self.window.heights {
            guard let block = self.window[height].block(hash) else { continue }
            self.emit(.send(.body(block), to: peer))
            return
        }
    }
}
