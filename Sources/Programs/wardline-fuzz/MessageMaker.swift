import CanonicalBytes
import Consensus

/// Makes messages that pass verification, or nearly: of a liar, who signs anything, and of its peers, who sign once
/// for each kind and place.
struct MessageMaker {
    let consortium: FuzzConsortium
    let liar: UInt16
    private var random: Randomness
    /// Blocks that somebody has seen.
    private var blocks: [Block] = []
    /// What the peers have signed.
    private var promises: [Promise: Slot] = [:]
    private var viewChanges: [ViewPlace: ViewChange] = [:]
    private var openings: [ViewPlace: NewView] = [:]

    private struct Promise: Hashable {
        let signer: UInt16
        let epoch: CommitteeEpoch
        let view: View
        let height: Height
    }

    private struct ViewPlace: Hashable {
        let signer: UInt16
        let epoch: CommitteeEpoch
        let view: View
    }

    init(_ consortium: FuzzConsortium, liar: UInt16, _ random: Randomness) {
        self.consortium = consortium
        self.liar = liar
        self.random = random
    }

    /// A block on top of another; at times it changes the membership.
    mutating func block(_ height: Height, on parent: BlockHash) -> Block {
        let salt = UInt8(self.random.below(3))
        let next = self.random.once(in: 24) ? self.consortium.successor : nil
        let block = FuzzReader.make(height, on: parent, salt: salt, next: next)
        self.blocks.append(block)
        return block
    }

    /// Some message that the replica may get next.
    mutating func message(for replica: Replica) -> Message {
        let signer = self.random.pick(Self.peers(of: replica))
        switch self.random.below(16) {
        case 0..<3: return self.proposal(replica)
        case 3..<7: return self.prepare(self.slot(replica), by: signer)
        case 7..<11: return self.commit(self.slot(replica), by: signer)
        case 11: return .viewChange(self.viewChange(replica, self.view(replica), by: signer))
        case 12: return .newView(self.opening(replica))
        case 13: return self.transfer(replica)
        case 14: return .body(self.pick(replica))
        default: return self.question(replica)
        }
    }

    /// The same message with the liar's name and signature: what it says gets past the verifier if anything does.
    func resigned(_ message: Message) -> Message {
        switch message {
        case .prePrepare(let proposal):
            .prePrepare(
                PrePrepare(vote: self.consortium.prepare(proposal.slot, by: self.liar), block: proposal.block)
            )
        case .prepare(let vote): .prepare(self.consortium.prepare(vote.slot, by: self.liar))
        case .commit(let vote): .commit(self.consortium.commit(vote.slot, by: self.liar))
        case .viewChange(let lie):
            .viewChange(
                self.consortium.viewChange(
                    to: lie.view,
                    stable: lie.stable,
                    prepared: lie.prepared,
                    epoch: lie.epoch,
                    by: self.liar
                )
            )
        case .newView(let lie):
            .newView(self.consortium.newView(lie.view, lie.viewChanges, epoch: lie.epoch, by: self.liar))
        default: message
        }
    }

    /// Everybody else in the committee: three at first, exactly a quorum.
    private static func peers(of replica: Replica) -> [UInt16] {
        replica.committee.members.map(\.id.number).filter { $0 != 0 }
    }

    // MARK: - Places

    private mutating func view(_ replica: Replica) -> View {
        switch self.random.below(10) {
        case 0: UInt64.max - UInt64(self.random.below(2))
        case 1: replica.view &+ UInt64(self.random.below(5))
        case 2: replica.view &- UInt64(self.random.below(3))
        default: replica.isChangingView ? replica.view : replica.view &+ UInt64(self.random.below(2))
        }
    }

    private mutating func height(_ replica: Replica) -> Height {
        switch self.random.below(12) {
        case 0: .max - UInt64(self.random.below(3))
        case 1: UInt64(self.random.below(20))
        default: replica.committed.height + 1 + UInt64(self.random.below(4))
        }
    }

    /// A known block, or a new one next to or far from the tip.
    private mutating func pick(_ replica: Replica) -> Block {
        let near = self.blocks.filter { $0.height > replica.committed.height }
        if !near.isEmpty, !self.random.once(in: 4) { return self.random.pick(near) }
        if !near.isEmpty, self.random.once(in: 2) {
            let below = self.random.pick(near)
            return self.block(below.height &+ 1, on: below.hash)
        }
        if self.random.once(in: 6) { return self.block(self.height(replica), on: replica.committed.hash) }
        return self.block(replica.committed.height + 1, on: replica.committed.hash)
    }

    private mutating func slot(_ replica: Replica) -> Slot {
        let view = self.random.once(in: 4) ? self.view(replica) : replica.view
        let epoch = self.random.once(in: 30) ? UInt64(self.random.below(3)) : replica.epoch
        return self.consortium.slot(self.pick(replica), view: view, epoch: epoch)
    }

    // MARK: - Votes

    /// Whether the signer may sign this: the liar always, another one what it has not contradicted.
    private mutating func permits(_ slot: Slot, _ signer: UInt16) -> Bool {
        guard signer != self.liar else { return true }
        let place = Promise(signer: signer, epoch: slot.epoch, view: slot.view, height: slot.height)
        if let known = self.promises[place] { return known == slot }
        self.promises[place] = slot
        return true
    }

    private mutating func prepare(_ slot: Slot, by signer: UInt16) -> Message {
        .prepare(self.consortium.prepare(slot, by: self.permits(slot, signer) ? signer : self.liar))
    }

    private mutating func commit(_ slot: Slot, by signer: UInt16) -> Message {
        .commit(self.consortium.commit(slot, by: self.permits(slot, signer) ? signer : self.liar))
    }

    private mutating func proposal(_ replica: Replica) -> Message {
        let block = self.pick(replica)
        let slot = self.consortium.slot(block, view: replica.view, epoch: replica.epoch)
        let leader = replica.committee.leader(of: replica.view, height: block.height).number
        let signer = leader != 0 && self.permits(slot, leader) ? leader : self.liar
        return .prePrepare(PrePrepare(vote: self.consortium.prepare(slot, by: signer), block: block))
    }

    // MARK: - Views

    private mutating func viewChange(_ replica: Replica, _ view: View, by signer: UInt16) -> ViewChange {
        let place = ViewPlace(signer: signer, epoch: replica.epoch, view: view)
        if signer != self.liar, let known = self.viewChanges[place] { return known }
        let viewChange = self.consortium.viewChange(
            to: view,
            stable: self.random.once(in: 4) ? StablePoint(genesis: FuzzConsortium.genesis) : replica.committed,
            prepared: self.prepared(replica, below: view, isLying: signer == self.liar),
            epoch: replica.epoch,
            by: signer
        )
        if signer != self.liar { self.viewChanges[place] = viewChange }
        return viewChange
    }

    /// A certificate that a quorum signed, or that the liar made up.
    private mutating func prepared(_ replica: Replica, below view: View, isLying: Bool) -> [PreparedCertificate] {
        guard view > 0, self.random.once(in: 2) else { return [] }
        let slot = self.consortium.slot(self.pick(replica), view: view - 1, epoch: replica.epoch)
        let signers = Self.peers(of: replica).filter { self.permits(slot, $0) }
        if signers.count >= replica.committee.quorum { return [self.consortium.prepared(slot, by: signers)] }
        return isLying ? [self.consortium.prepared(slot, by: [self.liar])] : []
    }

    private mutating func opening(_ replica: Replica) -> NewView {
        let view = self.view(replica)
        let coordinator = replica.committee.coordinator(of: view).number
        let signer = coordinator == 0 ? self.liar : coordinator
        let place = ViewPlace(signer: signer, epoch: replica.epoch, view: view)
        if signer != self.liar, let known = self.openings[place] { return known }
        var viewChanges = Self.peers(of: replica).map { self.viewChange(replica, view, by: $0) }
        if signer == self.liar, self.random.once(in: 4) { viewChanges.swapAt(0, 2) }
        if signer == self.liar, self.random.once(in: 4) { viewChanges.append(viewChanges[0]) }
        let opening = self.consortium.newView(view, viewChanges, epoch: replica.epoch, by: signer)
        if signer != self.liar { self.openings[place] = opening }
        return opening
    }

    // MARK: - State transfer

    private mutating func transfer(_ replica: Replica) -> Message {
        var certified: [CertifiedBlock] = []
        var parent = replica.committed.hash
        for offset in 0..<UInt64(1 + self.random.below(3)) {
            let block = self.block(replica.committed.height + 1 + offset, on: parent)
            let slot = self.consortium.slot(block, view: replica.view, epoch: replica.epoch)
            let signers = Self.peers(of: replica).filter { self.permits(slot, $0) }
            certified.append(CertifiedBlock(block: block, certificate: self.consortium.certificate(slot, by: signers)))
            parent = block.hash
        }
        return .blocks(certified)
    }

    private mutating func question(_ replica: Replica) -> Message {
        switch self.random.below(3) {
        case 0: .blockRequest(from: self.height(replica))
        case 1: .bodyRequest(self.pick(replica).hash)
        default:
            .status(
                Status(
                    epoch: UInt64(self.random.below(2)),
                    view: self.view(replica),
                    isChangingView: self.random.once(in: 2),
                    committed: self.height(replica),
                    earliest: self.random.once(in: 3) ? self.height(replica) : 1
                )
            )
        }
    }
}
