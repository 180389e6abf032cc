internal import CanonicalBytes
internal import Consensus
internal import Ledger
internal import LedgerStore
internal import Logging
internal import PeerTransport

// Getting a state from others: nobody is trusted, a certificate proves all of it (scenario S18).

extension ReplicaLoop {
    /// Deals with what a peer says about snapshots.
    func handle(_ message: SnapshotMessage, from peer: UInt16) throws(LedgerFailure) {
        let index = self.host(of: message.channel)
        let host = self.hosts[index]
        switch message {
        case .wanted, .chunkWanted: self.answer(message, peer, host)
        case .manifest(_, let bytes): try self.consider(bytes, from: peer, host)
        case .chunk(_, let height, let part, let bytes):
            guard host.fetch?.assembly.manifest.height == height else { return }
            try self.take(bytes, Int(part), from: peer, index)
        case .gone(_, let height):
            let isAnswer = host.snapshotAsked.remove(peer) != nil
            if isAnswer, height == 0, host.snapshotAsked.isEmpty, host.fetch == nil { host.wish?.refuse() }
            guard height == 0 || host.fetch?.assembly.manifest.height == height else { return }
            host.fetch?.drop(peer)
        }
    }

    /// A peer no longer has the blocks that are missing here.
    func askForSnapshot(of peer: ReplicaID, _ host: ChannelHost) {
        guard host.fetch == nil else { return }
        self.ask(for: host.channel, of: [peer.number], host)
    }

    /// Asks everybody in reach while a channel without any block wishes to begin with a snapshot.
    func pursueWish(_ host: ChannelHost, _ now: Instant) {
        guard let wish = host.wish else { return }
        guard host.ledger.height == 0, !wish.isGivenUp else {
            host.wish = nil
            if host.ledger.height == 0 {
                self.logger.notice(
                    "nobody serves a snapshot: all blocks are taken",
                    metadata: ["channel": "\(host.channel.name)"]
                )
            }
            return
        }
        guard host.fetch == nil, now >= host.nextSnapshotQuestion, !self.reachable.isEmpty else { return }
        host.wish?.ask()
        host.nextSnapshotQuestion = now.advanced(milliseconds: self.configuration.limits.snapshotPatience / 2)
        self.ask(for: host.channel, of: self.reachable.sorted(), host)
    }

    private func ask(for channel: Channel, of peers: [UInt16], _ host: ChannelHost) {
        host.snapshotAsked.formUnion(peers)
        self.send(.wanted(channel), to: peers)
    }

    private func send(_ message: SnapshotMessage, to peers: [UInt16]) {
        self.network.broadcast(message.bytes, kind: FrameKind.snapshot, class: .sync, to: peers)
    }

    /// Reading takes time, which the core does not have.
    private func answer(_ message: SnapshotMessage, _ peer: UInt16, _ host: ChannelHost) {
        let (shelf, network) = (host.shelf, self.network)
        self.gate.workers.run(isUrgent: false) {
            guard let answer = shelf.answer(to: message) else { return }
            network.broadcast(answer.bytes, kind: FrameKind.snapshot, class: .sync, to: [peer])
        }
    }

    // MARK: - Fetching

    private func consider(_ bytes: [UInt8], from peer: UInt16, _ host: ChannelHost) throws(LedgerFailure) {
        guard host.snapshotAsked.remove(peer) != nil else { return }
        let assembly: StateAssembly
        do throws(ProtocolFailure) {
            let manifest = try SnapshotManifest(bytes: bytes)
            if let known = host.fetch?.assembly.manifest {
                // Equal states are cut alike, and each chunk proves itself.
                if manifest.header == known.header, manifest.depth == known.depth { host.fetch?.add(peer) }
                return
            }
            guard manifest.height > host.ledger.height else { return }
            let view = try manifest.verify(from: host.ledger.genesisView)
            guard let begun = try self.begin(manifest, view, host) else { return }
            assembly = begun
        } catch { return self.convict(peer, "its snapshot is not certified: \(error)", host) }
        self.logger.notice(
            "the state is fetched from other validators",
            metadata: [
                "channel": "\(host.channel.name)", "height": "\(assembly.manifest.height)",
                "chunks": "\(assembly.missing.count)",
            ]
        )
        host.fetch = SnapshotFetch(assembly, from: peer)
        self.ask(for: host.channel, of: self.reachable.filter { $0 != peer }.sorted(), host)
        try self.continueFetch(self.host(of: host.channel), .now)
    }

    private func begin(
        _ manifest: SnapshotManifest,
        _ view: CommitteeView,
        _ host: ChannelHost
    ) throws(ProtocolFailure) -> StateAssembly? {
        do throws(LedgerStoreFailure) {
            return try StateAssembly(manifest, view, path: host.ledger.folder.state)
        } catch {
            self.note(error, host)
            return nil
        }
    }

    private func take(_ bytes: [UInt8], _ part: Int, from peer: UInt16, _ index: Int) throws(LedgerFailure) {
        let host = self.hosts[index]
        guard host.fetch?.close(part, of: peer) == true else { return }
        do throws(StateAssembly.Failure) { try host.fetch?.assembly.put(bytes, index: part) } catch {
            switch error {
            case .unproven(let failure):
                host.fetch?.drop(peer)
                self.convict(peer, "its chunk \(part) of a snapshot is not what is certified: \(failure)", host)
            case .store(let failure): self.abandonFetch(failure, host)
            }
        }
        try self.continueFetch(index, .now)
    }

    private func convict(_ peer: UInt16, _ reason: String, _ host: ChannelHost) {
        host.counters.wrongSnapshots += 1
        self.network.report(peer: peer, misbehaviour: .badSignature, weight: nil)
        self.logger.error(
            "a validator serves a wrong state; another one is asked",
            metadata: ["channel": "\(host.channel.name)", "peer": "\(peer)", "reason": "\(reason)"]
        )
    }

    private func note(_ failure: LedgerStoreFailure, _ host: ChannelHost) {
        self.logger.error(
            "the state cannot be fetched now",
            metadata: ["channel": "\(host.channel.name)", "reason": "\(failure)"]
        )
    }

    private func abandonFetch(_ failure: LedgerStoreFailure, _ host: ChannelHost) {
        self.note(failure, host)
        host.fetch?.assembly.builder.discard()
        host.fetch = nil
    }

    /// Asks for what is missing, and installs the state when nothing is.
    func continueFetch(_ index: Int, _ now: Instant) throws(LedgerFailure) {
        let host = self.hosts[index]
        guard let assembly = host.fetch?.assembly else { return }
        let patience = self.configuration.limits.snapshotPatience
        if assembly.manifest.height <= host.ledger.height {
            assembly.builder.discard()
            host.fetch = nil
            return
        }
        if assembly.missing.isEmpty { return try self.install(assembly, index) }
        for peer in host.fetch?.dropLate(now) ?? [] {
            self.logger.warning(
                "a validator did not send a part of its snapshot",
                metadata: ["channel": "\(host.channel.name)", "peer": "\(peer)"]
            )
        }
        if host.fetch?.isHopeless(now, patience: 4 * patience) == true {
            return self.abandonFetch(.refused("nobody serves the snapshot any more"), host)
        }
        if host.fetch?.servers.isEmpty == true, now >= host.nextSnapshotQuestion {
            host.nextSnapshotQuestion = now.advanced(milliseconds: patience / 2)
            self.ask(for: host.channel, of: self.reachable.sorted(), host)
        }
        for (part, peer) in host.fetch?.questions(now, patience: patience) ?? [] {
            let height = assembly.manifest.height
            self.send(.chunkWanted(host.channel, height: height, index: UInt32(part)), to: [peer])
        }
    }

    private func install(_ assembly: StateAssembly, _ index: Int) throws(LedgerFailure) {
        let host = self.hosts[index]
        host.fetch = nil
        do throws(LedgerFailure) { try host.ledger.install(assembly) } catch {
            // A full disk is found before anything is replaced.
            guard case .store(.diskFull(let path)) = error else { throw error }
            assembly.builder.discard()
            return self.note(.diskFull(path), host)
        }
        try host.noteInstalled()
        self.logger.notice(
            "the state was fetched and proven",
            metadata: ["channel": "\(host.channel.name)", "height": "\(host.ledger.height)"]
        )
        let stable = StablePoint(certificate: assembly.manifest.certificate)
        try self.step(index, .snapshotInstalled(stable, committees: assembly.view.committees))
        self.gate.use(host.replica.verifier, in: host.channel)
    }

    // MARK: - Making

    /// Begins a snapshot of the last final block when it is its turn.
    func beginSnapshotIfDue(_ host: ChannelHost) throws(LedgerFailure) {
        let limits = self.configuration.limits
        let height = host.ledger.height
        guard limits.snapshotInterval > 0, height > 0, height.isMultiple(of: limits.snapshotInterval),
            let certificate = host.ledger.certificate, host.shelf.begin()
        else { return }
        let base = SnapshotBase(host.ledger.header, certificate, host.ledger.handovers.handovers)
        do throws(LedgerStoreFailure) {
            try host.ledger.flush()
            let export = try host.ledger.state.store.makeExport()
            let (inbox, channel) = (self.inbox, host.channel)
            host.shelf.write(export, of: base, limits: limits) { failure in
                inbox.push(.snapshotWritten(channel, height: height, failure))
            }
        } catch {
            host.shelf.end()
            guard case .diskFull = error else { throw .store(error) }
            self.note(error, host)
        }
    }

    /// A snapshot is there, or is not: blocks that it stands for may go.
    func finishSnapshot(_ channel: Channel, _ height: Height, _ failure: LedgerStoreFailure?) throws(LedgerFailure) {
        let host = self.hosts[self.host(of: channel)]
        host.shelf.end()
        if let failure {
            return self.logger.error(
                "there is no snapshot of the state",
                metadata: ["channel": "\(channel.name)", "height": "\(height)", "reason": "\(failure)"]
            )
        }
        self.logger.info("snapshot written", metadata: ["channel": "\(channel.name)", "height": "\(height)"])
        guard let kept = self.configuration.limits.blocksKept, let oldest = host.shelf.heights.first else { return }
        let lowest = min(oldest + 1, host.ledger.height > kept ? host.ledger.height - kept + 1 : 1)
        do throws(LedgerStoreFailure) {
            guard let earliest = try host.ledger.blocks.prune(below: lowest) else { return }
            host.replica.holdsBlocks(from: earliest)
            let transactions = host.ledger.transactions
            // What stays too long after a failure does no harm.
            WorkerThread.start { [subjects = host.subjects] in
                try? transactions.prune(below: earliest)
                try? subjects?.prune(below: earliest)
            }
        } catch { throw .store(error) }
    }
}
