import ArgumentParser

/// `wardline-sim ward`: the whole simulation.
struct WardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ward",
        abstract: "Replay a recording on many beds until --count messages are acknowledged or a signal comes.",
        discussion: "Prints a summary as one JSON line. Exit code 1 when acknowledgements are missing."
    )

    @OptionGroup var broker: BrokerOptions

    @Option(help: ArgumentHelp("Minute values of a real monitor.", valueName: "csv"))
    var recording: String

    @Option(help: "Name of the ward in topics and messages.")
    var ward = "icu-1"

    @Option(help: "How many beds, one device each.")
    var beds = 8

    @Option(
        help: ArgumentHelp("Dialects (json, csv, hl7, senml, scalar) that the beds take in turn.", valueName: "list")
    )
    var dialects = "json"

    @Option(help: "Messages per second of the whole ward.")
    var rate: Double?

    @Option(help: "Replay each minute of the recording this much faster; instead of --rate.")
    var speedup: Double?

    @Option(help: "How many messages to publish; without it until a signal comes.")
    var count: Int?

    @Option(help: "Quality of service: 0, 1 or 2.")
    var qos: Int32 = 1

    @Option(help: "Unacknowledged messages per connection at most.")
    var window = 500

    @Option(help: "Connections to share the beds among.")
    var connections = 1

    @Option(help: "Time stamps: now, or as recorded (a minute later with each message).")
    var times: TimeSource = .now

    @Option(help: "The first sequence number of every device.")
    var firstSequence = 1

    @Flag(help: "Replay only minutes in which all vital signs are present.")
    var presentOnly = false

    @Option(help: "Break every N-th message; 0 for none.")
    var brokenEvery = 0

    @Option(help: ArgumentHelp("Append a line for each acknowledged message.", valueName: "file"))
    var ledger: String?

    @Option(help: ArgumentHelp("Publish ADT messages of patients who come, move and go here.", valueName: "topic"))
    var adtTopic: String?

    @Option(help: "Movements of patients per minute, with --adt-topic.")
    var movesPerMinute = 6.0

    @Option(help: "Seed of the movements.")
    var movesSeed: UInt64 = 1

    @Option(
        help: ArgumentHelp("Append a line for each movement: ms, event, patient, bed, bed before.", valueName: "file")
    )
    var movesLedger: String?

    @Option(help: ArgumentHelp("Make a persistent session for this client first (repeatable).", valueName: "client id"))
    var prefill: [String] = []

    @Option(help: "What the sessions of --prefill subscribe to.")
    var prefillFilter = "ward/#"

    @Option(help: "Seconds to wait for the last acknowledgements.")
    var patience = 60.0

    func validate() throws {
        guard beds >= 1, connections >= 1, (1...60_000).contains(window), (0...2).contains(qos) else {
            throw ValidationError("--beds and --connections start at 1, --window is 1 to 60000, --qos 0 to 2")
        }
        guard rate == nil || speedup == nil else { throw ValidationError("--rate or --speedup, not both") }
        guard (rate ?? 1) > 0, (speedup ?? 1) > 0 else { throw ValidationError("rates are greater than 0") }
        guard (0.01...60_000).contains(movesPerMinute) else {
            throw ValidationError("--moves-per-minute is 0.01 to 60000")
        }
        guard prefill.isEmpty || broker.version == .v5 else { throw ValidationError("--prefill needs MQTT 5") }
        _ = try chosenDialects()
    }

    func run() throws {
        for identifier in prefill {
            try SessionPrefill.create(identifier: identifier, filter: prefillFilter, options: broker)
        }
        let ledger = try ledger.map(AckLedger.init(path:))
        let links = try (1...connections).map {
            try MonitorConnection(
                options: broker,
                identifier: "\(broker.clientId)-\($0)",
                window: window,
                qos: qos,
                ledger: ledger
            )
        }
        let moves = try adtTopic.map { topic in
            try PatientMoves(
                beds: beds,
                PatientMoves.Settings(
                    topic: topic,
                    ward: ward,
                    perMinute: movesPerMinute,
                    seed: movesSeed,
                    ledger: movesLedger
                )
            )
        }
        var simulation = WardSimulation(
            beds: try makeBeds(),
            connections: links,
            ledger: ledger,
            limit: count ?? .max,
            brokenEvery: brokenEvery,
            rate: rate ?? speedup.map { $0 / 60 * Double(beds) },
            moves: moves
        )
        let start = WallClock.monotonicSeconds()
        let isComplete = try simulation.run(patience: patience)
        simulation.moves?.end()
        let moved = simulation.moves?.count
        print(summary(links.map(\.tally), moved: moved, seconds: WallClock.monotonicSeconds() - start))
        if !isComplete { throw ExitCode.failure }
    }

    private func chosenDialects() throws -> [Dialect] {
        try dialects.split(separator: ",").map {
            guard let dialect = Dialect(rawValue: String($0)) else { throw ValidationError("no dialect \($0)") }
            return dialect
        }
    }

    private func makeBeds() throws -> [SimulatedBed] {
        let dialects = try chosenDialects()
        let recording = try Recording(path: recording, presentOnly: presentOnly)
        return (1...beds).map {
            SimulatedBed(
                ward: ward,
                bed: $0,
                dialect: dialects[($0 - 1) % dialects.count],
                recording: recording,
                times: times,
                firstSequence: firstSequence
            )
        }
    }

    private func summary(_ tallies: [MonitorConnection.Tally], moved: Int?, seconds: Double) -> String {
        func total(_ path: KeyPath<MonitorConnection.Tally, Int>) -> Int {
            tallies.reduce(0) { $0 + $1[keyPath: path] }
        }
        let rate = seconds > 0 ? Int(Double(total(\.acknowledged)) / seconds) : 0
        return "{\"published\":\(total(\.published)),\"acknowledged\":\(total(\.acknowledged)),"
            + "\"broken\":\(total(\.broken)),\"unrouted\":\(total(\.unrouted)),\"refused\":\(total(\.refused)),"
            + "\"connections\":\(total(\.connections)),"
            + (moved.map { "\"movements\":\($0)," } ?? "")
            + "\"seconds\":\((seconds * 1000).rounded() / 1000),\"rate\":\(rate)}"
    }
}

/// Which clock the simulated monitors tell.
enum TimeSource: String, ExpressibleByArgument, CaseIterable {
    case now
    case recorded
}
