internal import Consensus

extension Simulation {
    /// Starts to write a snapshot when the height says so; it is durable some time later.
    mutating func beginSnapshotIfDue(_ index: Int) {
        let host = self.hosts[index]
        guard self.plan.snapshotEvery > 0, host.application.height.isMultiple(of: self.plan.snapshotEvery),
            !host.application.store.isWritingSnapshot
        else { return }
        host.application.beginSnapshot()
        let duration = self.random.within(500...20_000)
        self.queue.schedule(.snapshotWritten(at: index, life: host.life), at: self.time + duration)
        guard let restart = host.crashInSnapshot else { return }
        host.crashInSnapshot = nil
        self.restartDelay[index] = restart
        self.queue.schedule(.death(index, life: host.life), at: self.time + duration / 2)
    }

    mutating func finishSnapshot(_ index: Int, _ life: Int) {
        let host = self.hosts[index]
        guard host.isUp, host.life == life else { return }
        host.application.finishSnapshot()
        host.replica.holdsBlocks(from: host.application.store.base + 1)
    }

    mutating func requestSnapshot(_ index: Int, from peer: ReplicaID) {
        for target in self.processes[peer] ?? [] {
            self.carry(.snapshotRequest(from: index, to: target), from: index, to: target, slower: 0)
        }
    }

    mutating func serveSnapshot(_ index: Int, to target: Int) {
        let host = self.hosts[index]
        guard host.isUp, var bytes = host.application.store.snapshots.last?.bytes else { return }
        if var adversary = self.adversaries[index] {
            let bent = adversary.bend(snapshot: bytes)
            self.adversaries[index] = adversary
            guard let bent else { return }
            bytes = bent
        }
        // A snapshot takes longer than a message: the chain goes on meanwhile.
        let slower = self.random.within(1_000...40_000)
        self.carry(.snapshot(bytes, to: target), from: index, to: target, slower: slower)
    }

    /// A faulty validator may be the first to have a block for final, and make a snapshot of it.
    private mutating func reviewFaulty(upTo height: Height, _ index: Int) {
        let known = self.known
        while Height(self.monitor.chain.count) < height {
            guard let certified = self.heldByFaulty[Height(self.monitor.chain.count) + 1] else { return }
            self.monitor.found(certified, by: self.hosts[index]) { known.contains($0) }
            if self.monitor.violation != nil { return }
        }
    }

    /// A peer's snapshot has come: everything in it is checked before anything of it is used.
    mutating func install(_ bytes: [UInt8], _ index: Int) {
        let host = self.hosts[index]
        guard host.isUp, let snapshot = try? Snapshot(bytes: bytes, blocks: host.reader),
            snapshot.state.height > host.application.height, let top = snapshot.state.top,
            let committees = snapshot.proven(knowing: host.replica.committees, scheme: self.keys.scheme)
        else { return }
        if self.isCorrect[index] {
            self.reviewFaulty(upTo: snapshot.state.height, index)
            self.monitor.installed(snapshot, committees, by: host)
            self.outcome.snapshotsInstalled += 1
        }
        host.application.install(snapshot)
        let stable = StablePoint(certificate: top.certificate)
        self.step(index, .snapshotInstalled(stable, committees: committees))
        self.tellWork(index, after: 0)
    }
}
