import ArgumentParser
import Foundation
import Gateway
import Node

struct RelayDoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look at everything that a gateway needs, and say what is in its way and what to do.",
        discussion: """
            Configuration, identities, clock, the validators and verification nodes of both chains, registration, \
            connection, trust, lists and lease. Nothing is changed, and the gateway may run meanwhile. Exit code 1 when \
            messages do not get through.
            """
    )

    @OptionGroup var file: NodeConfigurationFile

    @Flag(help: "Print one JSON array.")
    var json = false

    func run() async throws {
        try await reportingFailure {
            guard let configuration = try self.file.load().relay else {
                throw ValidationError("\(self.file.path) has no section relay with two chains of this software")
            }
            try FindingReport(await GatewayDoctor(configuration).examine(), json: self.json).print()
        }
    }
}

/// What a check came upon, for people or programs.
struct FindingReport {
    let findings: [Finding]
    let json: Bool

    init(_ findings: [Finding], json: Bool) { (self.findings, self.json) = (findings, json) }

    /// - Throws: exit code 1 for a fault.
    func print() throws {
        if self.json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            try StandardOutput.write(String(decoding: try encoder.encode(self.findings), as: UTF8.self) + "\n")
        } else {
            try StandardOutput.write(self.text)
        }
        if self.findings.contains(where: { $0.grade == .fault }) { throw ExitCode.failure }
    }

    private var text: String {
        var text = Columns.text(self.findings.map { [Self.mark($0.grade), $0.about, $0.text] })
        let remedies = self.findings.filter { $0.grade != .fine && !$0.remedy.isEmpty }
        if !remedies.isEmpty { text += "\nWhat to do\n" }
        for finding in remedies { text += "  \(finding.about): \(finding.remedy)\n" }
        return text
    }

    private static func mark(_ grade: Finding.Grade) -> String {
        switch grade {
        case .fine: "ok"
        case .warning: "warning"
        case .fault: "FAULT"
        }
    }
}
