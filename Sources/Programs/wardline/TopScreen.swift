import Agent
import Foundation
import PatientMovements
import Spool

/// What `wardline top` shows: 80 columns, as many lines as there is room for.
struct TopScreen {
    private struct Look {
        let at: Int64
        let statistics: SpoolStatistics
    }

    private let agent: String
    private let stateDirectory: String
    private var board = BedBoard()
    private var sequence: Int64?
    private var now: Look?
    private var before: Look?
    private var letters: [(profile: String, reason: String, count: Int)] = []
    private var inForce: ProfilesInForce?

    /// Observations looked back at, at the start.
    private static let lookBack: Int64 = 20_000

    init(agent: String, stateDirectory: String) {
        self.agent = agent
        self.stateDirectory = stateDirectory
    }

    /// Reads what has come since the last look.
    ///
    /// - Parameters:
    ///   - store: of the agent.
    ///   - patients: where ADT messages are read, whose each bed is by them; nil elsewhere.
    ///   - time: ms since 1970.
    /// - Throws: when the spool cannot be read.
    mutating func look(_ store: AgentStore, patients: PatientBook?, at time: Int64) throws {
        let statistics = try store.statistics()
        self.before = self.now
        self.now = Look(at: time, statistics: statistics)
        let beds = try store.spool.associations().compactMap { association -> (patient: String, bed: String)? in
            guard case .bed(let bed) = association.subject, association.to == nil else { return nil }
            return (association.patient, bed)
        }
        let moved = (patients?.associations ?? []).filter { $0.interval.to == nil }
        self.board.use(beds: moved.map { ($0.interval.patient, $0.bed) } + beds)
        var last = self.sequence ?? max(0, statistics.lastSequence - Self.lookBack)
        while let chunk = try store.spool.observations(after: last).first {
            self.board.take(chunk.lines)
            last = chunk.lastSequence
        }
        self.sequence = last
        self.letters = try store.spool.deadLetterGroups().map {
            ($0.profile ?? "-", $0.reasonCode, Int($0.letters))
        }
        self.inForce = ProfilesInForce(stateDirectory: self.stateDirectory)
    }

    /// The screen.
    ///
    /// - Parameters:
    ///   - lines: its height.
    ///   - time: now, ms since 1970.
    /// - Returns: its lines.
    func text(lines: Int, at time: Int64) -> String {
        let head = self.head(at: time)
        let rows = self.board.rows
        let room = max(1, lines - head.count - 3)
        var out = head + [Self.titles]
        out += rows.prefix(room).map { Self.line($0, at: time) }
        if rows.count > room { out.append("… and \(rows.count - room) more: make the window higher, or give --lines") }
        if rows.isEmpty { out.append("no Observations yet") }
        return out.map { String($0.prefix(80)) }.joined(separator: "\n") + "\n"
    }

    private func head(at time: Int64) -> [String] {
        guard let now = self.now?.statistics else { return [] }
        let counts = now.messages
        let open = now.deadLettersOpen
        var lines = [
            Self.sides("wardline top · agent \(self.agent)", Moment.text(time)),
            "messages \(counts.received) (\(self.rate { Double($0.messages.received) })/s)   observations "
                + "\(now.observationsStored) (\(self.rate { Double($0.observationsStored) })/s)   backlog "
                + "\(now.backlog.messages)",
            "spool \(Self.size(now.sizes.spool + now.sizes.spoolLog))   inbox "
                + "\(Self.size(now.sizes.inbox + now.sizes.inboxLog))   "
                + now.sinks.map { "\($0.name) -\(now.lastSequence - $0.sequence)" }.joined(separator: " "),
        ]
        if let inForce {
            let refused = inForce.refused.isEmpty ? "" : "   \(inForce.refused.count) files refused"
            lines.append("profiles \(inForce.profiles.count), loaded \(inForce.loadedAt)\(refused)")
        }
        let worst = self.letters.sorted { ($1.count, $0.reason) < ($0.count, $1.reason) }.prefix(3)
        lines.append(
            "dead letters \(open)   " + worst.map { "\($0.profile) \($0.reason) \($0.count)" }.joined(separator: ", ")
        )
        lines.append("")
        return lines
    }

    private func rate(_ value: (SpoolStatistics) -> Double) -> String {
        guard let now, let before, now.at > before.at else { return "-" }
        let perSecond = (value(now.statistics) - value(before.statistics)) * 1_000 / Double(now.at - before.at)
        return String(format: "%.1f", perSecond)
    }

    // MARK: Rows

    private static let titles = "BED (DEVICE)      HR           SpO2         RR           Temp   NIBP     AGE"

    private static func line(_ row: BedBoard.Row, at time: Int64) -> String {
        func cell(_ vital: BedBoard.Vital) -> String {
            guard let cell = row.cells[vital] else { return "" }
            return cell.text.padded(4) + BedBoard.sparkline(cell.trend)
        }
        return row.name.padded(18) + cell(.heartRate).padded(13) + cell(.saturation).padded(13)
            + cell(.respiration).padded(13) + (row.cells[.temperature]?.text ?? "").padded(7)
            + (row.cells[.pressure]?.text ?? "").padded(9) + self.age(time - row.newest)
    }

    private static func age(_ milliseconds: Int64) -> String {
        let seconds = max(0, milliseconds / 1_000)
        switch seconds {
        case ..<120: return "\(seconds)s"
        case ..<7_200: return "\(seconds / 60)m"
        case ..<172_800: return "\(seconds / 3_600)h"
        default: return "\(seconds / 86_400)d"
        }
    }

    private static func size(_ bytes: Int64) -> String {
        for (unit, scale) in [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] where bytes >= Int64(scale) {
            return String(format: "%.1f ", Double(bytes) / Double(scale)) + unit
        }
        return "\(bytes) B"
    }

    private static func sides(_ left: String, _ right: String) -> String {
        left.padded(max(left.count + 1, 80 - right.count)) + right
    }
}

extension String {
    /// Cut or filled up with blanks; one blank always follows.
    fileprivate func padded(_ width: Int) -> String {
        let text = self.prefix(width - 1)
        return text + String(repeating: " ", count: width - text.count)
    }
}
