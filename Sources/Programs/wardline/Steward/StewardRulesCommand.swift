import ArgumentParser
import Custodian
import Foundation

struct StewardRulesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules",
        abstract: "Check the rules by which a custodian grants, queues or refuses.",
        subcommands: [Check.self]
    )

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check a rules file, and what it would say about one share.",
            discussion: """
                Prints each mistake with file, line and field; exit code 1 then. With --label the decision about such a \
                share follows. Nothing is sent anywhere.
                """
        )

        @Argument(help: "The rules, YAML.", completion: .file(extensions: ["yaml", "yml"]))
        var file: String

        @Option(help: "A scope's label: tell what is decided about it.")
        var label: String?

        @Option(help: "The purpose that is asked for.")
        var purpose = "research"

        @Option(help: "decided, proven, offered or emergency.")
        var kind = "proven"

        @Flag(help: "Print JSON.")
        var json = false

        func validate() throws {
            guard ShareKind(rawValue: self.kind) != nil else {
                throw ValidationError(
                    "--kind is one of " + ShareKind.allCases.map(\.rawValue).joined(separator: ", ")
                )
            }
        }

        func run() throws {
            try reportingFailure {
                let rules = try RulesFile.read(self.file)
                let decision = self.label.flatMap { label in
                    ShareKind(rawValue: self.kind).map {
                        rules.decision(label: label, purpose: self.purpose, kind: $0)
                    }
                }
                try self.report(rules, decision)
            }
        }

        private func report(_ rules: SharingRules, _ decision: RuleDecision?) throws {
            guard self.json else {
                let counted = "\(rules.rules.count) rules, no mistake\n"
                let said = decision.map { decision in
                    let days = decision.daysMax.map { ", \($0) days at most" } ?? ""
                    let stewards = decision.action == .queue ? ", \(decision.approvals) steward(s)" : ""
                    return "\(decision.rule): \(decision.action.rawValue)\(stewards)\(days)\n"
                }
                return try StandardOutput.write(counted + (said ?? ""))
            }
            struct Report: Encodable {
                let rules: Int
                let rule: String?
                let action: String?
                let approvals: Int?
                let days_max: UInt64?
            }
            let report = Report(
                rules: rules.rules.count,
                rule: decision?.rule,
                action: decision?.action.rawValue,
                approvals: decision?.approvals,
                days_max: decision?.daysMax
            )
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            try StandardOutput.write(Array(try encoder.encode(report)) + [UInt8(ascii: "\n")])
        }
    }
}
