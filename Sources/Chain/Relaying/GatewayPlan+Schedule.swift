internal import IBTP

// What is done next.
extension GatewayPlan {
    mutating func schedule(_ actions: inout [PlanAction]) {
        self.scheduleChores(&actions)
        self.scheduleScans(&actions)
        self.scheduleItems(fresh: true, &actions)
        self.scheduleItems(fresh: false, &actions)
        if !self.order.isEmpty { self.turn = (self.turn + 1) % self.order.count } else { self.turn = 0 }
    }

    private mutating func scheduleScans(_ actions: inout [PlanAction]) {
        for shore in Shore.allCases {
            let place = shore.place
            guard self.scans[place].reading == nil, self.now >= self.scans[place].notBefore else { continue }
            if self.held >= self.limits.heldMax { self.scans[place].demote(rangesMax: self.limits.rangesMax) }
            let hasRoom =
                self.held < self.limits.heldMax
                && self.backlogHeld + self.limits.scanLeavesMax <= self.backlogWantedMax
            guard let slice = self.scans[place].take(blocks: self.limits.scanBlocksMax, hasRoom: hasRoom) else {
                continue
            }
            actions.append(
                .scan(shore, after: slice.after, through: slice.through, limit: self.limits.scanLeavesMax)
            )
        }
    }

    /// Beside fresh requests no more of a backlog is read than will be carried soon: reading takes a chain's time as well.
    private var backlogWantedMax: Int {
        self.isBesideFresh
            ? min(2 * self.limits.scanLeavesMax, self.limits.backlogHeldMax) : self.limits.backlogHeldMax
    }

    private mutating func scheduleItems(fresh isFresh: Bool, _ actions: inout [PlanAction]) {
        let keys = self.order
        for offset in keys.indices {
            guard self.hasCapacity(fresh: isFresh) else { return }
            let key = keys[(self.turn + offset) % keys.count]
            guard var work = self.streams[key] else { continue }
            self.schedule(&work, fresh: isFresh, &actions)
            self.put(work)
        }
    }

    private func hasCapacity(fresh isFresh: Bool) -> Bool {
        guard self.underWay < self.limits.underWayMax else { return false }
        return isFresh || self.backlogUnderWay < self.backlogUnderWayMax
    }

    private var isBesideFresh: Bool { self.freshUntil.map { self.now < $0 } ?? false }

    private var backlogUnderWayMax: Int {
        self.isBesideFresh ? self.limits.backlogBesideFreshMax : self.limits.backlogUnderWayMax
    }

    private mutating func schedule(_ work: inout StreamWork, fresh isFresh: Bool, _ actions: inout [PlanAction]) {
        if !isFresh { self.closeGap(&work, &actions) }
        // Where nobody keeps the order, what is fresh waits for nothing that was there before: it stands behind all of it.
        let keepsOrder = work.keepsOrder
        var submitting = isFresh && !keepsOrder ? work.submittingFresh : work.submitting
        var looked = 0
        for index in work.items.indices {
            guard self.hasCapacity(fresh: isFresh), looked < self.limits.streamAheadMax else { return }
            let item = work.items[index]
            if keepsOrder || item.isFresh == isFresh { looked += 1 }
            guard item.isFresh == isFresh, self.isEligible(item) else { continue }
            guard let action = self.action(for: item, &work, submitting, &actions) else { continue }
            if case .submit = action {
                submitting += 1
                work.items[index].isSubmitting = true
            }
            work.items[index].isUnderWay = true
            self.underWay += 1
            if !isFresh { self.backlogUnderWay += 1 }
            actions.append(action)
        }
    }

    private func isEligible(_ item: WorkItem) -> Bool {
        guard !item.isUnderWay, self.now >= item.notBefore, self.isOurTurn(item) else { return false }
        return self.isFollowed(item.parcel)
    }

    /// The assigned gateway goes first; the others step in after the window.
    private func isOurTurn(_ item: WorkItem) -> Bool {
        let isOurs = item.parcel.isAssigned ?? (self.lease != .another)
        return isOurs || self.now >= item.seen + self.limits.backupWindow
    }

    private func isStepIn(_ item: WorkItem) -> Bool { !(item.parcel.isAssigned ?? (self.lease != .another)) }

    private mutating func action(
        for item: WorkItem,
        _ work: inout StreamWork,
        _ submitting: Int,
        _ actions: inout [PlanAction]
    ) -> PlanAction? {
        let place = item.parcel.place
        switch item.stage {
        case .unchecked: return self.check(item, &work, &actions)
        case .wanted:
            // Whoever steps in looks first whether there is something left to do.
            if self.isStepIn(item), item.attempts == 0, !work.isCounted {
                return self.check(item, &work, &actions)
            }
            return .prove(place)
        case .proven: return .certify(place)
        case .certified:
            guard work.isDue(item, submitting, most: self.limits.unorderedWindowMax), self.takesTurn(item) else {
                return nil
            }
            return .submit(place)
        case .outdated: return .repeat(place)
        }
    }

    /// Whether a leaf may be handed in now, beside fresh requests; if so, its turn is taken.
    private mutating func takesTurn(_ item: WorkItem) -> Bool {
        guard !item.isFresh, self.isBesideFresh else { return true }
        guard self.now >= self.backlogSubmitsAt else { return false }
        self.backlogSubmitsAt = self.now + self.limits.backlogBesideFreshEvery
        return true
    }

    /// One counter tells about many leaves, where the receiving chain keeps the order.
    private mutating func check(
        _ item: WorkItem,
        _ work: inout StreamWork,
        _ actions: inout [PlanAction]
    ) -> PlanAction? {
        guard work.stream.lane.isCounted else { return .check(item.parcel.place) }
        guard work.isCounted else {
            self.readCounter(&work, &actions)
            return nil
        }
        return .check(item.parcel.place)
    }

    private mutating func readCounter(_ work: inout StreamWork, _ actions: inout [PlanAction]) {
        guard !work.isReadingCounter, self.now >= work.notBefore else { return }
        work.isReadingCounter = true
        self.underWay += 1
        actions.append(.readCounter(work.stream))
    }

    /// Finds what is missing before the first leaf, once the counter says that it is.
    private mutating func closeGap(_ work: inout StreamWork, _ actions: inout [PlanAction]) {
        // More waits than goes out in the dark: perhaps the receiving chain minds no order.
        if work.isOrdered == nil, !work.isCounted, work.stream.lane.isCounted, work.items.count > work.window {
            self.readCounter(&work, &actions)
            return
        }
        guard work.isOrdered == true, work.stream.lane.isCounted, !work.isSeeking, !work.isReadingCounter,
            self.now >= work.notBefore
        else { return }
        let isWaiting = work.leftOut != nil || work.items.contains { $0.waitsForGap }
        guard work.isCounted else {
            if isWaiting { self.readCounter(&work, &actions) }
            return
        }
        guard let gap = work.gap(most: self.limits.seekMax) else { return }
        work.isSeeking = true
        self.underWay += 1
        actions.append(.seek(work.stream, gap))
    }
}
