import Agent
import ArgumentParser
import Foundation
import Spool

struct SpoolCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spool",
        abstract: "Examine and read the agent's spool.",
        subcommands: [Stats.self, Export.self, ForgetSink.self, GenerateKey.self]
    )

    struct Stats: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what became of every message, and how full the spool is."
        )

        @OptionGroup var file: ConfigurationFile

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() throws {
            try reportingFailure {
                let figures = try SpoolFigures(self.file.store().statistics())
                let encoder = JSONEncoder()
                encoder.outputFormatting = .sortedKeys
                try StandardOutput.write(
                    self.json ? Array(encoder.encode(figures)) + [UInt8(ascii: "\n")] : Array(figures.table.utf8)
                )
            }
        }
    }

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the spool's Observations as NDJSON, oldest first."
        )

        @OptionGroup var file: ConfigurationFile

        @Option(help: "A new file to write; standard output by default.", completion: .file())
        var output: String?

        @Option(help: "Start behind this sequence number.")
        var after: Int64 = 0

        func run() throws {
            try reportingFailure {
                let spool = try self.file.store().spool
                let target = try self.target()
                var sequence = self.after
                while let chunk = try spool.observations(after: sequence).first {
                    try target.write(contentsOf: Data(chunk.lines))
                    sequence = chunk.lastSequence
                }
                if self.output != nil { try target.synchronize() }
                StandardError.write("last sequence: \(sequence)\n")
            }
        }

        private func target() throws -> FileHandle {
            guard let path = self.output else { return .standardOutput }
            let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else {
                throw ValidationError("cannot create \(path): \(String(cString: strerror(errno)))")
            }
            return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        }
    }

    struct ForgetSink: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "forget-sink",
            abstract: "Forget a sink that is no longer configured, so that it holds back pruning no more.",
            discussion: "A sink that is configured again under this name starts with the oldest Observation."
        )

        @OptionGroup var file: ConfigurationFile

        @Argument(help: "The sink's name.")
        var name: String

        func run() throws {
            try reportingFailure {
                let configuration = try self.file.load()
                guard !configuration.sinks.contains(where: { $0.name == self.name }) else {
                    throw ValidationError("\(self.name) is still configured")
                }
                try AgentStore(configuration: configuration).spool.removeSink(self.name)
            }
        }
    }

    struct GenerateKey: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "generate-key",
            abstract: "Make a random 32-byte key in a new file that only its owner can read."
        )

        @Argument(help: "The file to make.", completion: .file())
        var path: String

        func run() throws { try reportingFailure { try MasterKey.generate(at: self.path) } }
    }
}

/// The spool's accounts as people and scripts read them.
struct SpoolFigures: Encodable {
    let received, normalized, duplicate, deadLettered, ignored, redelivered: Int64
    let observations, suppressed, backlogMessages, backlogBatches, deadLettersOpen, inboxBytes, spoolBytes: Int64

    init(_ statistics: SpoolStatistics) {
        let counts = statistics.messages
        self.received = counts.received
        self.normalized = counts.normalized
        self.duplicate = counts.duplicate
        self.deadLettered = counts.deadLettered
        self.ignored = counts.ignored
        self.redelivered = counts.redelivered
        self.observations = statistics.observationsStored
        self.suppressed = statistics.observationsSuppressed
        self.backlogMessages = statistics.backlog.messages
        self.backlogBatches = statistics.backlog.batches
        self.deadLettersOpen = statistics.deadLettersOpen
        self.inboxBytes = statistics.sizes.inbox + statistics.sizes.inboxLog
        self.spoolBytes = statistics.sizes.spool + statistics.sizes.spoolLog
    }

    var table: String {
        let rows: [(String, Int64)] = [
            ("messages processed", self.received), ("  normalized", self.normalized),
            ("  duplicates", self.duplicate), ("  dead letters", self.deadLettered), ("  ignored", self.ignored),
            ("  redelivered", self.redelivered), ("messages waiting", self.backlogMessages),
            ("observations", self.observations), ("  suppressed", self.suppressed),
            ("dead letters open", self.deadLettersOpen), ("inbox bytes", self.inboxBytes),
            ("spool bytes", self.spoolBytes),
        ]
        return rows.map { name, value in name.padding(toLength: 22, withPad: " ", startingAt: 0) + "\(value)\n" }
            .joined()
    }
}
