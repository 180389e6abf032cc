import Glibc

/// Tells the broker of patients' movements at their pace, beside the monitors.
struct PatientMoves {
    /// What moves are told with.
    struct Settings {
        let topic: String
        let ward: String
        let perMinute: Double
        let seed: UInt64
        /// File with one line for each movement; nil for none.
        let ledger: String?
    }

    private let settings: Settings
    private let file: Int32
    private var flow: PatientFlow
    private var waiting: [PatientFlow.Move]
    private var pace: Pace
    private var lastTime: Int64 = 0
    /// Movements published so far.
    private(set) var count = 0

    /// - Throws: `LedgerFailure` when the file cannot be made.
    init(beds: Int, _ settings: Settings) throws {
        self.settings = settings
        flow = PatientFlow(beds: beds, seed: settings.seed)
        waiting = flow.begin().reversed()
        pace = Pace(rate: settings.perMinute / 60, start: WallClock.monotonicSeconds())
        guard let path = settings.ledger else {
            file = -1
            return
        }
        file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw LedgerFailure(reason: String(cString: strerror(errno))) }
    }

    /// Closes the ledger.
    func end() { if file >= 0 { close(file) } }

    /// Whether the first admissions are out.
    var hasBegun: Bool { waiting.isEmpty }

    /// Publishes what is due: first everybody who is there at the beginning, then one movement after the other.
    ///
    /// - Throws: `MQTTFailure`, `LedgerFailure`.
    mutating func publishDue(over connection: MonitorConnection) throws {
        while connection.hasRoom, let move = waiting.popLast() { try publish(move, over: connection) }
        guard waiting.isEmpty else { return }
        let due = min(pace.due(at: WallClock.monotonicSeconds()), 16)
        for _ in 0..<due {
            guard connection.hasRoom else { return }
            pace.countSent()
            if let move = flow.next() { try publish(move, over: connection) }
        }
    }

    private mutating func publish(_ move: PatientFlow.Move, over connection: MonitorConnection) throws {
        count += 1
        // No two movements at one instant: what follows from them would depend on more than their times.
        lastTime = max(lastTime + 1, WallClock.nowMilliseconds())
        let payload = move.hl7(ward: settings.ward, number: count, time: DeviceTime(milliseconds: lastTime))
        let message = SentMessage(
            bed: move.bed,
            serial: "adt",
            sequence: count,
            dialect: .hl7,
            isBroken: false,
            isMovement: true
        )
        try connection.publish(payload, to: settings.topic, as: message)
        guard file >= 0 else { return }
        let line = Array("\(lastTime) \(move.event) \(move.recordNumber) \(move.bed) \(move.prior ?? 0)\n".utf8)
        guard write(file, line, line.count) == line.count else {
            throw LedgerFailure(reason: String(cString: strerror(errno)))
        }
    }
}
