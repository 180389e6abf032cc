internal import CanonicalBytes
internal import Consensus

/// A faulty validator: a correct one whose messages are bent on their way out, and which adds some of its own.
///
/// It has its own keys and everything it has heard; it cannot sign for others.
struct Adversary: Sendable {
    /// A message and whom it goes to.
    typealias Outgoing = (message: Message, to: ReplicaID)

    let id: ReplicaID
    let misdeeds: Misdeeds
    let signer: any ReplicaSigner
    let reader: SimulatedReader
    var random: RandomSource
    private var votedFor: Set<Slot> = []
    private var heard: [Message] = []
    var forged: [BlockHash: Block] = [:]
    /// The root of its own ledger: it executes, and so its blocks can be as valid as it likes.
    var committedRoot: UInt64 = 0

    init(id: ReplicaID, misdeeds: Misdeeds, keys: KeyRing, seed: UInt64) {
        self.id = id
        self.misdeeds = misdeeds
        self.signer = keys.signer(id)
        self.reader = SimulatedReader(keys: keys)
        self.random = RandomSource(seed: seed)
    }

    var chain: ChainContext { SimulatedWorld.chain }

    /// What really leaves instead of a message to these peers.
    mutating func bend(_ message: Message, to peers: [ReplicaID], as replica: Replica) -> [Outgoing] {
        if self.misdeeds.contains(.mute) { return [] }
        var result: [Outgoing] = []
        for (variant, receivers) in self.variants(message, peers, replica) {
            for peer in receivers where !(self.misdeeds.contains(.withhold) && self.random.chance(50)) {
                result.append((variant, peer))
            }
        }
        if case .status = message, peers.count > 1 { result += self.extras(peers, replica) }
        return result
    }

    /// What it adds on hearing a message.
    mutating func hear(_ message: Message, from sender: ReplicaID, as replica: Replica) -> [Outgoing] {
        if self.misdeeds.contains(.mute) { return [] }
        if self.heard.count < 60 { self.heard.append(message) } else { self.heard[self.random.index(60)] = message }
        switch message {
        case .prePrepare(let proposal): return self.voteTwice(proposal.slot, replica)
        case .prepare(let vote): return self.voteTwice(vote.slot, replica)
        case .bodyRequest(let hash): return self.forged[hash].map { [(.body($0), sender)] } ?? []
        case .status(let status): return self.forgeTransfer(status, to: sender, replica)
        default: return []
        }
    }

    private mutating func variants(
        _ message: Message,
        _ peers: [ReplicaID],
        _ replica: Replica
    ) -> [(Message, [ReplicaID])] {
        switch message {
        case .prePrepare(let proposal): self.proposals(proposal, peers, replica)
        case .viewChange(let viewChange): [(.viewChange(self.lie(viewChange, replica)), peers)]
        case .newView(let opening): self.openings(opening, peers)
        case .commit(let commit): [(.commit(self.spoil(commit)), peers)]
        default: [(message, peers)]
        }
    }

    /// A commit whose share is not of this block, at times.
    private mutating func spoil(_ commit: Commit) -> Commit {
        guard self.misdeeds.contains(.wrongShares), self.random.chance(70) else { return commit }
        let share = self.signer.signShare(commit.share)
        return Commit(signing: commit.slot, share: share, as: self.id, in: self.chain, with: self.signer)
    }

    // MARK: - Leading badly

    private mutating func proposals(
        _ proposal: PrePrepare,
        _ peers: [ReplicaID],
        _ replica: Replica
    ) -> [(Message, [ReplicaID])] {
        if self.misdeeds.contains(.silentLeader) { return [] }
        guard var block = try? SimulatedBlock(payload: proposal.block.payload) else { return [] }
        let isBending = self.random.chance(50)
        if isBending, self.misdeeds.contains(.invalidBlocks) {
            block.root ^= 1
            return [(self.propose(block, proposal.slot), peers)]
        }
        if isBending, self.misdeeds.contains(.wrongParent) {
            block.parent = self.wrongParent(below: block.height, replica)
            block.root = SimulatedState.root(self.root(after: block.parent), block.transactions)
            return [(self.propose(block, proposal.slot), peers)]
        }
        if isBending, self.misdeeds.contains(.skipRepeated), replica.view > 0 {
            block.salt ^= 0x4000_0000
            return [(self.propose(block, proposal.slot), peers)]
        }
        guard self.misdeeds.contains(.equivocate), peers.count > 1 else { return [(.prePrepare(proposal), peers)] }
        block.salt ^= 0x8000_0000
        if self.random.chance(50), let dropped = block.transactions.popLast() {
            block.root = SimulatedState.root(block.root, [dropped])
        }
        let shuffled = self.random.shuffle(peers)
        let half = peers.count / 2
        // Somebody hears both at times: that is where evidence comes from.
        let overlap = self.random.chance(20) ? 1 : 0
        return [
            (.prePrepare(proposal), Array(shuffled.prefix(half + overlap))),
            (self.propose(block, proposal.slot), Array(shuffled.dropFirst(half))),
        ]
    }

    /// The committed block (a hole, when others are in flight), or another block heard of at the height below.
    private mutating func wrongParent(below height: Height, _ replica: Replica) -> BlockHash {
        let rivals = self.heard.compactMap { message -> BlockHash? in
            guard case .prePrepare(let proposal) = message, proposal.slot.height == height - 1 else { return nil }
            return proposal.block.hash
        }
        return rivals.isEmpty || self.random.chance(50) ? replica.committed.hash : self.random.pick(rivals)
    }

    /// The root after a block that it has heard of, or else after its own last one.
    private func root(after hash: BlockHash) -> UInt64 {
        if hash == SimulatedWorld.genesis { return 0 }
        for case .prePrepare(let proposal) in self.heard where proposal.block.hash == hash {
            return (try? SimulatedBlock(payload: proposal.block.payload))?.root ?? self.committedRoot
        }
        return self.committedRoot
    }

    /// A block of its own on top of another.
    mutating func emptyBlock(_ height: Height, on parent: BlockHash) -> SimulatedBlock {
        var block = SimulatedBlock(height: height, parent: parent, transactions: [])
        block.root = self.root(after: parent)
        block.salt = UInt32(truncatingIfNeeded: self.random.next())
        return block
    }

    private mutating func propose(_ block: SimulatedBlock, _ like: Slot) -> Message {
        guard let made = try? self.reader.block(block) else { return .bodyRequest(.zero) }
        self.forged[made.hash] = made
        let slot = Slot(
            epoch: like.epoch,
            view: like.view,
            height: like.height,
            block: made.hash,
            parent: made.parent
        )
        let vote = Prepare(signing: slot, as: self.id, in: self.chain, with: self.signer)
        return .prePrepare(PrePrepare(vote: vote, block: made))
    }

    // MARK: - Voting badly

    private mutating func voteTwice(_ slot: Slot, _ replica: Replica) -> [Outgoing] {
        guard self.misdeeds.contains(.doubleVote), self.votedFor.count < 2_000,
            self.votedFor.insert(slot).inserted, slot.epoch == replica.epoch
        else { return [] }
        let prepare = Message.prepare(Prepare(signing: slot, as: self.id, in: self.chain, with: self.signer))
        let commit = Message.commit(Commit(signing: slot, as: self.id, in: self.chain, with: self.signer))
        var result: [Outgoing] = []
        for member in replica.committee.members where member.id != self.id {
            if self.random.chance(80) { result.append((prepare, member.id)) }
            if self.random.chance(80) { result.append((commit, member.id)) }
        }
        return result
    }

    // MARK: - Out of the blue

    private mutating func extras(_ peers: [ReplicaID], _ replica: Replica) -> [Outgoing] {
        if self.misdeeds.contains(.storm), !self.heard.isEmpty {
            return (0..<100).map { _ in (self.random.pick(self.heard), self.random.pick(peers)) }
        }
        guard self.random.chance(30) else { return [] }
        var messages: [Message] = []
        let committed = replica.committed
        if self.misdeeds.contains(.hugeViews) {
            let view: View = self.random.chance(50) ? 1 << 63 : replica.view + self.random.within(1...1_000)
            messages.append(.viewChange(self.sign(view: view, epoch: replica.epoch, committed, [])))
        }
        if self.misdeeds.contains(.usurp) { messages.append(self.usurp(replica)) }
        if self.misdeeds.contains(.fakeOpening) { messages.append(self.fakeOpening(replica)) }
        if self.misdeeds.contains(.replay), !self.heard.isEmpty { messages.append(self.random.pick(self.heard)) }
        return messages.flatMap { message in peers.map { (message, $0) } }
    }

    private mutating func usurp(_ replica: Replica) -> Message {
        let committed = replica.committed
        let block = self.emptyBlock(committed.height + 1, on: committed.hash)
        let like = Slot(
            epoch: replica.epoch,
            view: replica.view,
            height: block.height,
            block: .zero,
            parent: committed.hash
        )
        return self.propose(block, like)
    }

    /// The next view that it coordinates, opened with copies of its own view change.
    private func fakeOpening(_ replica: Replica) -> Message {
        var view = replica.view + 1
        while replica.committee.coordinator(of: view) != self.id, view < replica.view + 300 { view += 1 }
        let own = self.sign(view: view, epoch: replica.epoch, StablePoint(genesis: SimulatedWorld.genesis), [])
        let opening = NewView(
            epoch: replica.epoch,
            view: view,
            viewChanges: Array(repeating: own, count: replica.committee.quorum),
            signingAs: self.id,
            in: self.chain,
            with: self.signer
        )
        return .newView(opening)
    }

    /// What it gives to a peer that asks for its snapshot.
    mutating func bend(snapshot bytes: [UInt8]) -> [UInt8]? {
        if self.misdeeds.contains(.mute) || self.misdeeds.contains(.withhold) && self.random.chance(50) { return nil }
        guard self.misdeeds.contains(.forgeBlocks), self.random.chance(50) else { return bytes }
        return Snapshot.adding(transaction: 1 << 40, to: bytes, blocks: self.reader)
    }

    private mutating func forgeTransfer(_ status: Status, to peer: ReplicaID, _ replica: Replica) -> [Outgoing] {
        guard self.misdeeds.contains(.forgeBlocks), self.random.chance(20),
            replica.committed.height == status.committed
        else { return [] }
        let block = self.emptyBlock(status.committed + 1, on: replica.committed.hash)
        guard let made = try? self.reader.block(block) else { return [] }
        let committee = replica.committee
        let certificate = QuorumCertificate(
            version: .ed25519MultiSignature,
            epoch: committee.epoch,
            view: status.view,
            height: made.height,
            block: made.hash,
            signers: (0..<(committee.size + 7) / 8).map { byte in
                (0..<8).reduce(0) { $0 | (byte * 8 + $1 < committee.size ? 1 << UInt8($1) : 0) }
            },
            proof: [UInt8](repeating: 7, count: committee.size * 8)
        )
        return [(.blocks([CertifiedBlock(block: made, certificate: certificate)]), peer)]
    }
}
