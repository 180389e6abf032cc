/// What all movements of one patient, whatever the order in which they came, say about where she was and is.
///
/// A fold over the movements in the order of their times: the same set of messages gives the same stays. Before a merge the two
/// numbers are two people; from the merge on they are one, under the surviving name.
struct PatientTrail: Sendable {
    /// A patient's time in one bed; half-open, ms since 1970.
    struct Stay: Sendable, Hashable {
        /// What she was called by then.
        let patient: String
        let bed: String
        let from: Int64
        /// nil while it lasts.
        let to: Int64?
    }

    private struct Presence {
        var visit: String
        /// nil while she is in no bed of ours.
        var bed: String?
        var from: Int64
    }

    private(set) var stays: [Stay] = []
    private(set) var contradictions: [Contradiction] = []
    /// Whether she is there at the end, in a bed or not.
    var isPresent: Bool { self.people.values.contains { $0.presence != nil } }

    private struct Person {
        var presence: Presence?
        /// The visit of the discharge that ended her presence; nil before the first.
        var dischargedVisit: String?
    }

    /// By the names of the moment.
    private var people: [String: Person] = [:]
    private var names = MergedNames()
    /// Of whom the movement in work speaks.
    private var patient = ""

    private var presence: Presence? {
        get { self.people[self.patient]?.presence }
        set { self.people[self.patient, default: Person()].presence = newValue }
    }

    private var dischargedVisit: String? {
        get { self.people[self.patient]?.dischargedVisit }
        set { self.people[self.patient, default: Person()].dischargedVisit = newValue }
    }

    /// Folds the movements of one patient.
    ///
    /// - Parameter movements: at least one, in ascending order.
    init(_ movements: [Movement]) {
        let cancellations = Cancellations(movements)
        for (index, movement) in movements.enumerated() where !cancellations.void.contains(index) {
            self.patient = self.names.name(of: movement.patient)
            switch movement.event {
            case .merge: self.merge(movement)
            case .admit: self.admit(movement)
            case .transfer: self.transfer(movement)
            case .discharge: self.discharge(movement)
            case .update: self.update(movement)
            case .cancelAdmit, .cancelTransfer, .cancelDischarge:
                self.cancel(
                    movement,
                    target: cancellations.targets[index].map { movements[$0] },
                    saysWhere: !cancellations.outdated.contains(index)
                )
            }
        }
        for (name, person) in self.people.sorted(by: { $0.key < $1.key }) {
            guard let presence = person.presence, let bed = presence.bed else { continue }
            self.stays.append(Stay(patient: name, bed: bed, from: presence.from, to: nil))
        }
    }

    // MARK: - Events

    private mutating func admit(_ movement: Movement) {
        if let presence = self.presence {
            guard presence.bed != movement.place.bed else { return self.note(movement.visit) }
            self.contradict(.admittedTwice, movement)
        }
        self.move(to: movement.place.bed, movement)
    }

    private mutating func transfer(_ movement: Movement) {
        guard let presence = self.presence else {
            if let visit = self.dischargedVisit, movement.concerns(visit: visit) {
                return self.contradict(.movedAfterDischarge, movement)
            }
            return self.move(to: movement.place.bed, movement)
        }
        if let prior = movement.prior.bed, prior != presence.bed { self.contradict(.movedFromAnotherBed, movement) }
        self.move(to: movement.place.bed, movement)
    }

    private mutating func discharge(_ movement: Movement) {
        guard let presence = self.presence else { return self.contradict(.dischargedUnknown, movement) }
        let stated = movement.place.bed
        if !movement.concerns(visit: presence.visit) {
            // Another visit of hers, such as an outpatient's; from the bed in which she lies it is this one.
            guard let stated, stated == presence.bed else { return }
            self.contradict(.dischargedByAnotherVisit, movement)
        } else if let stated, stated != presence.bed {
            self.contradict(.dischargedFromAnotherBed, movement)
        }
        self.leave(at: movement.endsAt)
        self.dischargedVisit = movement.visit.isEmpty ? presence.visit : movement.visit
    }

    /// An update corrects where somebody is; it brings nobody back, since bills are updated after a discharge.
    private mutating func update(_ movement: Movement) {
        guard let presence = self.presence, movement.concerns(visit: presence.visit),
            let stated = movement.place.bed, stated != presence.bed
        else { return }
        self.contradict(.movedByUpdate, movement)
        self.move(to: stated, movement)
    }

    /// What was cancelled is left out already; a cancellation also says where she is now (HL7 v2.6 §3.3.11 to 13).
    private mutating func cancel(_ movement: Movement, target: Movement?, saysWhere: Bool) {
        if target == nil { self.contradict(.nothingToCancel, movement) }
        if movement.event == .cancelAdmit {
            if target == nil { self.leave(at: movement.endsAt) }
            return
        }
        guard saysWhere, let stated = movement.place.bed, stated != self.presence?.bed else { return }
        if movement.event == .cancelTransfer, target != nil { self.contradict(.cancelNamesAnotherBed, movement) }
        // After a mistaken discharge she may lie elsewhere than before it: in between it is not known where.
        self.move(to: stated, movement, leavingAt: target.map { min($0.endsAt, movement.endsAt) })
    }

    /// From its time on, who was there under the given-up name is there under the surviving one.
    private mutating func merge(_ movement: Movement) {
        let merged = self.names.name(of: movement.merged)
        let survivor = movement.patient
        self.names.merge(movement)
        // Where the surviving name had been given up for this one, there is only one person already.
        let other = self.people[survivor]?.presence
        self.patient = merged
        let presence = self.presence
        let dischargedVisit = self.dischargedVisit
        guard merged != survivor else { return }
        if presence != nil { self.leave(at: movement.endsAt) }
        self.people[merged] = nil
        self.patient = survivor
        guard let presence else {
            if other == nil, self.dischargedVisit == nil { self.dischargedVisit = dischargedVisit }
            return
        }
        if let other {
            guard other.bed != presence.bed else { return }
            self.contradict(.mergedInTwoBeds, movement)
            guard presence.from > other.from else { return }
            self.leave(at: movement.endsAt)
        }
        self.presence = Presence(visit: presence.visit, bed: presence.bed, from: movement.beginsAt)
        self.dischargedVisit = nil
    }

    // MARK: - Steps

    private mutating func move(to bed: String?, _ movement: Movement, leavingAt: Int64? = nil) {
        let visit = movement.visit.isEmpty ? self.presence?.visit ?? "" : movement.visit
        guard self.presence == nil || self.presence?.bed != bed else { return self.note(movement.visit) }
        self.leave(at: leavingAt ?? movement.endsAt)
        self.presence = Presence(visit: visit, bed: bed, from: movement.beginsAt)
        self.dischargedVisit = nil
    }

    private mutating func leave(at time: Int64) {
        if let presence = self.presence, let bed = presence.bed, time > presence.from {
            self.stays.append(Stay(patient: self.patient, bed: bed, from: presence.from, to: time))
        }
        self.presence = nil
    }

    private mutating func note(_ visit: String) {
        if !visit.isEmpty { self.presence?.visit = visit }
    }

    private mutating func contradict(_ kind: Contradiction.Kind, _ movement: Movement) {
        self.contradictions.append(
            Contradiction(
                kind,
                patients: [self.patient],
                bed: movement.place.bed ?? self.presence?.bed,
                time: movement.time
            )
        )
    }
}

/// Which movements are cancelled by later ones.
private struct Cancellations {
    /// Indices of movements that have no effect: cancelled, or part of a stay that never was.
    private(set) var void: Set<Int> = []
    /// The index of what each cancellation cancels.
    private(set) var targets: [Int: Int] = [:]
    /// Cancellations that tell where she was by a movement which a later one cancels as well.
    private(set) var outdated: Set<Int> = []
    private var names = MergedNames()

    init(_ movements: [Movement]) {
        for (index, movement) in movements.enumerated() {
            if movement.event == .merge { self.names.merge(movement) }
            guard let cancelled = movement.event.cancelled,
                let found = self.last(cancelled, before: index, of: movements)
            else { continue }
            self.outdated.formUnion(self.targets.keys.filter { $0 > found })
            self.targets[index] = found
            self.void.insert(found)
            guard cancelled == .admit else { continue }
            // Without the admission nothing of the stay happened, cancellations within it included.
            for other in found..<index
            where movements[other].event != .merge && movements[other].concerns(visit: movement.visit)
                && self.isSame(movements[other], movement)
            {
                self.void.insert(other)
            }
        }
    }

    /// The newest movement of a kind that the one at `index` can cancel and that nothing has cancelled yet.
    private func last(_ kind: Movement.Event, before index: Int, of movements: [Movement]) -> Int? {
        movements.indices[..<index].last { candidate in
            movements[candidate].event == kind && !self.void.contains(candidate)
                && movements[candidate].concerns(visit: movements[index].visit)
                && self.isSame(movements[candidate], movements[index])
        }
    }

    /// Whether two movements are one patient's, as far as merges have told.
    private func isSame(_ one: Movement, _ other: Movement) -> Bool {
        one.patient == other.patient || self.names.name(of: one.patient) == self.names.name(of: other.patient)
    }
}

extension Movement.Event {
    fileprivate var cancelled: Movement.Event? {
        switch self {
        case .cancelAdmit: .admit
        case .cancelTransfer: .transfer
        case .cancelDischarge: .discharge
        case .admit, .transfer, .discharge, .update, .merge: nil
        }
    }
}
