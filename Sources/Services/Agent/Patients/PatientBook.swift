internal import CanonicalBytes
internal import MLLPIngest
internal import Normalization
package import PatientMovements
internal import Payloads
internal import Records
internal import Spool

/// Whose each bed is, by ADT messages and by what people have said.
///
/// What people say with `wardline associate` goes before the messages, for its time.
package struct PatientBook: Sendable {
    /// What became of a message.
    enum Outcome: Sendable, Equatable {
        case moved
        case repeated
        /// Moves nobody.
        case unrelated
    }

    private let reader: MovementReader
    private let topics: [TopicFilter]
    private let retentionMilliseconds: Int64
    private var tree = PayloadTree()
    package private(set) var ledger: MovementLedger
    private var byHand: [PatientAssociation] = []
    /// The newest row of the spool that is in the ledger.
    private var newestRow: Int64

    /// Reads the movements that the spool holds.
    ///
    /// - Parameters:
    ///   - configuration: of ADT messages.
    ///   - pseudonyms: of the institution.
    ///   - spool: with the movements and associations so far.
    /// - Throws: when a row does not open.
    init(_ configuration: AgentConfiguration.ADT, pseudonyms: PatientPseudonyms, spool: Spool) throws {
        self.reader = MovementReader(configuration.rules) { pseudonyms.pseudonym(of: $0) }
        self.topics = configuration.topics.map(TopicFilter.init)
        self.retentionMilliseconds = Int64(configuration.retentionDays) * 86_400_000
        let rows = try spool.movements()
        self.newestRow = rows.last?.id ?? 0
        self.ledger = MovementLedger(
            saved: try rows.map { try Movement(encoded: $0.encoded) },
            forgottenUntil: Self.moment(try spool.states()[StateName.movements]) ?? .min
        )
        self.byHand = try spool.associations().map(PatientAssociation.init)
    }

    // MARK: - Messages

    /// Whether a message is about patients: by its topic, and for topics of MLLP listeners by its way.
    func takes(topic: ArraySlice<UInt8>, broker: UInt8) -> Bool {
        if broker == MLLPOrigin.broker { return topic.starts(with: MLLPOrigin.movementTopics.utf8) }
        return self.topics.contains { $0.matches(topic) }
    }

    /// Takes a message.
    ///
    /// - Parameters:
    ///   - payload: an ADT message.
    ///   - receivedAt: gateway clock, ms since 1970.
    /// - Returns: whether it moved somebody.
    /// - Throws: ``MovementFailure``, with the words of a dead letter.
    mutating func take(_ payload: ArraySlice<UInt8>, receivedAt: Int64) throws(MovementFailure) -> Outcome {
        self.tree.reset()
        let failure = payload.withUnsafeBytes { bytes in
            do throws(DecodeFailure) {
                try HL7Decoder.decode(bytes, into: &self.tree)
                return nil as DecodeFailure?
            } catch { return error }
        }
        if let failure { throw MovementFailure(failure.reason.rawValue, failure.explanation) }
        switch try self.reader.read(self.tree, receivedAt: receivedAt) {
        case .unrelated: return .unrelated
        case .movement(let movement):
            return try self.ledger.insert(movement) == .new ? .moved : .repeated
        }
    }

    /// Forgets those who are gone for longer than the retention.
    ///
    /// - Parameter now: ms since 1970.
    mutating func forget(now: Int64) { self.ledger.forget(before: now - self.retentionMilliseconds) }

    // MARK: - Saving

    /// Adds what the next commit has to store; repeated until ``markSaved()``.
    func writeChanges(to output: inout NormalizedBatch) {
        guard !self.ledger.unsaved.isEmpty || !self.ledger.forgotten.isEmpty else { return }
        output.movements.added = self.ledger.unsaved.map {
            StoredMovement(content: $0.content, encoded: $0.encoded)
        }
        output.movements.forgotten = self.ledger.forgotten.map(\.content)
        guard self.ledger.forgottenUntil > .min else { return }
        var moment = CanonicalWriter()
        moment.u64(UInt64(bitPattern: self.ledger.forgottenUntil))
        output.state[StateName.movements] = moment.bytes
    }

    /// The commit has succeeded.
    mutating func markSaved() { self.ledger.markSaved() }

    /// Takes over what another process has stored: associations, and movements of replayed dead letters.
    mutating func refresh(from spool: Spool) throws {
        self.byHand = try spool.associations().map(PatientAssociation.init)
        for row in try spool.movements(after: self.newestRow) {
            self.ledger.adopt(try Movement(encoded: row.encoded))
            self.newestRow = row.id
        }
    }

    private static func moment(_ bytes: [UInt8]?) -> Int64? {
        guard let bytes else { return nil }
        var reader = CanonicalReader(bytes)
        return (try? reader.u64()).map { Int64(bitPattern: $0) }
    }

    // MARK: - Beds

    /// The whole map.
    mutating func bedMap() throws(BedMapError) -> BedMap {
        _ = self.ledger.takeChangedBeds()
        var all = self.byHand
        for bed in self.ledger.beds { all += self.byMovements(bed) }
        return try BedMap(all)
    }

    /// Brings a map up to date with the movements since the last call.
    mutating func update(_ beds: inout BedMap) {
        for bed in self.ledger.takeChangedBeds() {
            let byHand = self.byHand.filter { $0.subject == .bed(bed) }
            beds.replace(byHand + self.byMovements(bed), of: .bed(bed))
        }
    }

    /// The associations that follow from movements, each with its bed.
    package var associations: [(bed: String, interval: BedInterval)] {
        self.ledger.beds.flatMap { bed in self.intervals(of: bed).map { (bed, $0) } }
    }

    private func byMovements(_ bed: String) -> [PatientAssociation] {
        self.intervals(of: bed).map {
            PatientAssociation(subject: .bed(bed), patient: $0.patient, from: $0.from, to: $0.to)
        }
    }

    private func intervals(of bed: String) -> [BedInterval] {
        let byHand = self.byHand.filter { $0.subject == .bed(bed) }.map { (from: $0.from, to: $0.to) }
        return self.ledger.intervals(of: bed).cut(by: byHand)
    }
}

/// What `/metrics` says of patients' movements: numbers only.
struct PatientStatus: Sendable {
    var movements: Int
    /// Beds that belong to somebody now, or will.
    var bedsTaken: Int
    var contradictions: [(kind: String, count: Int)]
    /// When the newest ADT message came, Unix time in seconds; nil before the first.
    var lastSeconds: Int64?

    var contradictionCount: Int { self.contradictions.reduce(0) { $0 + $1.count } }

    init(_ ledger: MovementLedger) {
        self.movements = ledger.count
        self.bedsTaken = ledger.beds.count { ledger.intervals(of: $0).last.map { $0.to == nil } ?? false }
        self.contradictions = ledger.contradictionCounts.map { ($0.kind.rawValue, $0.count) }
        self.lastSeconds = ledger.lastReceivedAt.map { $0 / 1_000 }
    }
}
