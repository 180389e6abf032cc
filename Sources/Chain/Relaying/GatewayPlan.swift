/// What a gateway does next: all that it has seen, and what follows from it.
///
/// A plan does nothing itself. Its owner tells it what happens, carries out the actions, and answers each one with its
/// event. Nothing of a plan has to survive: the chains hold all that counts, and a new plan that starts from an older
/// height, or from 0, ends at the same state. Any number of plans may work for one pair of chains, because a chain takes
/// each index once.
///
/// What came since the start goes first. What was there before is read in slices, as many as a bounded part of the plan
/// has room for, and slowly while fresh requests come.
package struct GatewayPlan: Sendable {
    /// How much is held, for people.
    package struct Load: Hashable, Sendable {
        package var held = 0
        package var fresh = 0
        package var underWay = 0
        package var streams = 0
        /// Leaves that a contract refused.
        package var refused = 0
        /// Leaves that were given up since the start.
        package var abandoned: UInt64 = 0
        /// Leaves that the receiving chain took from this gateway, since the start.
        package var accepted: UInt64 = 0
        /// Leaves that somebody else had brought.
        package var found: UInt64 = 0
        /// Blocks that have still to be looked at, of the application chain and of the relay chain.
        package var blocksBehind: [UInt64] = [0, 0]

        package init() {}
    }

    let limits: PlanLimits
    let backoff: Backoff
    var now: UInt64 = 0
    package internal(set) var lease = Lease.none
    var scans = [ScanBook(), ScanBook()]
    var streams: [ParcelStream: StreamWork] = [:]
    /// The streams' keys, ascending; iterated in the place of the dictionary.
    var order: [ParcelStream] = []
    /// Which stream a leaf belongs to.
    var streamOf: [LeafPlace: ParcelStream] = [:]
    /// The stream that comes first in the next round.
    var turn = 0
    var held = 0
    var backlogHeld = 0
    var underWay = 0
    var backlogUnderWay = 0
    /// Until this tick fresh requests are expected.
    var freshUntil: UInt64?
    /// While they are, what is not fresh is not handed in before this tick.
    var backlogSubmitsAt: UInt64 = 0
    var successions: [SuccessionWork]
    var expiry = ExpiryWork()
    var abandoned: UInt64 = 0
    var accepted: UInt64 = 0
    var found: UInt64 = 0

    /// - Parameters:
    ///   - limits: of room and work.
    ///   - salt: tells this gateway's pauses from another's.
    package init(limits: PlanLimits = PlanLimits(), salt: UInt64 = 0) {
        self.limits = limits
        self.backoff = Backoff(salt: salt, most: limits.pauseMax)
        self.successions = ChainSuccession.all.map { SuccessionWork($0) }
    }

    /// Takes one event.
    ///
    /// - Returns: what is to be done, in this order.
    package mutating func step(_ event: PlanEvent) -> [PlanAction] {
        var actions: [PlanAction] = []
        self.take(event, &actions)
        self.schedule(&actions)
        return actions
    }

    /// Whether nothing is left to carry or to look at, as far as the plan knows.
    package var isQuiet: Bool {
        self.held == 0 && self.scans.allSatisfy { $0.isQuiet } && self.order.isEmpty
            && self.successions.allSatisfy { $0.isSettled }
    }

    /// All leaves of a chain up to this height are with the other one, or were given up: where a new plan may start.
    package func settledHeight(of shore: Shore) -> UInt64 {
        var height = self.scans[shore.place].readThrough
        for key in self.order where key.lane.shore == shore {
            guard let work = self.streams[key] else { continue }
            for item in work.items { height = min(height, item.parcel.place.height - 1) }
            if let leftOut = work.leftOut { height = min(height, leftOut.height - 1) }
        }
        // What began in these blocks has to be known after a restart, or nobody would keep its time.
        if shore == .relay, let begun = self.expiry.earliest { height = min(height, begun - 1) }
        return height
    }

    /// The last tick.
    package var clock: UInt64 { self.now }

    package var load: Load {
        var load = Load()
        load.held = self.held
        load.fresh = self.held - self.backlogHeld
        load.underWay = self.underWay
        load.streams = self.order.count
        load.abandoned = self.abandoned
        load.accepted = self.accepted
        load.found = self.found
        for key in self.order { load.refused += self.streams[key]?.items.count { $0.refusals > 0 } ?? 0 }
        for shore in Shore.allCases {
            let scan = self.scans[shore.place]
            load.blocksBehind[shore.place] = scan.height - scan.readThrough
        }
        return load
    }

    /// Whether a leaf is held.
    package func holds(_ place: LeafPlace) -> Bool { self.streamOf[place] != nil }

    private mutating func take(_ event: PlanEvent, _ actions: inout [PlanAction]) {
        switch event {
        case .started(let shore, let cursor, let height): self.scans[shore.place].start(cursor: cursor, height: height)
        case .height(let shore, let height): self.grow(shore, to: height)
        case .scanned(let shore, let through, let parcels): self.keep(shore, through, parcels, &actions)
        case .scanFailed(let shore): self.failScan(shore)
        case .checked(let place, let isDone): self.noteCheck(place, isDone, &actions)
        case .proven(let place, let outcome): self.noteProof(place, outcome, &actions)
        case .certified(let place, let outcome): self.noteSignatures(place, outcome)
        case .repeated(let place, let isDone): self.noteRepetition(place, isDone, &actions)
        case .submitted(let place, let outcome): self.noteSubmission(place, outcome, &actions)
        case .counter(let stream, let reading): self.noteCounter(stream, reading, &actions)
        case .found(let stream, let parcels): self.noteFound(stream, parcels, &actions)
        case .succession(let succession, let reading): self.noteSuccession(succession, reading)
        case .followed(let succession, let epoch): self.noteFollowed(succession, epoch)
        case .followFailed(let succession): self.failFollow(succession)
        case .expired(let height): self.noteExpiry(height)
        case .begun(let message, let height, let deadline):
            self.expiry.watch(message, from: height, until: deadline, atMost: self.limits.deadlinesMax)
        case .ended(let message): self.expiry.end(message)
        case .lease(let lease): self.lease = lease
        case .tick(let tick): self.now = max(self.now, tick)
        }
    }
}

extension Shore {
    var place: Int { self == .application ? 0 : 1 }
}
