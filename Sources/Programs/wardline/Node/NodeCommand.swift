import Agent
import ArgumentParser
import Foundation
import Logging
import Node
import PrivacyCenter

struct NodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "node",
        abstract: "Run an authority, custodian, privacy center, key issuer or validator, and look after its store.",
        subcommands: [
            Run.self, NodeInitCommand.self, Check.self, NodeScrubCommand.self, NodeBackupCommand.self,
            NodeRestoreCommand.self,
        ],
        defaultSubcommand: Run.self
    )

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run the roles of the configuration until SIGTERM or SIGINT.",
            discussion: "Requests under way are answered before the process ends."
        )

        @OptionGroup var file: NodeConfigurationFile

        func run() async throws {
            try await reportingFailure(ofService: true) {
                MemoryTuning.applyForServers()
                let configuration = try self.file.load()
                let logger = LogSetup.start(
                    level: AgentConfiguration.LogLevel(rawValue: configuration.logLevel.rawValue) ?? .info,
                    format: AgentConfiguration.LogFormat(rawValue: configuration.logFormat.rawValue) ?? .text
                )
                let node = try Node(configuration: configuration, logger: logger)
                let keeper = Task { await HeapKeeper().run() }
                defer { keeper.cancel() }
                try await node.run()
            }
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what is wrong with a configuration, its identities and its store, and how to mend it.",
            discussion: """
                With --thorough it looks at the surroundings too: the clock against the authority's, the room on the disks, and \
                whether every server that the configuration names answers.
                """
        )

        @OptionGroup var file: NodeConfigurationFile

        @Flag(help: "Look at clock, disks and the other servers as well.")
        var thorough = false

        func run() async throws {
            try await reportingFailure {
                let configuration = try self.file.load()
                var problems = NodeCheck.problems(of: configuration)
                if self.thorough { problems += await NodeSurroundings.problems(of: configuration) }
                for problem in problems { StandardError.write("\(problem)\n") }
                if !problems.isEmpty { throw ExitCode.failure }
                try StandardOutput.write("\(self.file.path): ok\n")
            }
        }
    }
}

/// `--config FILE`, shared by the commands that need a node's configuration.
struct NodeConfigurationFile: ParsableArguments {
    @Option(name: .customLong("config"), help: "The node's configuration.", completion: .file(extensions: ["yaml"]))
    var path = "/etc/wardline/node.yaml"

    func load() throws -> NodeConfiguration {
        guard let data = FileManager.default.contents(atPath: self.path) else {
            throw ValidationError("cannot read \(self.path); name the configuration with --config FILE")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw ValidationError("\(self.path) is not UTF-8 text")
        }
        return try NodeConfiguration(parsing: text, file: self.path)
    }

    func storeTools() throws -> StoreTools {
        guard let center = try self.load().privacyCenter else {
            throw ValidationError("\(self.path) has no privacy_center, so there is no store")
        }
        return StoreTools(center)
    }
}
