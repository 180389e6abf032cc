import Bundles
import CanonicalBytes
import PatientMovements
import Payloads
import Records

/// What hospital systems and gateways say beside readings: MLLP streams, movements of patients, accounts.
enum WardTargets {
    static let all: [Target] = [
        Target(name: "mllp-stream", weight: 15, family: .mllpStreams) { _, payload, random in
            Self.stream(payload, &random)
        },
        Target(name: "adt", weight: 25, family: .movements) { bench, payload, random in
            Self.movement(bench, payload, &random)
        },
        Target(name: "accounts", weight: 4, family: .accounts) { _, payload, _ in Self.accounts(payload) },
    ]

    // MARK: - MLLP

    private struct Reading: Equatable {
        var events: [MLLPFramer.Event] = []
        var failed = false
        var torn = 0
        var isMidFrame = false
    }

    private static let frameBytesMax = 300

    /// However a stream is cut into pieces, the same messages come out of it, and none is longer than allowed.
    private static func stream(_ payload: [UInt8], _ random: inout Randomness) -> Verdict {
        var pieces: [[UInt8]] = []
        var rest = payload[...]
        while !rest.isEmpty {
            let piece = rest.prefix(1 + random.small(64))
            pieces.append(Array(piece))
            rest = rest.dropFirst(piece.count)
        }
        let whole = Self.read([payload])
        guard whole == Self.read(pieces) else {
            return .broken("pieces of a stream give other messages than the whole")
        }
        var bytes = 0
        for event in whole.events {
            switch event {
            case .frame(let message):
                guard message.count <= Self.frameBytesMax else { return .broken("a message above the limit") }
                guard !message.contains(0x0B), !message.contains(0x1C) else { return .broken("a mark in a message") }
                bytes += message.count
            case .oversized(let beginning):
                guard beginning.count <= MLLPFramer.beginningBytes else {
                    return .broken("too much of a large message")
                }
                bytes += beginning.count
            }
        }
        guard bytes <= payload.count else { return .broken("messages that were not in the stream") }
        if whole.failed { return .refused("noise") }
        return whole.events.isEmpty ? .refused("unfinished") : .accepted
    }

    private static func read(_ pieces: [[UInt8]]) -> Reading {
        var framer = MLLPFramer(frameBytesMax: Self.frameBytesMax)
        var reading = Reading()
        for piece in pieces {
            do throws(DecodeFailure) {
                try piece.withBytes { (bytes) throws(DecodeFailure) in try framer.take(bytes, into: &reading.events) }
            } catch {
                reading.failed = true
                break
            }
        }
        reading.torn = framer.tornFrames
        reading.isMidFrame = framer.isMidFrame
        return reading
    }

    // MARK: - Movements

    private static let received: Int64 = 1_795_240_800_000

    private static let reader: MovementReader? = (try? TimeZoneRules("+01:00")).map { zone in
        // Digits of a hash: the ledger's bounds do not depend on what is hashed.
        MovementReader(MovementRules(bed: .usual, zone: zone)) { patient in
            Digest.sha256(of: Array("\(patient.assigner)|\(patient.recordNumber)".utf8)).bytes.prefix(16).hex
        }
    }

    /// A message moves a patient, is refused with words, or moves nobody; and a ledger takes it once, in any order.
    private static func movement(_ bench: Workbench, _ payload: [UInt8], _ random: inout Randomness) -> Verdict {
        let decoded = bench.decode(payload) { (bytes, tree) throws(DecodeFailure) in
            try HL7Decoder.decode(bytes, into: &tree)
        }
        guard case .accepted = decoded, let reader = self.reader else { return decoded }
        let movement: Movement
        do throws(MovementFailure) {
            guard case .movement(let found) = try reader.read(bench.tree, receivedAt: self.received) else {
                return .refused("unrelated")
            }
            movement = found
        } catch {
            return error.code.isEmpty || error.detail.isEmpty
                ? .broken("a refusal without words") : .refused(error.code)
        }
        guard movement.time <= movement.timeLatest else { return .broken("a time that ends before it begins") }
        guard movement.patient.utf8.count == 32 else { return .broken("a patient without a pseudonym") }
        return Self.ledger(movement, bench, reader, &random)
    }

    /// The movement together with those of the seeds, in two orders.
    private static func ledger(
        _ movement: Movement,
        _ bench: Workbench,
        _ reader: MovementReader,
        _ random: inout Randomness
    ) -> Verdict {
        var movements = [movement]
        for _ in 0..<4 {
            let seed = random.pick(bench.corpus.seeds(.movements))
            guard
                case .accepted = bench.decode(
                    seed,
                    { (bytes, tree) throws(DecodeFailure) in
                        try HL7Decoder.decode(bytes, into: &tree)
                    }
                )
            else { continue }
            if case .movement(let other)? = try? reader.read(bench.tree, receivedAt: Self.received + 1) {
                movements.append(other)
            }
        }
        let (forward, left) = Self.fold(movements)
        let (backward, leftToo) = Self.fold(movements.reversed())
        // Of two messages with one name the first stands, with the time at which it was recorded: only then does the
        // order matter.
        if left == 0, leftToo == 0, Self.map(forward) != Self.map(backward) {
            return .broken("the order in which movements come changes the bed map")
        }
        var again = forward
        guard case .repeated? = try? again.insert(movement) else {
            return left > 0 ? .accepted : .broken("a repeated message moves again")
        }
        return .accepted
    }

    /// The ledger, and how many of them it refused or knew already.
    private static func fold(_ movements: some Sequence<Movement>) -> (MovementLedger, left: Int) {
        var ledger = MovementLedger()
        var left = 0
        for movement in movements {
            do throws(MovementFailure) { if try ledger.insert(movement) == .repeated { left += 1 } } catch { left += 1 }
        }
        return (ledger, left)
    }

    /// Whose each bed is, and when.
    private static func map(_ ledger: MovementLedger) -> [String: [BedInterval]] {
        Dictionary(uniqueKeysWithValues: ledger.beds.map { ($0, ledger.intervals(of: $0)) })
    }

    // MARK: - Accounts

    private static func accounts(_ payload: [UInt8]) -> Verdict {
        do throws(ProtocolFailure) {
            let record = try AccountRecord(data: payload)
            return try record.data() == payload ? .accepted : .broken("accepted another encoding")
        } catch {
            return error.detail.isEmpty ? .broken("a failure without words") : .refused(error.code.rawValue)
        }
    }
}

/// Small well-formed inputs of these targets; all names are invented.
enum WardSeeds {
    static let movements: [[UInt8]] = [
        ("A01", "1", "ICU^^7", "", "20261121060000"), ("A02", "2", "ICU^^8", "ICU^^7", "20261121070000+0100"),
        ("A08", "3", "ICU^^8", "", "20261121071500"), ("A12", "4", "ICU^^7", "ICU^^8", "20261121073000"),
        ("A11", "5", "ICU^^7", "", "20261121074500"), ("A03", "6", "ICU^^8", "", "202611210800"),
        ("A13", "7", "ICU^^8", "", "20261121081500.25"), ("A31", "8", "", "", ""),
    ].map { event, number, place, prior, time in
        let lines = [
            "MSH|^~\\&|ADT|NORTH|||20261121090000||ADT^\(event)^ADT_\(event)|\(number)|P|2.5.1",
            "EVN|\(event)|20261121090000||||\(time)",
            "PID|1||P\(Int(number).map { $0 % 3 } ?? 0)^^^NORTH^MR~99^^^X^SS||Muster^Erika",
            "PV1|1|I|\(place)|||\(prior)|||||||||||||V\(number)", "",
        ]
        return Array(lines.joined(separator: "\r").utf8)
    }

    static let streams: [[UInt8]] = {
        let frames: [[UInt8]] = WardSeeds.movements.map { [0x0B] + $0 + [0x1C, 0x0D] }
        let torn: [UInt8] = [0x0B] + Array("MSH|^~\\&|A".utf8) + frames[0]
        let oversized: [UInt8] = [0x0B] + [UInt8](repeating: 0x41, count: 400) + [0x1C, 0x0D]
        return frames + [frames[0] + frames[1] + Array("\r\n".utf8) + frames[2], torn, oversized, [0x1C, 0x0D]]
    }()

    static let accounts: [[UInt8]] = (0..<3).compactMap { count in
        let lines = (0..<count).map { device in
            AccountRecord.Line(
                hour: 498_000,
                device: "M-\(device)",
                received: 9,
                normalized: 5,
                deadLettered: 2,
                merged: 1,
                ignored: 1,
                observations: 20,
                late: 0
            )
        }
        let record = AccountRecord(
            number: UInt64(count) + 1,
            previous: [UInt8](repeating: 7, count: 32),
            fromHour: 498_000,
            toHour: 498_001,
            lines: lines
        )
        return try? record.data()
    }
}
