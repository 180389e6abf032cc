import ArgumentParser
import Custodian
import Foundation

struct OwnerAccountsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accounts",
        abstract: "Hold what gateways state about their devices' messages against what their envelopes hold.",
        discussion: """
            Each gateway seals, for each device and hour, how many messages came and what became of them: received = \
            normalized + dead-lettered + merged + ignored. Here those statements are opened, their chain is checked, and \
            the Observations that they state are counted in the envelopes of the privacy centers. What is missing is either \
            on its way or gone: `wardline audit devices` on the gateway tells which. Exit code 1 when something is missing, \
            does not balance, or breaks the chain; standard error says where.
            """
    )

    @OptionGroup var options: CustodianOptions

    @Option(help: "Address of a privacy center, https://host:port; several to count what any of them holds.")
    var privacyCenter: [String]

    @Option(help: "Hours since: RFC 3339, or a time such as 24h, 7d before now; everything by default.")
    var since: String?

    @Flag(help: "One JSON object for each device's hour, and one with the result.")
    var json = false

    func run() async throws {
        try await reportingFailure {
            let custodian = try self.options.custodian()
            try CustodianService.requireOwner(custodian.identity)
            let openers = try self.privacyCenter.map { try EnvelopeOpener(custodian: custodian, center: $0) }
            let hour = try self.since.map { try TimeBeforeNow.moment($0) / 3_600_000 } ?? .min
            let report = try await AccountAudit(openers).run(custodian.registry.scopes(), fromHour: hour)
            for opener in openers { await opener.close() }
            try self.write(report)
            for problem in report.problems { StandardError.write("\(problem)\n") }
            if !report.problems.isEmpty { throw ExitCode.failure }
        }
    }

    private func write(_ report: AccountReport) throws {
        if !self.json { try StandardOutput.write(AccountReport.columns.joined(separator: "\t") + "\n") }
        for line in report.lines {
            guard self.json else {
                try StandardOutput.write((line.texts + line.counts.map { "\($0)" }).joined(separator: "\t") + "\n")
                continue
            }
            var object: [String: Any] = [:]
            for (name, text) in zip(AccountReport.columns, line.texts) { object[name] = text }
            for (name, count) in zip(AccountReport.columns.dropFirst(3), line.counts) { object[name] = count }
            try StandardOutput.write(JSONLine.text(object))
        }
        guard self.json else { return }
        let surplus = report.lines.reduce(0) { $0 + $1.surplus }
        try StandardOutput.write(
            JSONLine.text(["complete": report.problems.isEmpty, "problems": report.problems, "surplus": surplus])
        )
    }
}
