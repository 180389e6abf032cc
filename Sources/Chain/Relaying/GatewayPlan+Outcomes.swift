internal import IBTP

// What became of the actions for single leaves.
extension GatewayPlan {
    /// Takes the answer to an action of a leaf; nil when none was under way.
    private mutating func answered(_ place: LeafPlace) -> (work: StreamWork, index: Int)? {
        guard let key = self.streamOf[place], var work = self.streams[key], let index = work.place(of: place),
            work.items[index].isUnderWay
        else { return nil }
        self.free(work.items[index])
        work.items[index].isUnderWay = false
        work.items[index].isSubmitting = false
        return (work, index)
    }

    private func pause(_ item: inout WorkItem) {
        item.attempts += 1
        item.notBefore =
            self.now + self.backoff.pause(attempts: item.attempts, height: item.parcel.place.height)
    }

    mutating func noteCheck(_ place: LeafPlace, _ isDone: Bool?, _ actions: inout [PlanAction]) {
        guard let (held, index) = self.answered(place) else { return }
        var work = held
        switch isDone {
        case true:
            self.found += 1
            self.drop(index, of: &work, &actions)
        case false: work.items[index].stage = .wanted
        default: self.pause(&work.items[index])
        }
        self.put(work)
    }

    mutating func noteProof(_ place: LeafPlace, _ outcome: ProofOutcome, _ actions: inout [PlanAction]) {
        guard let (held, index) = self.answered(place) else { return }
        var work = held
        switch outcome {
        case .proven:
            work.items[index].stage = .proven
            work.items[index].attempts = 0
        case .invented: self.drop(index, of: &work, &actions)
        case .pruned: work.items[index].stage = .outdated
        case .failed: self.pause(&work.items[index])
        }
        self.put(work)
    }

    mutating func noteSignatures(_ place: LeafPlace, _ outcome: SignatureOutcome) {
        guard let (held, index) = self.answered(place) else { return }
        var work = held
        switch outcome {
        case .complete:
            work.items[index].stage = .certified
            work.items[index].attempts = 0
        case .short:
            self.pause(&work.items[index])
            // By then another gateway may have had more luck.
            if work.items[index].attempts > 2 { work.items[index].stage = .unchecked }
            work.isCounted = false
        case .outdated: work.items[index].stage = .outdated
        }
        self.put(work)
    }

    /// What is said again comes as a new leaf.
    mutating func noteRepetition(_ place: LeafPlace, _ isDone: Bool, _ actions: inout [PlanAction]) {
        guard let (held, index) = self.answered(place) else { return }
        var work = held
        if isDone {
            self.drop(index, of: &work, &actions)
        } else {
            self.pause(&work.items[index])
            // Perhaps there is nothing left to say.
            work.items[index].stage = .unchecked
            work.isCounted = false
        }
        self.put(work)
    }

    mutating func noteSubmission(_ place: LeafPlace, _ outcome: SubmissionOutcome, _ actions: inout [PlanAction]) {
        guard let (held, index) = self.answered(place) else { return }
        var work = held
        let parcel = work.items[index].parcel
        switch outcome {
        case .accepted, .alreadyThere:
            if outcome == .accepted { self.accepted += 1 } else { self.found += 1 }
            self.drop(index, of: &work, &actions)
            self.advance(&work, past: parcel)
        case .gap:
            work.items[index].waitsForGap = true
            self.pause(&work.items[index])
            if work.stream.lane.isCounted {
                if work.isOrdered == nil { work.isOrdered = true }
                work.window = 1
                work.isCounted = false
            }
        case .behind(let kind):
            self.pause(&work.items[index])
            self.doubt(ChainSuccession(kind, of: parcel.place.shore))
        case .stale:
            self.pause(&work.items[index])
            work.items[index].stage = .proven
        case .outdated:
            self.pause(&work.items[index])
            work.items[index].stage = .outdated
        case .held:
            self.pause(&work.items[index])
            work.isCounted = false
        case .open:
            self.pause(&work.items[index])
            work.items[index].stage = .unchecked
            work.isCounted = false
        case .refused(let code): self.noteRefusal(code, index, &work, &actions)
        }
        self.put(work)
    }

    private func advance(_ work: inout StreamWork, past parcel: Parcel) {
        guard parcel.kind.lane.isCounted, parcel.message.index < .max else { return }
        if work.isOrdered == true { work.advance(to: parcel.message.index + 1, at: self.now) }
        work.window = min(work.window + 1, self.limits.streamWindowMax)
        for place in work.items.indices where work.items[place].waitsForGap {
            work.items[place].waitsForGap = false
            work.items[place].notBefore = min(work.items[place].notBefore, self.now)
        }
    }

    /// The contract's rules, or what governs them, may change: it is tried a few times more.
    private mutating func noteRefusal(
        _ code: UInt16,
        _ index: Int,
        _ work: inout StreamWork,
        _ actions: inout [PlanAction]
    ) {
        work.items[index].refusals += 1
        work.items[index].stage = .unchecked
        work.items[index].attempts = max(work.items[index].attempts, 4)
        self.pause(&work.items[index])
        work.isCounted = false
        let place = work.items[index].parcel.place
        if work.items[index].refusals == self.limits.refusalsMax {
            self.abandoned += 1
            actions.append(.abandon(place, code: code))
            // Where the order counts nothing behind it can pass: it stays, and is tried now and then.
            if work.isOrdered != true { self.drop(index, of: &work, &actions) }
        }
        self.shed(&work, &actions)
    }
}
