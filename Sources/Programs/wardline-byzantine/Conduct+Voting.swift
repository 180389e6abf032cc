import Consensus
import Ledger

extension Conduct {
    private static let votedMax = 4_096

    /// Votes in both phases for a block that somebody else speaks of: any, or one of its own making.
    mutating func voteTwice(_ slot: Slot, _ channel: Channel) -> [Outgoing] {
        let isOwn = self.forged[slot.block] != nil
        guard isOwn || self.active.contains(.doubleVote), slot.epoch == self.committee.epoch,
            let context = self.contexts[channel], self.voted.insert(slot).inserted
        else { return [] }
        if self.voted.count > Self.votedMax { self.voted = [slot] }
        self.note(isOwn ? .equivocate : .doubleVote)
        let prepare = Prepare(signing: slot, as: self.number, in: context, with: self.signer)
        let commit = Commit(signing: slot, as: self.number, in: context, with: self.signer)
        return [
            Outgoing(.prepare(prepare), in: channel, to: self.somebody()),
            Outgoing(.commit(commit), in: channel, to: self.somebody()),
        ]
    }

    // MARK: - Views

    /// Hides what the replica has prepared.
    mutating func bend(_ viewChange: ViewChange, _ channel: Channel, _ honest: Outgoing) -> [Outgoing] {
        self.standing[channel, default: Standing()].viewChange = viewChange
        guard self.does(.views, 500), let context = self.contexts[channel] else { return [honest] }
        let kept = Int.random(in: 0...viewChange.prepared.count, using: &self.random)
        let lie = ViewChange(
            epoch: viewChange.epoch,
            view: viewChange.view,
            stable: viewChange.stable,
            prepared: Array(viewChange.prepared.prefix(kept)),
            signingAs: self.number,
            in: context,
            with: self.signer
        )
        return [Outgoing(.viewChange(lie), in: channel, to: honest.peers)]
    }

    /// View changes for views that are over, near and far, and an opening made of copies of its own view change.
    mutating func forgedViews(_ channel: Channel) -> [Outgoing] {
        guard let standing = self.standing[channel], let status = standing.status,
            let known = standing.viewChange, let context = self.contexts[channel]
        else { return [] }
        let candidates: [View] = [
            0, status.view, status.view &- 1, status.view + 1, status.view + 2, status.view + 1_000, 1 << 63, .max,
        ]
        let view = candidates.randomElement(using: &self.random) ?? 0
        let change = ViewChange(
            epoch: status.epoch,
            view: view,
            stable: known.stable,
            prepared: [],
            signingAs: self.number,
            in: context,
            with: self.signer
        )
        guard self.random.chance(100) else { return [Outgoing(.viewChange(change), in: channel, to: self.somebody())] }
        let opening = NewView(
            epoch: status.epoch,
            view: view,
            viewChanges: Array(repeating: change, count: self.committee.quorum),
            signingAs: self.number,
            in: context,
            with: self.signer
        )
        return [Outgoing(.newView(opening), in: channel, to: self.somebody())]
    }
}
