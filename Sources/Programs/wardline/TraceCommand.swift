import Agent
import ArgumentParser
import Foundation

struct TraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Show a reading's way from the device to the chain, and check each step of it.",
        discussion: """
            Works on the agent's own files, offline. An Observation can be named while the spool has it \
            (`spool.retention_hours`); its envelope's H1 as long as receipts are kept. With --offline it checks a share \
            that somebody fetched, from the share's folder and the genesis alone: request, permission, consents, grant, \
            deliveries, anchors, envelopes and data. Exit code 1 if a step is missing or wrong.
            """
    )

    @OptionGroup var file: ConfigurationFile

    @Argument(help: "An Observation's id (32 hexadecimal digits) or an envelope's H1 (64); none with --offline.")
    var subject: String?

    @Option(help: ArgumentHelp("A share's folder to check instead.", valueName: "folder"), completion: .directory)
    var offline: String?

    @OptionGroup var genesis: GenesisOption

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard (self.subject == nil) != (self.offline == nil) else {
            throw ValidationError("name an Observation or an envelope, or a share's folder with --offline")
        }
    }

    func run() throws {
        try reportingFailure {
            if let folder = self.offline {
                return try ShareVerification.run(folder, self.genesis, json: self.json)
            }
            let report = try Trace(configuration: self.file.load()).run(self.subject ?? "")
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
