internal import IBTP

// Which leaves are held.
extension GatewayPlan {
    mutating func grow(_ shore: Shore, to height: UInt64) {
        self.scans[shore.place].grow(to: height)
        if shore == .relay { self.expiry.noteHeight(height, at: self.now) }
    }

    /// Takes the leaves of a slice.
    mutating func keep(
        _ shore: Shore,
        _ through: UInt64,
        _ parcels: [Parcel],
        _ actions: inout [PlanAction]
    ) {
        let reading = self.scans[shore.place].reading
        guard let isFresh = self.scans[shore.place].finish(through: through), let reading else { return }
        self.scans[shore.place].attempts = through > reading.after ? 0 : self.scans[shore.place].attempts + 1
        if through <= reading.after { self.pauseScan(shore) }
        for parcel in parcels where parcel.place.shore == shore && parcel.kind.shore == shore {
            let isInSlice = parcel.place.height > reading.after && parcel.place.height <= reading.through
            guard isInSlice else { continue }
            self.watch(parcel)
            self.hold(parcel, isFresh: isFresh, stage: isFresh ? .wanted : .unchecked, &actions)
        }
    }

    mutating func failScan(_ shore: Shore) {
        guard let reading = self.scans[shore.place].reading else { return }
        _ = self.scans[shore.place].finish(through: reading.after)
        self.scans[shore.place].attempts += 1
        self.pauseScan(shore)
    }

    private mutating func pauseScan(_ shore: Shore) {
        let attempts = max(1, self.scans[shore.place].attempts)
        self.scans[shore.place].notBefore = self.now + self.backoff.pause(attempts: attempts, height: 0)
    }

    /// What a leaf of the relay chain says of deadlines.
    private mutating func watch(_ parcel: Parcel) {
        switch parcel.kind {
        case .delivery:
            let height = parcel.place.height
            self.expiry.watch(parcel.message, from: height, until: parcel.deadline, atMost: self.limits.deadlinesMax)
        case .undoing, .answer: self.expiry.end(parcel.message)
        case .request, .receipt: break
        }
    }

    /// Keeps a leaf until the other chain has it.
    mutating func hold(
        _ parcel: Parcel,
        isFresh: Bool,
        stage: WorkItem.Stage,
        _ actions: inout [PlanAction]
    ) {
        guard self.streamOf[parcel.place] == nil else { return }
        let key = parcel.stream
        var work = self.streams[key] ?? StreamWork(key)
        if work.isOrdered == true, work.items.count >= self.limits.streamHeldMax {
            // The receiving chain's counter says when it is missing.
            work.leaveOut(parcel)
            actions.append(.forget(parcel.place))
        } else if work.insert(WorkItem(parcel, isFresh: isFresh, stage: stage, seen: self.now)) {
            self.streamOf[parcel.place] = key
            self.held += 1
            if !isFresh { self.backlogHeld += 1 }
            // Only what begins something: the rest may be what the backlog itself brings about.
            if isFresh, parcel.kind == .request { self.freshUntil = self.now + self.limits.freshWindow }
        }
        self.put(work)
    }

    /// Stores a stream, or drops it when nothing is left of it.
    mutating func put(_ work: StreamWork) {
        let key = work.stream
        let isOver = work.items.isEmpty && work.leftOut == nil && !work.isReadingCounter && !work.isSeeking
        if isOver {
            guard self.streams.removeValue(forKey: key) != nil, let place = self.place(of: key) else { return }
            self.order.remove(at: place)
            if place < self.turn { self.turn -= 1 }
        } else if self.streams.updateValue(work, forKey: key) == nil {
            let place = self.order.firstIndex { key < $0 } ?? self.order.count
            self.order.insert(key, at: place)
            if place < self.turn { self.turn += 1 }
        }
    }

    private func place(of key: ParcelStream) -> Int? {
        var (low, high) = (0, self.order.count)
        while low < high {
            let middle = (low + high) / 2
            if self.order[middle] < key { low = middle + 1 } else { high = middle }
        }
        return low < self.order.count && self.order[low] == key ? low : nil
    }

    /// Lets go of a leaf.
    mutating func drop(_ index: Int, of work: inout StreamWork, _ actions: inout [PlanAction]) {
        let item = work.items.remove(at: index)
        self.streamOf[item.parcel.place] = nil
        self.held -= 1
        if !item.isFresh { self.backlogHeld -= 1 }
        if item.isUnderWay { self.free(item) }
        actions.append(.forget(item.parcel.place))
    }

    /// Keeps only the first leaf of a stream that cannot go on; the counter says later what is missing.
    mutating func shed(_ work: inout StreamWork, _ actions: inout [PlanAction]) {
        guard work.isOrdered == true, let expected = work.expected else { return }
        var index = work.items.count - 1
        while index >= 1 {
            let item = work.items[index]
            if !item.isUnderWay, item.parcel.message.index > expected {
                work.leaveOut(item.parcel)
                self.drop(index, of: &work, &actions)
            }
            index -= 1
        }
    }

    /// An action of a leaf is over.
    mutating func free(_ item: WorkItem) {
        self.underWay -= 1
        if !item.isFresh { self.backlogUnderWay -= 1 }
    }
}
