internal import Attesting
internal import CanonicalBytes
internal import ChainReading
internal import Contracts
internal import EVMAdapter
internal import EVMProofs
internal import IBTP
internal import Ledger
internal import PathProofs
internal import Relaying
internal import Uplink

/// Carries out the plan's actions between a chain with an EVM and its relay chain.
struct EVMGatewayWorker: GatewayWorking {
    let evm: EVMShore
    let relay: ShoreClient
    let hops: EVMHopBuilder
    let paths: PathBuilder
    let deliveries: EVMDeliveries
    let book: LeafBook
    let board: GatewayBoard

    func name(of shore: Shore) -> String { shore == .relay ? self.relay.name : self.evm.name }

    func start(of shore: Shore) -> UInt64 { shore == .relay ? 0 : self.evm.chain.settings.startHeight }

    func tip(of shore: Shore) async throws -> UInt64 {
        guard shore == .application else { return try await self.relay.tip()?.header.height ?? 0 }
        try await self.evm.reach().check()
        return try await self.evm.finalHeight()
    }

    func newest(of shore: Shore, above height: UInt64) async throws -> UInt64? {
        guard shore == .application else { return try await self.relay.newest(above: height)?.header.height }
        let final = try await self.evm.finalHeight()
        await self.deliveries.settle(through: final)
        return final > height ? final : nil
    }

    func listen(to shore: Shore, after height: UInt64, _ heard: @escaping @Sendable (UInt64) async -> Void) async throws
    {
        // Nodes of chains with an EVM are asked for their height.
        guard shore == .relay else { return }
        try await self.relay.listen(after: height, heard)
    }

    func settled(_ height: UInt64, of shore: Shore) -> UInt64 {
        guard shore == .relay, let lowest = self.deliveries.lowestWatched else { return height }
        return min(height, lowest - 1)
    }

    func carryOut(_ action: PlanAction) async -> [PlanEvent] {
        switch action {
        case .scan(let shore, let after, let through, let limit): return await self.scan(shore, after, through, limit)
        case .check(let place): return [.checked(place, isDone: await self.isDone(place))]
        case .prove(let place): return [.proven(place, await self.prove(place))]
        case .certify(let place): return [.certified(place, await self.certify(place))]
        case .submit(let place): return [.submitted(place, await self.submit(place))]
        case .repeat(let place): return [.repeated(place, await self.sayAgain(place))]
        case .readCounter(let stream): return [.counter(stream, await self.counter(stream))]
        case .seek(let stream, let indices): return [.found(stream, await self.seek(stream, indices))]
        // A broker follows no committees, and its attesters follow each other by hands of operators.
        case .readSuccession(let succession):
            return [.succession(succession, SuccessionReading(newest: 0, known: 0))]
        case .follow(let succession, _), .show(let succession, _): return [.followFailed(succession)]
        case .expire: return [.expired(height: await self.expire())]
        case .forget(let place):
            self.book.forget(place)
            self.evm.forget(place)
            self.deliveries.forget(place)
            return []
        case .abandon(let place, let code):
            self.board.abandon(place, code)
            return []
        }
    }

    // MARK: - Reading

    private func scan(_ shore: Shore, _ after: UInt64, _ through: UInt64, _ limit: Int) async -> [PlanEvent] {
        do {
            let (height, records) = try await self.leaves(shore, after, through, limit)
            let name = self.name(of: .application)
            return [.scanned(shore, through: height, self.noted(records))] + records.compactMap { $0.timing(for: name) }
        } catch {
            self.board.note(.scan, "\(self.name(of: shore)): \(error)")
            // What nobody has any more can only be said again by its chain.
            if case .refused(410, _, _, _)? = error as? UplinkFailure {
                return [.scanned(shore, through: through, [])]
            }
            return [.scanFailed(shore)]
        }
    }

    private func leaves(
        _ shore: Shore,
        _ after: UInt64,
        _ through: UInt64,
        _ limit: Int
    ) async throws -> (through: UInt64, [LeafRecord]) {
        shore == .relay
            ? try await self.relay.leaves(after: after, through: through, limit: limit)
            : try await self.evm.leaves(after: after, through: through, limit: limit)
    }

    /// The parcels of leaves that are for this gateway, remembered.
    private func noted(_ records: [LeafRecord]) -> [Parcel] {
        let (name, hub) = (self.evm.name, self.relay.name)
        let ours = records.compactMap { record in record.parcel(for: name, at: hub).map { (record, $0) } }
        self.book.note(ours)
        return ours.map(\.1)
    }

    /// A leaf with what was made for it; read once more when it was not kept.
    private func work(at place: LeafPlace) async throws -> LeafBook.Work? {
        if let work = self.book.work(at: place) { return work }
        let record =
            place.shore == .relay ? try await self.relay.leaf(at: place) : try await self.evm.leaf(at: place)
        guard let record else { return nil }
        let work = LeafBook.Work(record: record)
        self.book.put(work)
        return work
    }

    private func counter(_ stream: ParcelStream) async -> CounterReading? {
        do {
            if stream.lane.shore == .relay {
                let taken = try await self.evm.reach().newestTaken(of: stream.pair)
                // The broker takes requests in the order of their indices, whatever the service.
                return CounterReading(isOrdered: true, taken: taken)
            }
            guard let bytes = try await self.relay.value(of: RelayKey.pair(stream.pair)) else {
                return CounterReading(isOrdered: nil, taken: 0)
            }
            return try PairReading(bytes).reading(of: stream.lane)
        } catch {
            self.board.note(.count, "\(stream.pair): \(error)")
            return nil
        }
    }

    /// Whether the receiving chain's state says that a leaf needs no carrying.
    private func isDone(_ place: LeafPlace) async -> Bool? {
        do {
            guard let work = try await self.work(at: place) else { return nil }
            switch work.record.leaf {
            case .message(let message):
                let status = try await ExchangeReading.relayStatus(of: try message.id, on: self.relay)
                return message.type.category == .response ? status?.isFinal ?? false : status != nil
            case .notice(let notice): return try await self.deliveries.isDone(notice)
            }
        } catch {
            self.board.note(.check, "\(place): \(error)")
            return nil
        }
    }

    private func seek(_ stream: ParcelStream, _ indices: ClosedRange<UInt64>) async -> [Parcel] {
        let known = self.book.seen(stream, indices)
        if known.contains(where: { $0.message.index == indices.lowerBound }) { return known }
        do {
            let records =
                stream.lane.shore == .relay
                ? try await self.notices(of: stream.pair, indices)
                : try await self.evm.leaves(of: stream.pair, indices)
            return self.noted(records).filter { $0.stream == stream && indices.contains($0.message.index) }
        } catch {
            self.board.note(.seek, "\(stream.pair): \(error)")
            return known
        }
    }

    /// Asks validators for the blocks in which the exchanges occur.
    private func notices(of pair: ServicePair, _ indices: ClosedRange<UInt64>) async throws -> [LeafRecord] {
        var found: [LeafRecord] = []
        for index in indices.prefix(8) {
            let id = try MessageID(pair, index: index)
            let entries = try await self.relay.chain.events(of: EventSubjects.exchange(id), after: nil, on: .access)
            for height in Set(entries.map(\.place.height)).sorted() where height > 0 {
                found += try await self.relay.leaves(after: height - 1, through: height, limit: .max).1
            }
        }
        return found
    }

    // MARK: - Making

    private func prove(_ place: LeafPlace) async -> ProofOutcome {
        do {
            guard var work = try await self.work(at: place) else { return .invented }
            if place.shore == .application {
                return try await self.evm.proof(at: place) == nil ? .invented : .proven
            }
            if work.proof == nil {
                work.proof = try await self.relay.proof(of: work.record)
                self.book.put(work)
            }
            return .proven
        } catch {
            if case .refused(410, _, _, _)? = error as? UplinkFailure { return .pruned }
            self.board.note(.prove, "\(place): \(error)")
            return .failed
        }
    }

    private func certify(_ place: LeafPlace) async -> SignatureOutcome {
        guard var work = self.book.work(at: place) else { return .short }
        // It was complete before: the contract found it too old.
        let isAnew = work.path != nil && place.shore == .application
        work.path = nil
        do {
            let outcome: PathBuilder.Outcome
            if place.shore == .relay {
                outcome = try await self.paths.path(for: &work, on: self.relay.name, isAnew: false)
            } else {
                guard let proof = try await self.evm.proof(at: place) else { return .short }
                outcome = try await self.hops.path(for: &work, by: proof, isAnew: isAnew)
            }
            switch outcome {
            case .outdated: return .outdated
            case .short(let who): return self.short(work, who)
            case .complete(let path):
                work.path = path
                self.book.put(work)
                guard place.shore == .relay else { return .complete }
                let missing = try await self.deliveries.prepare(work)
                return missing.isEmpty ? .complete : self.short(work, missing)
            }
        } catch { return self.short(work, ["\(error)"]) }
    }

    private func short(_ work: LeafBook.Work, _ who: [String]) -> SignatureOutcome {
        self.book.put(work)
        self.board.note(.certify, "\(work.record.place): \(who.joined(separator: "; "))")
        return .short
    }

    // MARK: - Handing in

    private func submit(_ place: LeafPlace) async -> SubmissionOutcome {
        guard let work = self.book.work(at: place),
            let parcel = work.record.parcel(for: self.evm.name, at: self.relay.name)
        else { return .open }
        let outcome: SubmissionOutcome
        if place.shore == .relay {
            outcome = await self.deliveries.bring(place)
        } else {
            outcome = await self.bringToRelay(work)
        }
        self.board.count(outcome, of: parcel.kind)
        if outcome != .accepted, outcome != .alreadyThere {
            self.board.note(.submit, "\(parcel.message) (\(parcel.kind)): \(outcome)")
        }
        return outcome
    }

    private func bringToRelay(_ work: LeafBook.Work) async -> SubmissionOutcome {
        do {
            guard case .message(let message) = work.record.leaf,
                let proof = try await self.evm.proof(at: work.record.place)
            else { return .stale }
            let bundle = ProofBundle(kind: .ethereum, source: proof.bytes, path: work.path)
            _ = try await self.relay.writer.submit(RelayMessage(message, by: bundle))
            return .accepted
        } catch { return SubmissionCodes.outcome(of: error, on: .relay) }
    }

    /// A broker says everything once; the relay chain repeats what still stands.
    private func sayAgain(_ place: LeafPlace) async -> Bool {
        guard place.shore == .relay, let work = try? await self.work(at: place),
            case .notice(let notice) = work.record.leaf
        else { return false }
        do {
            _ = try await self.relay.writer.submit(RepeatNotice(notice: notice))
            return true
        } catch { return false }
    }

    private func expire() async -> UInt64? {
        do {
            let steps = ExpireExchanges.stepsMax / 8
            return try await self.relay.writer.submit(ExpireExchanges(steps: steps), needless: [.nothingDue])
                .header.height
        } catch {
            self.board.note(.expire, "\(error)")
            return nil
        }
    }
}
