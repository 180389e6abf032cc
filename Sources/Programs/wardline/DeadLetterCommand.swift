import Agent
import ArgumentParser
import Foundation
import Records
import Spool

struct DeadLetterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deadletter",
        abstract: "See the messages that could not be read, and replay them once the profile is mended.",
        subcommands: [List.self, Show.self, Replay.self, Delete.self]
    )

    /// Which letters.
    struct Filter: ParsableArguments {
        @Option(help: "Only letters of this profile.")
        var profile: String?

        @Option(help: "Only letters with this reason code.")
        var reason: String?

        @Option(help: "Only letters seen since, RFC 3339.")
        var since: String?

        @Option(help: "At most this many.")
        var limit = 1_000

        func value() throws -> DeadLetterFilter {
            var filter = DeadLetterFilter()
            filter.profile = self.profile
            filter.reasonCode = self.reason
            filter.since = try self.since.map { try Moment.parse($0) }
            filter.limit = self.limit
            return filter
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List open dead letters.")

        @OptionGroup var file: ConfigurationFile
        @OptionGroup var filter: Filter

        @Flag(help: "Only count them, by profile and reason.")
        var summary = false

        func run() throws {
            try reportingFailure {
                let spool = try self.file.store().spool
                if self.summary {
                    for group in try spool.deadLetterGroups() {
                        try StandardOutput.write(
                            "\(group.profile ?? "-")\t\(group.reasonCode)\t\(group.letters) letters\t\(group.messages) messages\n"
                        )
                    }
                    return
                }
                for letter in try spool.deadLetters(self.filter.value()) {
                    try StandardOutput.write(
                        "\(letter.id)\t\(Moment.text(letter.lastSeen))\t\(letter.count)x\t\(letter.letter.profile ?? "-")\t"
                            + "\(letter.letter.topic)\t\(letter.letter.reasonText)\n"
                    )
                }
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one dead letter with its payload.",
            discussion: "The payload is a patient's data: handle what this prints accordingly."
        )

        @OptionGroup var file: ConfigurationFile

        @Argument(help: "The letter's number.")
        var id: Int64

        @Flag(help: "Write only the payload's bytes, for wardline device test.")
        var payloadOnly = false

        func run() throws {
            try reportingFailure {
                guard let stored = try self.file.store().spool.deadLetter(self.id) else {
                    throw ValidationError("there is no dead letter \(self.id); wardline deadletter list shows them")
                }
                if self.payloadOnly { return try StandardOutput.write(stored.letter.payload) }
                let letter = stored.letter
                try StandardOutput.write(
                    """
                    number    \(stored.id)
                    topic     \(letter.topic)
                    profile   \(letter.profile ?? "-")
                    reason    \(letter.reasonText)
                    code      \(letter.reasonCode)
                    seen      \(stored.count) times, from \(Moment.text(stored.firstSeen)) to \(Moment.text(stored.lastSeen))
                    state     \(stored.outcome ?? "open")
                    payload   \(letter.payload.count) bytes
                    \(PayloadText.readable(letter.payload))

                    """
                )
            }
        }
    }

    struct Replay: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send dead letters through the profiles installed now.",
            discussion: "Letters that give their readings are resolved; the others stay. Nothing is counted twice."
        )

        @OptionGroup var file: ConfigurationFile
        @OptionGroup var filter: Filter

        @Argument(help: "Numbers of letters; all that match the options by default.")
        var ids: [Int64] = []

        func run() throws {
            try reportingFailure {
                let configuration = try self.file.load()
                let spool = try AgentStore(configuration: configuration).spool
                let letters =
                    try self.ids.isEmpty
                    ? spool.deadLetters(self.filter.value()) : self.ids.compactMap { try spool.deadLetter($0) }
                let summary = try DeadLetterReplay(configuration: configuration).run(letters)
                for (id, reason) in summary.failing { StandardError.write("\(id): \(reason)\n") }
                try StandardOutput.write(
                    "\(summary.resolved) of \(summary.tried) letters resolved, \(summary.observations) new observations\n"
                )
                if summary.resolved < summary.tried { throw ExitCode.failure }
            }
        }
    }
}

extension DeadLetterCommand {
    struct Delete: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete dead letters for good.",
            discussion:
                "The messages are lost then. To pass over messages of a kind, give their profile an ignore rule."
        )

        @OptionGroup var file: ConfigurationFile

        @Argument(help: "Numbers of letters.")
        var ids: [Int64]

        func run() throws {
            try reportingFailure {
                let spool = try self.file.store().spool
                for id in self.ids where try !spool.deleteDeadLetter(id) {
                    throw ValidationError("there is no dead letter \(id)")
                }
            }
        }
    }
}

/// Shows bytes to people.
enum PayloadText {
    static func readable(_ bytes: [UInt8]) -> String {
        let isText = bytes.allSatisfy { $0 >= 32 && $0 != 127 || [9, 10, 13].contains($0) }
        if isText, let text = String(validating: bytes, as: UTF8.self) {
            return text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
        }
        return stride(from: 0, to: bytes.count, by: 16).map { start in
            bytes[start..<min(start + 16, bytes.count)].map { byte in
                String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
            }.joined(separator: " ")
        }.joined(separator: "\n")
    }
}
