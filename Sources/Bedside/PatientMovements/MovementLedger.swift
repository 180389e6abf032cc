/// All movements that count, and whose every bed is by them.
///
/// Pure: no clock, no disk. The state follows from the set of movements alone, so that late, repeated and disordered
/// messages lead to the same bed map. What is new has to be saved (``unsaved``), and what is old enough is forgotten
/// (``forget(before:)``).
package struct MovementLedger: Sendable {
    /// What became of a movement.
    package enum Insertion: Sendable, Equatable {
        case new
        /// The same message was there already.
        case repeated
    }

    /// Bounds of what is kept.
    package struct Limits: Sendable {
        package var movementsMax = 50_000
        /// Of one patient: no stay has so many, a broken sender has.
        package var movementsOfPatientMax = 1_024

        package init() {}
    }

    private struct MessageKey: Hashable {
        let sender: String
        let controlID: String
    }

    fileprivate struct Record {
        /// Ascending.
        fileprivate var movements: [Movement]
        var trail: PatientTrail
    }

    /// Within this time a sender's MSH-10 names one message, ms: later, counters may have begun anew.
    private static let controlIDLifetime: Int64 = 7 * 86_400_000

    private let limits: Limits
    /// By the key of their group.
    private var records: [String: Record] = [:]
    private var groups = MergedGroups()
    /// The patient of the message that used a control ID last.
    private var patientsByMessage: [MessageKey: String] = [:]
    /// Patients with a stay in a bed.
    private var claimants: [String: Set<String>] = [:]
    private var occupancies: [String: BedOccupancy] = [:]
    private var changedBeds: Set<String> = []
    private var counts: [Contradiction.Kind: Int] = [:]
    /// Number of movements.
    package private(set) var count = 0
    /// New since ``markSaved()``, in the order in which they came.
    package private(set) var unsaved: [Movement] = []
    /// Forgotten since ``markSaved()``.
    package private(set) var forgotten: [Movement] = []
    /// Everything of a patient who is not known here is forgotten up to this moment, ms since 1970.
    package private(set) var forgottenUntil: Int64
    /// When the newest movement was received, ms since 1970; nil without any.
    package private(set) var lastReceivedAt: Int64?

    /// - Parameters:
    ///   - saved: what was saved, in any order.
    ///   - forgottenUntil: as saved with it.
    ///   - limits: bounds.
    package init(saved: [Movement] = [], forgottenUntil: Int64 = .min, limits: Limits = Limits()) {
        self.limits = limits
        self.forgottenUntil = forgottenUntil
        for movement in saved where movement.event == .merge { _ = self.groups.join(movement) }
        let groups = self.groups
        for (patient, movements) in Dictionary(grouping: saved, by: { groups.key(of: $0.patient) }) {
            let sorted = movements.sorted()
            self.records[patient] = Record(movements: sorted, trail: PatientTrail(sorted))
            self.count += sorted.count
            for movement in sorted { self.note(movement) }
        }
        for (patient, record) in self.records { self.claim(patient, before: nil, after: record.trail) }
    }

    // MARK: - Taking movements

    /// Takes a movement.
    ///
    /// - Throws: ``MovementFailure`` when it is too old to be judged, contradicts a message of the same name, or there is
    ///   no room; the ledger is then as before.
    package mutating func insert(_ movement: Movement) throws(MovementFailure) -> Insertion {
        if let earlier = self.message(like: movement) {
            if earlier.content == movement.content { return .repeated }
            guard abs(earlier.receivedAt - movement.receivedAt) > Self.controlIDLifetime else {
                throw MovementFailure(
                    "adt-control-id-reused",
                    "the sender has used this MSH-10 for another message; the first one stands"
                )
            }
        }
        try self.admit(movement)
        self.add(movement)
        self.unsaved.append(movement)
        return .new
    }

    /// Takes a movement that another process has saved; one that is there already changes nothing.
    package mutating func adopt(_ movement: Movement) {
        if let record = self.records[self.groups.key(of: movement.patient)],
            record.movements.contains(where: { $0.content == movement.content })
        {
            return
        }
        self.add(movement)
    }

    /// Everything new is saved, everything forgotten deleted.
    package mutating func markSaved() {
        self.unsaved.removeAll()
        self.forgotten.removeAll()
    }

    private func message(like movement: Movement) -> Movement? {
        let key = MessageKey(sender: movement.sender, controlID: movement.controlID)
        guard let patient = self.patientsByMessage[key] else { return nil }
        return self.records[self.groups.key(of: patient)]?.movements.last {
            $0.sender == movement.sender && $0.controlID == movement.controlID
        }
    }

    private mutating func admit(_ movement: Movement) throws(MovementFailure) {
        let record = self.records[self.groups.key(of: movement.patient)]
        if record == nil, movement.event.canBegin, movement.time <= self.forgottenUntil {
            throw MovementFailure(
                "adt-too-old",
                "it is older than what the agent remembers of this patient: a later discharge may be forgotten"
            )
        }
        var count = record?.movements.count ?? 0
        let mergedKey = self.groups.key(of: movement.merged)
        if movement.event == .merge, mergedKey != self.groups.key(of: movement.patient) {
            count += self.records[mergedKey]?.movements.count ?? 0
        }
        guard count < self.limits.movementsOfPatientMax else {
            throw MovementFailure("adt-too-many", "a patient has more movements than any stay has")
        }
        if self.count >= self.limits.movementsMax { self.forgetAbsent() }
        guard self.count < self.limits.movementsMax else {
            throw MovementFailure("adt-full", "the agent remembers \(self.count) movements, its limit")
        }
    }

    private mutating func add(_ movement: Movement) {
        if movement.event == .merge { self.join(movement) }
        let key = self.groups.key(of: movement.patient)
        var movements = self.records[key]?.movements ?? []
        let place = movements.firstIndex { movement < $0 } ?? movements.endIndex
        movements.insert(movement, at: place)
        self.count += 1
        self.note(movement)
        self.replace(key, with: movements)
    }

    /// Puts the records of two names together.
    private mutating func join(_ movement: Movement) {
        let (before, now) = self.groups.join(movement)
        guard before != [now] else { return }
        let movements = before.sorted().flatMap { self.records[$0]?.movements ?? [] }.sorted()
        for key in before.sorted() { self.replace(key, with: []) }
        self.replace(now, with: movements)
    }

    private mutating func note(_ movement: Movement) {
        self.patientsByMessage[MessageKey(sender: movement.sender, controlID: movement.controlID)] = movement.patient
        self.lastReceivedAt = max(self.lastReceivedAt ?? .min, movement.receivedAt)
    }

    // MARK: - Forgetting

    /// Forgets patients who are gone and of whom nothing was heard since a moment.
    ///
    /// - Parameter time: ms since 1970.
    package mutating func forget(before time: Int64) {
        let old = self.records.filter { !$0.value.trail.isPresent && $0.value.newest < time }
        for patient in old.keys.sorted() { self.forget(patient) }
    }

    /// Makes room: of those who are gone, the ones of whom nothing was heard for the longest time.
    private mutating func forgetAbsent() {
        let gone = self.records.filter { !$0.value.trail.isPresent }
            .sorted { ($0.value.newest, $0.key) < ($1.value.newest, $1.key) }
        for (patient, _) in gone {
            guard self.count > self.limits.movementsMax * 9 / 10 else { return }
            self.forget(patient)
        }
    }

    private mutating func forget(_ patient: String) {
        guard let record = self.records[patient] else { return }
        self.forgotten += record.movements
        let groups = self.groups
        self.unsaved.removeAll { groups.key(of: $0.patient) == patient }
        self.forgottenUntil = max(self.forgottenUntil, record.newest)
        self.count -= record.movements.count
        for movement in record.movements {
            let key = MessageKey(sender: movement.sender, controlID: movement.controlID)
            if self.patientsByMessage[key] == movement.patient { self.patientsByMessage[key] = nil }
        }
        self.replace(patient, with: [])
        self.groups.forget(patient)
    }

    // MARK: - Beds

    /// Whose a bed is and was, ascending and without overlaps.
    package func intervals(of bed: String) -> [BedInterval] { self.occupancies[bed]?.intervals ?? [] }

    /// The beds of which movements speak, sorted.
    package var beds: [String] { self.occupancies.keys.sorted() }

    /// The beds whose intervals may have changed since the last call, sorted.
    package mutating func takeChangedBeds() -> [String] {
        defer { self.changedBeds.removeAll() }
        return self.changedBeds.sorted()
    }

    private mutating func replace(_ patient: String, with movements: [Movement]) {
        let before = self.records[patient]?.trail
        let after = movements.isEmpty ? nil : PatientTrail(movements)
        self.records[patient] = after.map { Record(movements: movements, trail: $0) }
        self.claim(patient, before: before, after: after)
    }

    private mutating func claim(_ patient: String, before: PatientTrail?, after: PatientTrail?) {
        let had = Set(before?.stays.map(\.bed) ?? [])
        let has = Set(after?.stays.map(\.bed) ?? [])
        for bed in had.subtracting(has) { self.claimants[bed]?.remove(patient) }
        for bed in has { self.claimants[bed, default: []].insert(patient) }
        self.count(before?.contradictions ?? [], -1)
        self.count(after?.contradictions ?? [], 1)
        for bed in had.union(has) { self.resolve(bed) }
    }

    private mutating func resolve(_ bed: String) {
        let patients = self.claimants[bed] ?? []
        let claims = patients.flatMap { patient in
            (self.records[patient]?.trail.stays ?? []).filter { $0.bed == bed }
                .map { BedInterval(patient: $0.patient, from: $0.from, to: $0.to) }
        }
        self.count(self.occupancies[bed]?.conflicts ?? [], -1)
        self.changedBeds.insert(bed)
        guard !claims.isEmpty else {
            self.claimants[bed] = nil
            self.occupancies[bed] = nil
            return
        }
        let occupancy = BedOccupancy(bed: bed, claims: claims)
        self.occupancies[bed] = occupancy
        self.count(occupancy.conflicts, 1)
    }

    // MARK: - Contradictions

    /// How many contradictions there are among the movements that are remembered, by kind; none are left out.
    package var contradictionCounts: [(kind: Contradiction.Kind, count: Int)] {
        Contradiction.Kind.allCases.map { ($0, self.counts[$0] ?? 0) }
    }

    /// All of them, in the order of their times.
    package var contradictions: [Contradiction] {
        let all = self.records.values.flatMap(\.trail.contradictions) + self.occupancies.values.flatMap(\.conflicts)
        return all.sorted {
            ($0.time, $0.kind.rawValue, $0.patients.first ?? "") < ($1.time, $1.kind.rawValue, $1.patients.first ?? "")
        }
    }

    private mutating func count(_ contradictions: [Contradiction], _ change: Int) {
        for contradiction in contradictions { self.counts[contradiction.kind, default: 0] += change }
    }
}

extension MovementLedger.Record {
    /// The newest moment of which a message speaks or at which one came, ms since 1970; a mistaken time far ahead counts
    /// as a day ahead.
    fileprivate var newest: Int64 {
        self.movements.map { max(min($0.timeLatest, $0.receivedAt + 86_400_000), $0.receivedAt) }.max() ?? .min
    }
}

extension Movement.Event {
    /// Whether a patient may be in a bed by it of whom nothing else is known.
    fileprivate var canBegin: Bool {
        switch self {
        case .admit, .transfer, .cancelTransfer, .cancelDischarge: true
        case .discharge, .update, .cancelAdmit, .merge: false
        }
    }
}
