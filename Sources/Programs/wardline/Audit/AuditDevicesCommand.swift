import Agent
import ArgumentParser
import Foundation

struct AuditDevicesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devices",
        abstract: "Hold what was received from each device against what became of it, hour by hour.",
        discussion: """
            received = delivered + spooled + dead-lettered + merged + ignored, for each device and hour. Delivered has every \
            sink, and with an uplink as many privacy centers as are asked for; merged are repetitions; ignored is what the \
            profile passes over. A name in parentheses stands for messages that name no device. The counts are held \
            against the inbox, the ledger, the dead letters and the numbers of the Observations. Exit code 1 when \
            something does not balance; standard error then says where.
            """
    )

    @OptionGroup var file: ConfigurationFile

    @Argument(help: "A device's name; all by default.")
    var device: String?

    @Option(help: "Hours since: RFC 3339, or a time such as 24h, 7d before now.")
    var since = "24h"

    @Flag(help: "One JSON object for each device's hour, and one with the result.")
    var json = false

    func run() throws {
        try reportingFailure {
            let audit = try DeviceAudit(configuration: self.file.load())
            let report = try audit.run(
                fromHour: TimeBeforeNow.moment(self.since) / 3_600_000,
                device: self.device
            )
            if !self.json { try StandardOutput.write(Self.names.joined(separator: "\t") + "\n") }
            for line in report.lines { try StandardOutput.write(self.text(line)) }
            if self.json {
                try StandardOutput.write(
                    JSONLine.text(
                        [
                            "balanced": report.problems.isEmpty, "waiting": report.waiting, "problems": report.problems,
                        ]
                    )
                )
            } else {
                StandardError.write("\(report.waiting) messages wait to be normalized\n")
            }
            for problem in report.problems { StandardError.write("does not balance: \(problem)\n") }
            if !report.problems.isEmpty { throw ExitCode.failure }
        }
    }

    private static let names = [
        "hour", "device", "received", "delivered", "spooled", "dead_lettered", "merged", "ignored", "observations",
    ]

    private func text(_ line: DeviceAudit.Line) throws -> String {
        let hour = DeviceAudit.text(hour: line.hour)
        let counts = [
            line.received, line.delivered, line.spooled, line.deadLettered, line.merged, line.ignored,
            line.observations,
        ]
        guard self.json else { return ([hour, line.device] + counts.map { "\($0)" }).joined(separator: "\t") + "\n" }
        var object: [String: Any] = ["hour": hour, "device": line.device]
        for (name, count) in zip(Self.names.dropFirst(2), counts) { object[name] = count }
        return try JSONLine.text(object)
    }
}
