import Glibc

/// A ward of beds that publish in turn over a few connections, on one thread.
struct WardSimulation {
    private var beds: [SimulatedBed]
    private let connections: [MonitorConnection]
    private let ledger: AckLedger?
    private let limit: Int
    private let brokenEvery: Int
    private var pace: Pace
    private var stop = StopSignal()
    private var published = 0
    /// nil while no patient moves.
    private(set) var moves: PatientMoves?

    /// A ward that publishes `limit` messages, `rate` a second (nil: as fast as they are acknowledged).
    ///
    /// Every message whose number `brokenEvery` divides is broken; 0 breaks none.
    init(
        beds: [SimulatedBed],
        connections: [MonitorConnection],
        ledger: AckLedger?,
        limit: Int,
        brokenEvery: Int,
        rate: Double?,
        moves: PatientMoves? = nil
    ) {
        self.beds = beds
        self.connections = connections
        self.ledger = ledger
        self.limit = limit
        self.brokenEvery = brokenEvery
        self.moves = moves
        pace = Pace(rate: rate, start: WallClock.monotonicSeconds())
    }

    /// Publishes until the limit or a signal, then waits until everything is acknowledged.
    ///
    /// - Parameter patience: seconds to wait for the last acknowledgements; a second signal ends the wait.
    /// - Returns: false when acknowledgements are missing.
    /// - Throws: `MQTTFailure` for a message the library refuses, `LedgerFailure`.
    mutating func run(patience: Double) throws -> Bool {
        while published < limit, !stop.hasArrived() {
            // Over the first connection: with one connection a movement comes before the readings after it.
            if let connection = connections.first { try moves?.publishDue(over: connection) }
            if moves?.hasBegun ?? true { try publishDue() }
            try serviceConnections(timeout: timeout())
        }
        let deadline = WallClock.monotonicSeconds() + patience
        while !connections.allSatisfy(\.isIdle), WallClock.monotonicSeconds() < deadline, !stop.hasArrived() {
            try serviceConnections(timeout: 50)
        }
        return connections.allSatisfy(\.isIdle)
    }

    private mutating func publishDue() throws {
        // A round of 64, so that acknowledgements are read between them however much is due.
        let due = min(pace.due(at: WallClock.monotonicSeconds()), limit - published, 64)
        for _ in 0..<due {
            let bed = published % beds.count
            let connection = connections[bed % connections.count]
            guard connection.hasRoom else { return }
            try publishNext(of: bed, over: connection)
        }
    }

    private mutating func publishNext(of bed: Int, over connection: MonitorConnection) throws {
        let measurement = beds[bed].next()
        let dialect = beds[bed].dialect
        published += 1
        pace.countSent()
        let isBroken = brokenEvery > 0 && published % brokenEvery == 0
        let good = dialect.payload(measurement)
        let payload =
            isBroken
            ? BrokenPayload.damage(good, dialect: dialect, turn: published / brokenEvery - 1)
            : good
        let message = SentMessage(
            bed: measurement.bed,
            serial: measurement.serial,
            sequence: measurement.sequence,
            dialect: dialect,
            isBroken: isBroken
        )
        try connection.publish(payload, to: beds[bed].topic, as: message)
    }

    private func timeout() -> Int32 {
        // Movements do not wait for readings that are rarer.
        let limit: Int32 = moves == nil ? 50 : 20
        let hasRoom = connections[published % beds.count % connections.count].hasRoom
        return hasRoom ? pace.wait(at: WallClock.monotonicSeconds(), limit: limit) : limit
    }

    private func serviceConnections(timeout: Int32) throws {
        let interests = connections.map { $0.socketInterest() }
        var sockets = interests.map { $0 ?? pollfd(fd: -1, events: 0, revents: 0) }
        poll(&sockets, nfds_t(sockets.count), timeout)
        let now = WallClock.monotonicSeconds()
        for (connection, socket) in zip(connections, sockets) {
            connection.service(ready: socket.revents, now: now)
        }
        guard ledger?.flush() ?? true else { throw LedgerFailure(reason: String(cString: strerror(errno))) }
    }
}

/// The ledger cannot be written: going on would make later comparisons with it worthless.
struct LedgerFailure: Error, CustomStringConvertible {
    let reason: String
    var description: String { "ledger: \(reason)" }
}
