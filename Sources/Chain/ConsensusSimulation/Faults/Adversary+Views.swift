internal import Consensus

extension Adversary {
    mutating func lie(_ honest: ViewChange, _ replica: Replica) -> ViewChange {
        var prepared = honest.prepared
        var stable = honest.stable
        if self.misdeeds.contains(.hidePrepared) {
            prepared = self.random.chance(70) ? [] : Array(prepared.prefix(self.random.index(prepared.count + 1)))
            if self.random.chance(30) {
                stable = StablePoint(genesis: SimulatedWorld.genesis)
                prepared = []
            }
        }
        if self.misdeeds.contains(.forgePrepared), honest.view > 0,
            self.misdeeds == .forgePrepared || self.random.chance(70)
        {
            prepared = [self.forgedCertificate(above: stable, view: honest.view - 1, replica)]
        }
        return self.sign(view: honest.view, epoch: honest.epoch, stable, prepared)
    }

    func sign(
        view: View,
        epoch: CommitteeEpoch,
        _ stable: StablePoint,
        _ prepared: [PreparedCertificate]
    ) -> ViewChange {
        ViewChange(
            epoch: epoch,
            view: view,
            stable: stable,
            prepared: prepared,
            signingAs: self.id,
            in: self.chain,
            with: self.signer
        )
    }

    private mutating func forgedCertificate(
        above stable: StablePoint,
        view: View,
        _ replica: Replica
    ) -> PreparedCertificate {
        let block = self.emptyBlock(stable.height + 1, on: stable.hash)
        let made = try? self.reader.block(block)
        if let made { self.forged[made.hash] = made }
        let slot = Slot(
            epoch: replica.epoch,
            view: view,
            height: block.height,
            block: made?.hash ?? .zero,
            parent: stable.hash
        )
        let signature = Prepare(signing: slot, as: self.id, in: self.chain, with: self.signer).signature
        let votes = replica.committee.members.prefix(replica.committee.quorum).map {
            PreparedCertificate.Vote(replica: $0.id, signature: signature)
        }
        return PreparedCertificate(slot: slot, votes: votes)
    }

    mutating func openings(_ opening: NewView, _ peers: [ReplicaID]) -> [(Message, [ReplicaID])] {
        if self.misdeeds.contains(.skipRepeated) { return [(.newView(self.bend(opening)), peers)] }
        guard self.misdeeds.contains(.equivocate), peers.count > 1 else { return [(.newView(opening), peers)] }
        let shuffled = self.random.shuffle(peers)
        let half = peers.count / 2
        return [
            (.newView(opening), Array(shuffled.prefix(half))),
            (.newView(self.bend(opening)), Array(shuffled.dropFirst(half))),
        ]
    }

    private mutating func bend(_ opening: NewView) -> NewView {
        // Its own view change, without what it prepared, in place of the first one.
        var viewChanges = opening.viewChanges.filter { $0.replica != self.id }
        let lie = self.sign(
            view: opening.view,
            epoch: opening.epoch,
            StablePoint(genesis: SimulatedWorld.genesis),
            []
        )
        viewChanges = Array(viewChanges.prefix(opening.viewChanges.count - 1)) + [lie]
        viewChanges.sort { $0.replica < $1.replica }
        return NewView(
            epoch: opening.epoch,
            view: opening.view,
            viewChanges: viewChanges,
            signingAs: self.id,
            in: self.chain,
            with: self.signer
        )
    }
}
