import Agent
import ArgumentParser
import Foundation
import Spool

extension DeviceCommand {
    /// Shows what is known of devices' clocks.
    struct Clock: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what the agent has found out about its devices' clocks, and how it came to be.",
            discussion: """
                Offset is receive time minus device time: negative for a clock that is fast. Drift is counted from the first \
                estimate or the last jump, after an hour. The history has each first estimate, each jump (somebody set \
                the clock, or daylight saving did) and where the clock stood each hour, for 400 days. Neither holds \
                anything of a patient. --csv and --json are for files: wardline device clock --history --csv > clocks.csv
                """
        )

        @OptionGroup var file: ConfigurationFile

        @Argument(help: "A device's name; all by default.")
        var device: String?

        @Flag(help: "The history instead of the present state.")
        var history = false

        @Option(help: "Of the history, entries since: RFC 3339, or a time such as 24h, 30d before now.")
        var since: String?

        @Flag(help: "One JSON object a line.")
        var json = false

        @Flag(help: "Comma-separated values with a first line of names.")
        var csv = false

        func validate() throws {
            guard !self.json || !self.csv else { throw ValidationError("use either --json or --csv") }
        }

        func run() throws {
            try reportingFailure {
                let book = try ClockBook(configuration: self.file.load())
                if self.history {
                    let since = try self.since.map(TimeBeforeNow.moment) ?? .min
                    return try self.write(try book.history(of: self.device, since: since).map(Self.cells))
                }
                let lines = try book.lines(of: self.device)
                if lines.isEmpty, let device { throw CommandFailure("nothing is known of a clock of \(device)") }
                try self.write(lines.map(Self.cells))
            }
        }

        /// A name and a value; nil where nothing is known.
        private typealias Cell = (name: String, value: Any?)

        private static func cells(_ line: ClockBook.Line) -> [Cell] {
            [
                ("device", line.device), ("offset_seconds", line.offsetSeconds), ("drift_ppm", line.drift),
                ("corrections", line.corrections), ("jumps", line.jumps), ("samples", line.samples),
                ("last_seen", Moment.text(line.lastSeen)), ("profile", line.profile), ("clock", line.treatment),
                ("zone", line.zone),
            ]
        }

        private static func cells(_ note: ClockNote) -> [Cell] {
            [
                ("at", Moment.text(note.at)), ("device", note.device), ("kind", note.kind),
                ("before_seconds", note.offsetBeforeNs.map { Double($0) / 1e9 }),
                ("offset_seconds", Double(note.offsetNs) / 1e9), ("drift_ppm", note.drift),
                ("corrections", note.corrections), ("jumps", note.jumps), ("samples", note.samples),
                ("profile", note.profile),
            ]
        }

        private func write(_ rows: [[Cell]]) throws {
            if self.json {
                for row in rows {
                    let object = row.reduce(into: [String: Any]()) { $0[$1.name] = $1.value ?? NSNull() }
                    try StandardOutput.write(JSONLine.text(object))
                }
                return
            }
            guard let names = rows.first?.map(\.name) else { return }
            let separator = self.csv ? "," : "\t"
            try StandardOutput.write(names.joined(separator: separator) + "\n")
            for row in rows {
                let cells = row.map { cell in self.text(cell.value) }
                try StandardOutput.write(cells.joined(separator: separator) + "\n")
            }
        }

        private func text(_ value: Any?) -> String {
            guard let value else { return self.csv ? "" : "-" }
            let text = (value as? Double).map { String(format: "%.3f", $0) } ?? "\(value)"
            guard self.csv else { return text.isEmpty ? "-" : text }
            let isPlain = text.allSatisfy { $0 != "," && $0 != "\"" && !$0.isNewline }
            return isPlain ? text : "\"\(text.replacing("\"", with: "\"\""))\""
        }
    }
}
