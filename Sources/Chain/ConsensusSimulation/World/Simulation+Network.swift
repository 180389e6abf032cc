internal import Consensus

extension Simulation {
    mutating func deliver(_ envelope: Envelope, to index: Int) {
        guard self.hosts[index].isUp else { return }
        if var adversary = self.adversaries[index] {
            adversary.committedRoot = self.hosts[index].application.state.root
            let extra = adversary.hear(envelope.message, from: envelope.sender, as: self.hosts[index].replica)
            self.adversaries[index] = adversary
            for outgoing in extra { self.transmit(outgoing.message, from: index, to: outgoing.to) }
        }
        do throws(VerificationFailure) {
            let verified = try self.hosts[index].verifier.verify(envelope.message, from: envelope.sender)
            self.step(index, .message(verified))
        } catch {
            guard error == .badCertificate, self.isCorrect[index] else { return }
            self.accuse(envelope.message, index)
        }
    }

    /// What the shell around a replica does with a refused message.
    private mutating func accuse(_ refused: Message, _ index: Int) {
        let host = self.hosts[index]
        guard let evidence = host.verifier.evidence(in: refused), host.accused.insert(evidence.culprit).inserted else {
            return
        }
        self.monitor.reported(evidence, by: host)
    }

    mutating func send(_ message: Message, from index: Int, to peers: [ReplicaID]) {
        guard var adversary = self.adversaries[index] else {
            self.transmit(message, from: index, to: peers)
            return
        }
        adversary.committedRoot = self.hosts[index].application.state.root
        let outgoing = adversary.bend(message, to: peers, as: self.hosts[index].replica)
        self.adversaries[index] = adversary
        for (bent, peer) in outgoing { self.transmit(bent, from: index, to: peer) }
    }

    private mutating func transmit(_ message: Message, from index: Int, to peer: ReplicaID) {
        self.transmit(message, from: index, to: [peer])
    }

    private mutating func transmit(_ message: Message, from index: Int, to peers: [ReplicaID]) {
        let host = self.hosts[index]
        self.monitor.sent(message, by: host, isCorrect: self.isCorrect[index])
        let envelope = Envelope(message, from: host.id)
        for peer in peers where peer != host.id {
            guard self.topology.connects(host.id.number, peer.number), self.reaches(index, peer) else { continue }
            for target in self.processes[peer] ?? [] where self.reaches(target, host.id) {
                if let split = self.split, split[index] != split[target] { continue }
                self.carry(envelope, from: host.id, to: target)
            }
        }
    }

    /// Something outside of consensus travels, on the same links: once or not at all.
    mutating func carry(_ happening: Happening, from index: Int, to target: Int, slower: UInt64) {
        let (from, to) = (self.hosts[index].id, self.hosts[target].id)
        guard self.topology.connects(from.number, to.number), self.reaches(index, to), self.reaches(target, from),
            self.split.map({ $0[index] == $0[target] }) ?? true, !self.random.chance(self.quality.loss)
        else { return }
        let delay = self.random.within(self.quality.delay) + self.topology.extraDelay(from.number, to.number)
        self.queue.schedule(happening, at: self.time + delay + slower)
    }

    /// Whether this process (a twin's reaches only its side) is in touch with the replica.
    private func reaches(_ index: Int, _ replica: ReplicaID) -> Bool {
        guard let side = self.sides[index] else { return true }
        return side & 1 << UInt32(replica.number) != 0
    }

    private mutating func carry(_ envelope: Envelope, from sender: ReplicaID, to target: Int) {
        if self.random.chance(self.quality.loss) { return }
        let copies = self.random.chance(self.quality.duplication) ? 2 : 1
        for _ in 0..<copies {
            var delay = self.random.within(self.quality.delay)
            if self.random.chance(self.quality.stalled) { delay += self.random.below(self.quality.stall) }
            delay += self.topology.extraDelay(sender.number, self.hosts[target].id.number)
            self.queue.schedule(.deliver(envelope, to: target), at: self.time + delay)
        }
    }
}
