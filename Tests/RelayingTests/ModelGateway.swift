import IBTP

@testable import Relaying

/// A gateway in a world: a real plan, and hands that the world troubles.
final class ModelGateway {
    let number: Int
    let chain: String
    private(set) var plan: GatewayPlan
    private unowned let world: World
    private let sharesLease: Bool
    /// Grows with every start: what an earlier life asked for is answered to nobody.
    private var life = 0
    private var underWay = 0
    private var certified: [LeafPlace: UInt64] = [:]
    private var heldBefore: [UInt64] = [0, 0]
    var limits = PlanLimits()
    /// Called with each action; true kills the gateway before it is carried out.
    var killsBefore: ((PlanAction) -> Bool)?
    /// True kills it after that, and before it is told.
    var killsAfter: ((PlanAction) -> Bool)?
    private(set) var abandoned: [LeafPlace] = []
    private(set) var heldMost = 0
    /// When each leaf was handed in by this gateway with success.
    private(set) var acceptedAt: [LeafPlace: UInt64] = [:]

    init(_ world: World, chain: String, number: Int, shares: Bool) {
        self.world = world
        self.chain = chain
        self.number = number
        self.sharesLease = shares
        self.plan = GatewayPlan(limits: self.limits, salt: UInt64(number))
        world.at(1) { self.start(cursors: [0, 0]) }
    }

    var isIdle: Bool { self.underWay == 0 && self.plan.isQuiet && self.isUpToDate }

    private var isUpToDate: Bool {
        Shore.allCases.allSatisfy { self.plan.scans[$0.place].height == self.model($0).height }
    }

    private func model(_ shore: Shore) -> ModelChain {
        shore == .relay ? self.world.relay : self.world.application(self.chain)
    }

    func kill() {
        let settled = Shore.allCases.map { self.plan.settledHeight(of: $0) }
        self.start(cursors: self.world.troubles.forgetsHeight ? [0, 0] : settled)
    }

    private func start(cursors: [UInt64]) {
        self.life += 1
        self.underWay = 0
        self.certified = [:]
        self.plan = GatewayPlan(limits: self.limits, salt: UInt64(self.number * 1_000 + self.life))
        self.step(.tick(self.world.now))
        for shore in Shore.allCases {
            let height = self.model(shore).height
            self.step(.started(shore, cursor: min(cursors[shore.place], height), height: height))
        }
    }

    func tick() {
        guard self.life > 0 else { return }
        self.step(.tick(self.world.now))
        for id in self.world.relay.ended.suffix(8) { self.step(.ended(id)) }
        for shore in Shore.allCases { self.step(.height(shore, self.model(shore).height)) }
        guard self.sharesLease, self.world.now % 5 == 0 else { return }
        let lease = self.world.leases[self.chain]
        if lease == nil || lease?.until ?? 0 < self.world.now || lease?.holder == self.number {
            self.world.leases[self.chain] = (self.number, self.world.now + 30)
        }
        self.step(.lease(self.world.leases[self.chain]?.holder == self.number ? .mine : .another))
    }

    private func step(_ event: PlanEvent) {
        let actions = self.plan.step(event)
        self.heldMost = max(self.heldMost, self.plan.held)
        let life = self.life
        for action in actions {
            guard life == self.life else { return }
            self.begin(action)
        }
    }

    private func begin(_ action: PlanAction) {
        if self.killsBefore?(action) == true { return self.kill() }
        switch action {
        case .forget(let place): self.certified[place] = nil
        case .abandon(let place, _): self.abandoned.append(place)
        default:
            let life = self.life
            self.underWay += 1
            self.world.at(1 + self.world.chance.below(self.world.troubles.latency)) { self.carryOut(action, life) }
        }
    }

    private func carryOut(_ action: PlanAction, _ life: Int) {
        // What was sent before a kill arrives nevertheless.
        let answer = self.effect(of: action)
        guard life == self.life else { return }
        if self.killsAfter?(action) == true { return self.kill() }
        self.underWay -= 1
        self.step(answer)
    }

    private var isLost: Bool { self.world.chance.happens(self.world.troubles.lost) }
    private var isFailing: Bool { self.world.chance.happens(self.world.troubles.failures) }

    // MARK: - What actions do

    private func effect(of action: PlanAction) -> PlanEvent {
        switch action {
        case .scan(let shore, let after, let through, let limit): return self.scan(shore, after, through, limit)
        case .check(let place): return .checked(place, isDone: self.isFailing ? nil : self.isDone(place))
        case .prove(let place): return .proven(place, self.isFailing ? .failed : self.prove(place))
        case .certify(let place):
            if self.isFailing { return .certified(place, .short) }
            self.certified[place] = self.world.now
            return .certified(place, .complete)
        case .submit(let place): return .submitted(place, self.submit(place))
        case .repeat(let place): return .repeated(place, self.isFailing ? false : self.say(place))
        case .readCounter(let stream): return .counter(stream, self.isFailing ? nil : self.counter(stream))
        case .seek(let stream, let range): return .found(stream, self.isFailing ? [] : self.seek(stream, range))
        case .readSuccession(let succession):
            return .succession(succession, self.isFailing ? nil : self.reading(succession))
        case .follow(let succession, let epoch), .show(let succession, let epoch):
            guard !self.isFailing else { return .followFailed(succession) }
            self.follow(succession, epoch)
            return self.isLost ? .followFailed(succession) : .followed(succession, epoch: epoch)
        case .expire:
            self.world.relay.growNow()
            self.world.relay.expire()
            return .expired(height: self.isLost ? nil : self.world.relay.height)
        case .forget, .abandon: return .tick(self.world.now)
        }
    }

    private func leaf(_ place: LeafPlace) -> ModelLeaf? {
        self.model(place.shore).leaf(
            at: LeafPlaceKey(height: place.height, tree: place.tree, index: place.index)
        )
    }

    private func scan(_ shore: Shore, _ after: UInt64, _ through: UInt64, _ limit: Int) -> PlanEvent {
        guard !self.isFailing else { return .scanFailed(shore) }
        let model = self.model(shore)
        var parcels: [Parcel] = []
        var last = after
        for height in model.heights where height > after && height <= through {
            let found = (model.leaves[height] ?? []).compactMap { self.parcel($0, shore) }
            if !parcels.isEmpty, parcels.count + found.count > limit {
                return .scanned(shore, through: last, parcels)
            }
            parcels += found
            last = height
        }
        return .scanned(shore, through: through, parcels)
    }

    /// What a leaf is for this gateway; nil for another chain's.
    private func parcel(_ leaf: ModelLeaf, _ shore: Shore) -> Parcel? {
        let place = LeafPlace(shore: shore, height: leaf.height, tree: leaf.tree, index: leaf.index)
        switch leaf.content {
        case .message(let message):
            guard let id = try? message.id else { return nil }
            let kind: ParcelKind = message.type == .interchain ? .request : .receipt
            return Parcel(place: place, kind: kind, message: id, epoch: leaf.epoch)
        case .notice(let notice, let message):
            guard notice.chain == "h:\(self.chain)" else { return nil }
            let kind: ParcelKind =
                notice.side == .source ? .answer : (notice.status == .begin ? .delivery : .undoing)
            let blocks = kind == .delivery ? UInt64(message?.timeoutHeight ?? 0) : 0
            let deadline = blocks > 0 ? leaf.height + blocks : nil
            return Parcel(place: place, kind: kind, message: notice.message, epoch: leaf.epoch, deadline: deadline)
        }
    }

    private func isDone(_ place: LeafPlace) -> Bool? {
        switch self.leaf(place)?.content {
        case .message(let message):
            guard let id = try? message.id else { return nil }
            guard let status = try? self.world.relay.book.status(of: id) else { return false }
            return message.type == .interchain ? true : status.isFinal
        case .notice(let notice, _): return self.world.application(self.chain).hasTaken(notice)
        case nil: return nil
        }
    }

    private func prove(_ place: LeafPlace) -> ProofOutcome {
        guard self.leaf(place) != nil else { return .invented }
        if let blocks = self.world.troubles.prunedAfter, place.height + blocks < self.model(place.shore).height {
            return .pruned
        }
        return .proven
    }

    /// Says a leaf again if it still stands.
    private func say(_ place: LeafPlace) -> Bool {
        guard let leaf = self.leaf(place), self.isDone(place) == false else { return false }
        self.model(place.shore).growNow()
        self.model(place.shore).tell(leaf.content)
        return true
    }

    private func submit(_ place: LeafPlace) -> SubmissionOutcome {
        guard let leaf = self.leaf(place), self.certified[place] != nil else { return .refused(901) }
        let isLost = self.isLost
        if isLost, self.world.chance.happens(50) { return .open }
        let receiver = self.model(place.shore.opposite)
        let source = place.shore == .relay ? "h" : self.chain
        if receiver.isFrozen { return .held }
        guard leaf.epoch <= receiver.known[source] ?? 0 else { return .behind(.committee) }
        let outcome = self.hand(leaf)
        if self.world.chance.happens(self.world.troubles.doubled) { _ = self.hand(leaf) }
        if outcome == .accepted { self.acceptedAt[place] = self.world.now }
        return isLost ? .open : outcome
    }

    private func hand(_ leaf: ModelLeaf) -> SubmissionOutcome {
        let refusal: InterchainRefusal?
        switch leaf.content {
        case .message(let message):
            self.world.relay.growNow()
            refusal = self.world.relay.deliver(message)
        case .notice(let notice, _):
            self.world.application(self.chain).growNow()
            refusal = self.world.application(self.chain).take(notice)
        }
        switch refusal {
        case nil: return .accepted
        case .indexExists: return .alreadyThere
        case .indexGap: return .gap
        // An answer whose exchange stands elsewhere: the source hears of that by another leaf.
        case .unexpectedReceipt: return .refused(947)
        default: return .refused(940)
        }
    }

    private func counter(_ stream: ParcelStream) -> CounterReading? {
        let pair = stream.pair
        switch stream.lane {
        case .requests, .receipts:
            let found = (try? self.world.relay.book.counters(of: pair)) ?? nil
            let taken = stream.lane == .requests ? found?.requests : found?.settled
            return CounterReading(isOrdered: found?.isOrdered, taken: taken ?? 0)
        case .deliveries, .answers:
            let found = (try? self.world.application(self.chain).broker.received(pair)) ?? nil
            return CounterReading(isOrdered: found?.isOrdered, taken: found?.requests ?? 0)
        }
    }

    private func seek(_ stream: ParcelStream, _ range: ClosedRange<UInt64>) -> [Parcel] {
        let model = self.model(stream.lane.shore)
        return model.heights.flatMap { model.leaves[$0] ?? [] }
            .compactMap { self.parcel($0, stream.lane.shore) }
            .filter { $0.stream == stream && range.contains($0.message.index) }
    }

    private func reading(_ succession: ChainSuccession) -> SuccessionReading {
        guard succession.kind == .committee else { return SuccessionReading(newest: 0, known: 0) }
        let known = self.model(succession.shore.opposite).known[self.model(succession.shore).name] ?? 0
        return SuccessionReading(newest: self.model(succession.shore).epoch, known: known)
    }

    private func follow(_ succession: ChainSuccession, _ epoch: UInt64) {
        guard succession.kind == .committee else { return }
        let name = self.model(succession.shore).name
        let receiver = self.model(succession.shore.opposite)
        guard epoch == (receiver.known[name] ?? 0) + 1 else { return }
        receiver.known[name] = epoch
    }
}
