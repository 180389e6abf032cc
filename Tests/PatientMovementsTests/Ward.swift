import Testing

@testable import PatientMovements

/// Movements for tests; times are minutes.
func move(
    _ event: Movement.Event,
    _ patient: String,
    at time: Int64,
    to bed: String? = nil,
    from prior: String? = nil,
    visit: String = "",
    merged: String = "",
    id: String? = nil,
    sender: String = "HIS|H",
    recorded: Int64? = nil,
    received: Int64? = nil
) -> Movement {
    Movement(
        event: event,
        sender: sender,
        controlID: id ?? "\(event.rawValue)-\(patient)-\(time)",
        patient: patient,
        merged: merged,
        visit: visit,
        place: bed.map { $0.isEmpty ? .elsewhere : .bed($0) } ?? .unstated,
        prior: prior.map(Movement.Place.bed) ?? .unstated,
        time: time,
        recordedAt: recorded,
        receivedAt: received ?? max(time, 0) + 1_000_000
    )
}

/// A ledger that has taken these movements.
func ledger(_ movements: [Movement]) throws -> MovementLedger {
    var ledger = MovementLedger()
    for movement in movements { _ = try ledger.insert(movement) }
    return ledger
}

/// The patients of a bed as text: `ann 10-20, bea 30-`.
func history(_ ledger: MovementLedger, _ bed: String) -> String {
    ledger.intervals(of: bed).map { "\($0.patient) \($0.from)-\($0.to.map { "\($0)" } ?? "")" }
        .joined(separator: ", ")
}

extension MovementLedger {
    /// Kinds of contradictions, sorted by time.
    var kinds: [Contradiction.Kind] { self.contradictions.map(\.kind) }

    /// Everything that a test compares, in a form that does not depend on the order of messages.
    var picture: [String] {
        self.beds.map { "\($0): \(history(self, $0))" }
            + self.contradictions.map { "\($0.kind) \($0.patients) \($0.bed ?? "") \($0.time) \($0.end ?? -1)" }
            .sorted()
    }
}

/// Reproducible randomness (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var word = self.state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
