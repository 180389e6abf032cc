import ArgumentParser
import Foundation
import Node

struct SupportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "support",
        abstract: "Collect what somebody who helps needs to see.",
        subcommands: [Bundle.self]
    )

    struct Bundle: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write versions, settings, figures and log lines to a new .tar.gz, without names and secrets.",
            discussion: """
                Only the program's own words, times and counts get into the file; names, addresses, identifiers and everything \
                else become text-N, equal texts the same N. Keys and patients' data are not read. Look at it before you send \
                it: tar -xzf FILE. What cannot be had is said inside and does not end the command.
                """
        )

        @Option(
            help: "The agent's configuration; left out when there is none.",
            completion: .file(extensions: ["yaml"])
        )
        var agent = "/etc/wardline/agent.yaml"

        @Option(help: "The node's configuration; left out when there is none.", completion: .file(extensions: ["yaml"]))
        var node = "/etc/wardline/node.yaml"

        @Option(
            help: "A log file; the journal of the services by default. May be given several times.",
            completion: .file()
        )
        var log: [String] = []

        @Option(
            help: "A file with metrics that curl fetched from a node. May be given several times.",
            completion: .file()
        )
        var metrics: [String] = []

        @Option(help: "The last lines of each log, 1 to 20000.")
        var lines = 2_000

        @Argument(help: "The file to write; it must not exist.", completion: .file())
        var output: String

        func validate() throws {
            guard (1...20_000).contains(self.lines) else { throw ValidationError("--lines is 1 to 20000") }
        }

        func run() throws {
            try reportingFailure {
                var collection = SupportCollection(linesMax: self.lines)
                collection.addVersions()
                collection.addClock()
                collection.addAgent(self.agent)
                collection.addNode(self.node)
                for (index, file) in self.metrics.enumerated() { collection.addMetrics(file, number: index + 1) }
                if self.log.isEmpty { collection.addJournal() }
                for (index, file) in self.log.enumerated() { collection.addLog(file, number: index + 1) }
                try collection.finish().write(to: self.output)
                try StandardOutput.write("\(self.output): look at it before you send it\n")
            }
        }
    }
}
