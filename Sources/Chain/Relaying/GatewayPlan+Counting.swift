internal import IBTP

// What the receiving chains' counters say, and the gaps that they show.
extension GatewayPlan {
    mutating func noteCounter(_ key: ParcelStream, _ reading: CounterReading?, _ actions: inout [PlanAction]) {
        guard var work = self.streams[key], work.isReadingCounter else { return }
        work.isReadingCounter = false
        self.underWay -= 1
        if let reading {
            work.isCounted = true
            work.attempts = 0
            if let isOrdered = reading.isOrdered { work.isOrdered = isOrdered }
            if work.isOrdered == true {
                self.drop(from: &work, taken: reading.taken, &actions)
                work.advance(to: reading.taken == .max ? .max : reading.taken + 1, at: self.now)
            } else if let leftOut = work.leftOut {
                // No counter tells what is missing: the blocks are read once more.
                let height = self.scans[key.lane.shore.place].height
                let stretch = ScanBook.Stretch(after: leftOut.height - 1, through: height)
                self.scans[key.lane.shore.place].add(stretch, rangesMax: self.limits.rangesMax)
                work.leftOut = nil
            }
        } else {
            work.attempts += 1
            work.notBefore = self.now + self.backoff.pause(attempts: work.attempts, height: 1)
        }
        self.put(work)
    }

    /// What was taken needs nothing more; what is above was not taken.
    private mutating func drop(from work: inout StreamWork, taken: UInt64, _ actions: inout [PlanAction]) {
        var index = 0
        while index < work.items.count {
            let item = work.items[index]
            let isTaken = item.parcel.message.index <= taken
            if isTaken, item.parcel.kind != .undoing, !item.isUnderWay {
                self.found += 1
                self.drop(index, of: &work, &actions)
                continue
            }
            if !isTaken, item.stage == .unchecked, !item.isUnderWay { work.items[index].stage = .wanted }
            index += 1
        }
    }

    mutating func noteFound(_ key: ParcelStream, _ parcels: [Parcel], _ actions: inout [PlanAction]) {
        guard var work = self.streams[key], work.isSeeking else { return }
        work.isSeeking = false
        self.underWay -= 1
        var isFound = false
        for parcel in parcels where parcel.stream == key && self.streamOf[parcel.place] == nil {
            guard let expected = work.expected, parcel.message.index >= expected else { continue }
            isFound = isFound || parcel.message.index == expected
            guard work.insert(WorkItem(parcel, isFresh: false, stage: .wanted, seen: self.now)) else { continue }
            self.streamOf[parcel.place] = key
            self.held += 1
            self.backlogHeld += 1
        }
        if isFound {
            work.attempts = 0
        } else {
            work.attempts += 1
            work.notBefore = self.now + self.backoff.pause(attempts: work.attempts, height: 2)
            work.isCounted = false
            self.shed(&work, &actions)
        }
        self.put(work)
    }
}
