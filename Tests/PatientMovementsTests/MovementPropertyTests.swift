import CanonicalBytes
import Testing

@testable import PatientMovements

@Suite("Any set of movements")
struct MovementPropertyTests {
    private static let events = Movement.Event.allCases

    /// Movements without sense, with many equal times.
    private static func nonsense(_ random: inout SeededGenerator) -> [Movement] {
        (0..<Int.random(in: 2...30, using: &random)).map { number in
            let bed = ["1", "2", "3", "", nil].randomElement(using: &random) ?? nil
            let event = Self.events.randomElement(using: &random) ?? .admit
            let other = ["ann", "bea", "cid"].randomElement(using: &random) ?? ""
            return move(
                event,
                ["ann", "bea", "cid"].randomElement(using: &random) ?? "",
                at: Int64.random(in: 0...20, using: &random),
                to: bed,
                from: ["1", "2", nil].randomElement(using: &random) ?? nil,
                visit: ["", "v1", "v2"].randomElement(using: &random) ?? "",
                merged: event == .merge ? other : "",
                id: "\(number)",
                recorded: Int64.random(in: 0...3, using: &random),
                received: Int64.random(in: 0...40, using: &random)
            )
        }
    }

    @Test("gives the same bed map in every order and with repetitions", arguments: 0..<200 as Range<UInt64>)
    func order(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let movements = Self.nonsense(&random)
        let picture = try ledger(movements).picture
        for _ in 0..<6 {
            let repeated = movements + movements.prefix(Int.random(in: 0...movements.count, using: &random))
            #expect(try ledger(repeated.shuffled(using: &random)).picture == picture)
        }
        #expect(MovementLedger(saved: movements.shuffled(using: &random)).picture == picture)
    }

    @Test("gives a bed to one patient at a time, and counts what it reports", arguments: 200..<300 as Range<UInt64>)
    func exclusive(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let found = try ledger(Self.nonsense(&random))
        for bed in found.beds {
            let intervals = found.intervals(of: bed)
            for (earlier, later) in zip(intervals, intervals.dropFirst()) {
                let end = try #require(earlier.to)
                #expect(end <= later.from)
            }
            #expect(intervals.allSatisfy { $0.from < $0.to ?? .max })
        }
        for (kind, count) in found.contradictionCounts {
            #expect(count == found.contradictions.count { $0.kind == kind })
        }
    }

    @Test(
        "that tells what happened gives what happened, however late and often it is told",
        arguments: 0..<100 as Range<UInt64>
    )
    func truth(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let (movements, truth) = Self.history(&random)
        var told = movements + movements.filter { _ in Bool.random(using: &random) }
        told.shuffle(using: &random)
        let found = try ledger(told)
        #expect(found.contradictions.isEmpty)
        for time in 0..<Int64(400) {
            for bed in ["1", "2", "3"] {
                let patient = found.intervals(of: bed).first { $0.from <= time && time < $0.to ?? .max }?.patient
                #expect(patient == truth[bed]?[Int(time)], "bed \(bed) at \(time)")
            }
        }
    }

    /// What happens in a ward of three beds, and who is in them at each moment.
    private static func history(
        _ random: inout SeededGenerator
    ) -> (movements: [Movement], truth: [String: [String?]]) {
        var movements: [Movement] = []
        var truth: [String: [String?]] = ["1": [], "2": [], "3": []]
        var beds: [String: String] = [:]
        var patients = 0
        for time in 0..<Int64(400) {
            if Int.random(in: 0..<12, using: &random) == 0 {
                let free = ["1", "2", "3"].filter { beds[$0] == nil }
                let taken = beds.keys.sorted()
                switch Int.random(in: 0..<3, using: &random) {
                case 0:
                    guard let bed = free.randomElement(using: &random) else { break }
                    patients += 1
                    beds[bed] = "p\(patients)"
                    movements.append(move(.admit, "p\(patients)", at: time, to: bed))
                case 1:
                    guard let from = taken.randomElement(using: &random),
                        let to = free.randomElement(using: &random), let patient = beds.removeValue(forKey: from)
                    else { break }
                    beds[to] = patient
                    movements.append(move(.transfer, patient, at: time, to: to, from: from))
                default:
                    guard let bed = taken.randomElement(using: &random), let patient = beds.removeValue(forKey: bed)
                    else { break }
                    movements.append(move(.discharge, patient, at: time, to: bed))
                }
            }
            for bed in ["1", "2", "3"] { truth[bed]?.append(beds[bed]) }
        }
        return (movements, truth)
    }

    @Test("is the same after it was written and read", arguments: 0..<20 as Range<UInt64>)
    func encoding(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for movement in Self.nonsense(&random) {
            let read = try Movement(encoded: movement.encoded)
            #expect(read == movement)
            for end in 0..<movement.encoded.count {
                #expect(throws: ProtocolFailure.self) { try Movement(encoded: Array(movement.encoded.prefix(end))) }
            }
        }
    }
}
