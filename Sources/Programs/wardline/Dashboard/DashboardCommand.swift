import Agent
import ArgumentParser
import Dashboard
import Foundation
import Node

struct DashboardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dashboard",
        abstract: "Let somebody into the dashboard.",
        subcommands: [Token.self]
    )

    struct Token: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a token that signs one person in once.",
            discussion: """
                Run it on the service's machine, as root or as the service's own user. The token is for the eyes of one \
                person; what is kept is its digest, and that only until it is used or has expired. A steward is named as \
                her certificate names her, and must stand under dashboard.people with that role.
                """
        )

        @OptionGroup var file: ConfigurationFile

        @Option(
            help: "A node's configuration, for its dashboard instead of the agent's.",
            completion: .file(extensions: ["yaml"])
        )
        var node: String?

        @Option(
            help: """
                viewer, engineer (replays dead letters), steward (decides about requests for data) or auditor (sees \
                who was given what).
                """
        )
        var role: DashboardRole

        @Option(help: "Whom it signs in; it stands in the log beside what is done.")
        var name: String

        @Option(help: "How long it can be used, 1 to 1440.")
        var minutes: UInt64 = 10

        func validate() throws {
            guard (1...1_440).contains(self.minutes) else { throw ValidationError("--minutes is 1 to 1440") }
        }

        private func settings() throws -> DashboardSettings? {
            guard let node else { return try self.file.load().dashboard }
            guard let data = FileManager.default.contents(atPath: node) else {
                throw ValidationError("cannot read \(node)")
            }
            return try NodeConfiguration(parsing: String(decoding: data, as: UTF8.self), file: node).dashboard
        }

        func run() throws {
            try reportingFailure {
                guard let dashboard = try self.settings() else {
                    throw ValidationError("\(self.node ?? self.file.path) has no section dashboard")
                }
                let bearer = TokenFolder.Bearer(name: self.name, role: self.role)
                if let refusal = dashboard.refusal(of: bearer) { throw ValidationError("--name: \(refusal)") }
                let token = try TokenFolder(directory: dashboard.tokenDirectory).issue(
                    bearer,
                    seconds: 60 * self.minutes,
                    at: UInt64(max(0, Date().timeIntervalSince1970))
                )
                try StandardOutput.write("\(token)\n")
                let host = dashboard.address.contains(":") ? "[\(dashboard.address)]" : dashboard.address
                StandardError.write(
                    "Sign in within \(self.minutes) min at port \(dashboard.port) of \(host), by the name in the certificate.\n"
                )
            }
        }
    }
}

extension DashboardRole: ExpressibleByArgument {}
