internal import Consensus

extension Monitor {
    /// A correct validator shows a block as final.
    mutating func delivered(_ certified: CertifiedBlock, by host: Host, isKnown: (UInt64) -> Bool) {
        let block = certified.block
        if block.height != host.application.height {
            self.fail(.gap, "\(host.id) shows height \(block.height) as number \(host.application.height)")
        }
        self.found(certified, by: host, isKnown: isKnown)
    }

    /// A correct validator has a block for final: it shows it, or finds it in its store at a start.
    ///
    /// A block may be durable without ever having been shown, when the process died in between; the ledger executes
    /// it at the next start.
    mutating func found(_ certified: CertifiedBlock, by host: Host, isKnown: (UInt64) -> Bool) {
        let block = certified.block
        self.checkCertificate(certified)
        if block.height <= Height(self.chain.count) {
            guard block.height > 0 else { return self.fail(.gap, "\(host.id) shows the genesis") }
            let known = self.chain[Int(block.height) - 1].block.hash
            if known != block.hash {
                self.fail(.agreement, "\(host.id) has \(block.hash) at height \(block.height), not \(known)")
            }
        } else {
            self.extend(certified, isKnown)
        }
    }

    /// A correct validator goes on from a peer's snapshot.
    mutating func installed(_ snapshot: Snapshot, _ committees: CommitteeHistory, by host: Host) {
        let state = snapshot.state
        guard state.height > 0, state.height <= Height(self.chain.count) else {
            return self.fail(.gap, "\(host.id) installs height \(state.height) of \(self.chain.count)")
        }
        if self.chain[Int(state.height) - 1].block.hash != state.hash {
            self.fail(.agreement, "\(host.id) installs \(state.hash) at height \(state.height)")
        }
        if state.root != self.roots[Int(state.height) - 1] || SimulatedState.root(0, state.executed) != state.root {
            self.fail(.validity, "\(host.id) installs a state that the chain does not have")
        }
        for reign in committees.reigns where self.committees[reign.committee.epoch] != reign.committee {
            self.fail(.validity, "\(host.id) installs a committee that was never elected")
        }
    }

    private mutating func extend(_ certified: CertifiedBlock, _ isKnown: (UInt64) -> Bool) {
        let block = certified.block
        guard block.height == Height(self.chain.count) + 1,
            block.parent == self.chain.last?.block.hash ?? SimulatedWorld.genesis
        else { return self.fail(.gap, "height \(block.height) does not follow") }
        guard let content = try? SimulatedBlock(payload: block.payload),
            content.root == SimulatedState.root(self.roots.last ?? 0, content.transactions),
            content.transactions.allSatisfy(isKnown)
        else { return self.fail(.validity, "height \(block.height) holds what nobody sent") }
        for transaction in content.transactions where !self.executed.insert(transaction).inserted {
            self.fail(.validity, "transaction \(transaction) is executed twice")
        }
        self.chain.append(certified)
        self.roots.append(content.root)
        self.commitTimes.append(self.time)
        if let next = block.nextCommittee {
            self.lastHeight[next.epoch - 1] = block.height
            self.lastBlock[next.epoch - 1] = block.hash
            if self.votes.values.contains(where: { $0.epoch < next.epoch && $0.parent == block.hash }) {
                self.fail(.order, "votes past the change of membership at height \(block.height)")
            }
            self.committees[next.epoch] = next
        }
    }

    /// What a light client does: the right committee, enough distinct signers, every signature over the commit
    /// message of exactly this view.
    private mutating func checkCertificate(_ certified: CertifiedBlock) {
        let certificate = certified.certificate
        guard certificate.block == certified.block.hash, certificate.height == certified.block.height,
            let committee = self.committees[certificate.epoch]
        else { return self.fail(.certificate, "of another block or committee") }
        if let last = self.lastHeight[certificate.epoch], certificate.height > last {
            self.fail(.certificate, "height \(certificate.height) by the committee before")
        }
        let members = committee.members.indices.filter {
            certificate.signers[$0 / 8] & 1 << UInt8($0 % 8) != 0
        }.map { committee.members[$0] }
        let message = SimulatedWorld.chain.commitMessage(
            epoch: certificate.epoch,
            view: certificate.view,
            height: certificate.height,
            block: certificate.block
        )
        if members.count < Self.quorum(committee.size)
            || !self.keys.scheme.verifyCertificate(certificate.proof, of: message, by: members)
        {
            self.fail(.certificate, "height \(certificate.height) has no quorum behind it")
        }
    }
}
