internal import CanonicalBytes
internal import ChainReading
internal import Contracts
internal import IBTP
internal import Ledger
internal import PathProofs
internal import Relaying
internal import Uplink

/// Carries out the plan's actions; nothing that it keeps has to survive.
struct GatewayWorker: Sendable {
    let tools: GatewayTools

    /// Carries out one action.
    ///
    /// - Returns: what the plan is told; nil for actions without an answer.
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
        case .readSuccession(let succession): return [.succession(succession, await self.reading(succession))]
        case .follow(let succession, let epoch): return [await self.follow(succession, epoch)]
        case .show(let succession, let epoch): return [await self.show(succession, epoch)]
        case .expire: return [.expired(height: await self.expire())]
        case .forget(let place):
            self.tools.book.forget(place)
            return []
        case .abandon(let place, let code):
            self.tools.board.abandon(place, code)
            return []
        }
    }

    // MARK: - Reading

    private func scan(_ shore: Shore, _ after: UInt64, _ through: UInt64, _ limit: Int) async -> [PlanEvent] {
        do {
            let (height, records) = try await self.tools.shore(shore).leaves(
                after: after,
                through: through,
                limit: limit
            )
            let (name, hub) = (self.tools.application.name, self.tools.relay.name)
            let ours = records.compactMap { record in record.parcel(for: name, at: hub).map { (record, $0) } }
            for record in records { self.notePeer(of: record, name) }
            self.tools.book.note(ours)
            return [.scanned(shore, through: height, ours.map(\.1))] + records.compactMap { $0.timing(for: name) }
        } catch let failure as UplinkFailure {
            // What nobody has any more can only be said again by its chain.
            if case .refused(410, _, _, _) = failure {
                self.tools.board.note(.scan, "blocks \(after + 1) to \(through) are pruned everywhere")
                return [.scanned(shore, through: through, [])]
            }
            return self.scanFailure(shore, failure)
        } catch { return self.scanFailure(shore, error) }
    }

    private func scanFailure(_ shore: Shore, _ error: any Error) -> [PlanEvent] {
        self.tools.board.note(.scan, "\(self.tools.shore(shore).name): \(error)")
        return [.scanFailed(shore)]
    }

    /// Whose verification nodes the application chain has to know.
    private func notePeer(of record: LeafRecord, _ name: String) {
        guard case .notice(let notice) = record.leaf, notice.chain.utf8.elementsEqual(name.utf8),
            notice.message != nil
        else { return }
        self.tools.successions.notePeer(notice.side == .source ? notice.id.to.chain : notice.id.from.chain)
    }

    /// A leaf with what was made for it; read once more when it was not kept.
    private func work(at place: LeafPlace) async throws -> LeafBook.Work? {
        if let work = self.tools.book.work(at: place) { return work }
        guard let record = try await self.tools.shore(place.shore).leaf(at: place) else { return nil }
        let work = LeafBook.Work(record: record)
        self.tools.book.put(work)
        return work
    }

    private func counter(_ stream: ParcelStream) async -> CounterReading? {
        let key: [UInt8]
        switch stream.lane {
        case .requests, .receipts: key = RelayKey.pair(stream.pair)
        case .deliveries, .answers: key = InterchainKey.received(stream.pair)
        }
        do {
            let receiver = self.tools.shore(stream.lane.shore.opposite)
            guard let bytes = try await receiver.value(of: key) else { return CounterReading(isOrdered: nil, taken: 0) }
            return try PairReading(bytes).reading(of: stream.lane)
        } catch {
            self.tools.board.note(.count, "\(stream.pair): \(error)")
            return nil
        }
    }

    /// Whether the receiving chain's state says that a leaf needs no carrying.
    private func isDone(_ place: LeafPlace) async -> Bool? {
        do {
            guard let work = try await self.work(at: place) else { return nil }
            return try await ExchangeReading(tools: self.tools).isDone(work.record.leaf)
        } catch {
            self.tools.board.note(.check, "\(place): \(error)")
            return nil
        }
    }

    private func seek(_ stream: ParcelStream, _ indices: ClosedRange<UInt64>) async -> [Parcel] {
        let known = self.tools.book.seen(stream, indices)
        if known.contains(where: { $0.message.index == indices.lowerBound }) { return known }
        do { return try await self.search(stream, indices) } catch {
            self.tools.board.note(.seek, "\(stream.pair): \(error)")
            return known
        }
    }

    /// Asks validators for the blocks in which the exchanges occur.
    private func search(_ stream: ParcelStream, _ indices: ClosedRange<UInt64>) async throws -> [Parcel] {
        let shore = self.tools.shore(stream.lane.shore)
        let (name, hub) = (self.tools.application.name, self.tools.relay.name)
        var found: [Parcel] = []
        for index in indices.prefix(8) {
            let id = try MessageID(stream.pair, index: index)
            let entries = try await shore.chain.events(of: EventSubjects.exchange(id), after: nil, on: .access)
            for height in Set(entries.map(\.place.height)).sorted() where height > 0 {
                let records = try await shore.leaves(after: height - 1, through: height, limit: .max).1
                let ours = records.compactMap { record in record.parcel(for: name, at: hub).map { (record, $0) } }
                    .filter { $0.1.stream == stream && indices.contains($0.1.message.index) }
                self.tools.book.note(ours)
                for parcel in ours.map(\.1) where !found.contains(parcel) { found.append(parcel) }
            }
        }
        return found
    }

    // MARK: - Making

    private func prove(_ place: LeafPlace) async -> ProofOutcome {
        do {
            guard var work = try await self.work(at: place) else { return .invented }
            if work.proof == nil {
                work.proof = try await self.tools.shore(place.shore).proof(of: work.record)
                self.tools.book.put(work)
            }
            return .proven
        } catch {
            if case .refused(410, _, _, _)? = error as? UplinkFailure { return .pruned }
            self.tools.board.note(.prove, "\(place): \(error)")
            return .failed
        }
    }

    private func certify(_ place: LeafPlace) async -> SignatureOutcome {
        guard var work = self.tools.book.work(at: place), work.proof != nil else { return .short }
        // It was complete before: the contract found it too old.
        let isAnew = work.path != nil
        work.path = nil
        let outcome: PathBuilder.Outcome
        do {
            outcome = try await self.tools.paths.path(
                for: &work,
                on: self.tools.shore(place.shore).name,
                isAnew: isAnew
            )
        } catch { outcome = .short(["\(error)"]) }
        switch outcome {
        case .complete(let path):
            work.path = path
            self.tools.book.put(work)
            return .complete
        case .short(let who):
            self.tools.book.put(work)
            self.tools.board.note(.certify, "\(place): \(who.joined(separator: "; "))")
            return .short
        case .outdated: return .outdated
        }
    }

    // MARK: - Handing in

    private func submit(_ place: LeafPlace) async -> SubmissionOutcome {
        guard let work = self.tools.book.work(at: place),
            let parcel = work.record.parcel(for: self.tools.application.name, at: self.tools.relay.name)
        else { return .open }
        let outcome = await self.tools.hands.bring(work, as: parcel.kind)
        self.tools.board.count(outcome, of: parcel.kind)
        if outcome != .accepted, outcome != .alreadyThere {
            self.tools.board.note(.submit, "\(parcel.message) (\(parcel.kind)): \(outcome)")
        }
        return outcome
    }

    private func sayAgain(_ place: LeafPlace) async -> Bool {
        guard let work = try? await self.work(at: place) else { return false }
        return await self.tools.hands.sayAgain(work.record)
    }

    private func expire() async -> UInt64? {
        do { return try await self.tools.hands.expire() } catch {
            self.tools.board.note(.expire, "\(error)")
            return nil
        }
    }

    // MARK: - Following

    private func reading(_ succession: ChainSuccession) async -> SuccessionReading? {
        do {
            let reading = try await self.tools.successions.reading(succession)
            self.tools.board.note(succession, reading)
            return reading
        } catch {
            self.tools.board.note(.follow, "\(error)")
            return nil
        }
    }

    private func follow(_ succession: ChainSuccession, _ epoch: UInt64) async -> PlanEvent {
        do {
            try await self.tools.successions.follow(succession, to: epoch)
            return .followed(succession, epoch: epoch)
        } catch {
            self.tools.board.note(.follow, "\(error)")
            return .followFailed(succession)
        }
    }

    private func show(_ succession: ChainSuccession, _ epoch: UInt64) async -> PlanEvent {
        do {
            try await self.tools.successions.showHeader(of: succession.shore)
            return .followed(succession, epoch: epoch)
        } catch {
            self.tools.board.note(.follow, "\(error)")
            return .followFailed(succession)
        }
    }
}
