import Agent
import ArgumentParser
import Foundation

struct TraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Show a reading's way from the device to the chain, and check each step of it.",
        discussion: """
            Works on the agent's own files, offline. An Observation can be named while the spool has it \
            (`spool.retention_hours`); its envelope's H1 as long as receipts are kept. Exit code 1 if a step is missing \
            or wrong.
            """
    )

    @OptionGroup var file: ConfigurationFile

    @Argument(help: "An Observation's id (32 hexadecimal digits) or an envelope's H1 (64).")
    var subject: String

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        try reportingFailure {
            let report = try Trace(configuration: self.file.load()).run(self.subject)
            if self.json {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
                try StandardOutput.write(Array(encoder.encode(report)) + [UInt8(ascii: "\n")])
            } else {
                for step in report.steps { try StandardOutput.write(Self.text(step)) }
            }
            if !report.isComplete { throw ExitCode.failure }
        }
    }

    private static func text(_ step: TraceReport.Step) -> String {
        func padded(_ text: String, _ width: Int) -> String {
            text.padding(toLength: max(width, text.count), withPad: " ", startingAt: 0)
        }
        let head = "\(padded(step.name, 12)) \(padded(step.state.rawValue, 9)) \(step.text)\n"
        let facts = step.facts.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        return head + facts.map { "             \(padded($0.key, 20)) \($0.value)\n" }.joined()
    }
}
