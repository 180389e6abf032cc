import ArgumentParser
import Custodian
import Foundation

struct OwnerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "owner",
        abstract: "Read an institution's own data at a privacy center, and grant it to others.",
        subcommands: [Open.self, OwnerAccountsCommand.self, OwnerReplayCommand.self, OwnerGrantCommand.self]
    )

    struct Open: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Fetch the envelopes of the institution's scopes, verify and decrypt them.",
            discussion: """
                Writes the Observations as NDJSON. It works with the custodian's keys only: neither the gateway that \
                sealed an envelope nor the privacy center that holds it can open it.
                """
        )

        @OptionGroup var options: CustodianOptions
        @OptionGroup var selection: ScopeSelection

        @Option(help: "Address of the privacy center, https://host:port.")
        var privacyCenter: String

        @Option(help: "A new file to write; standard output by default.", completion: .file())
        var output: String?

        @Flag(help: "Write the ids of the Observations only.")
        var idsOnly = false

        @Flag(help: "Write the raw messages instead, as JSON.")
        var messages = false

        @Flag(help: "Write the keys of the gateways' index pages instead, as JSON: secrets.")
        var indexKeys = false

        @Flag(help: "Print the summary as one JSON object.")
        var json = false

        func run() async throws {
            try await reportingFailure {
                let custodian = try self.options.custodian()
                try CustodianService.requireOwner(custodian.identity)
                let scopes = try custodian.registry.scopes().filter(self.selection.matches)
                let opener = try EnvelopeOpener(custodian: custodian, center: self.privacyCenter)
                let target = try LineTarget(path: self.output)
                let summary = try await opener.open(
                    scopes,
                    as: self.wanted,
                    write: target.write,
                    progress: Self.show
                )
                await opener.close()
                try target.finish()
                try self.report(summary)
            }
        }

        private var wanted: OpeningOutput {
            if self.indexKeys { return .indexKeys }
            return self.messages ? .messages : self.idsOnly ? .identifiers : .observations
        }

        private func report(_ summary: OpeningSummary) throws {
            guard self.json else {
                let what = "\(summary.observations) Observations of \(summary.messages) messages"
                return StandardError.write("\(summary.envelopes) envelopes of \(summary.scopes) scopes: \(what)\n")
            }
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            let line = try Array(encoder.encode(summary)) + [UInt8(ascii: "\n")]
            // With Observations on standard output the summary goes where it does not mix with them.
            if self.output == nil {
                StandardError.write(String(decoding: line, as: UTF8.self))
            } else {
                try StandardOutput.write(line)
            }
        }

        /// A line now and then on a terminal, so that nobody wonders.
        private static func show(_ summary: OpeningSummary) {
            guard summary.envelopes.isMultiple(of: 500), isatty(STDERR_FILENO) == 1 else { return }
            StandardError.write("\(summary.envelopes) envelopes, \(summary.observations) Observations\n")
        }
    }
}

/// Collects lines and writes them in large pieces.
final class LineTarget {
    private static let pieceBytes = 1 << 20
    private let path: String?
    private let file: FileHandle
    private var buffer: [UInt8] = []

    init(path: String?) throws {
        self.path = path
        guard let path else {
            self.file = .standardOutput
            return
        }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw ValidationError("cannot create \(path): \(String(cString: strerror(errno)))")
        }
        self.file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    func write(_ line: ArraySlice<UInt8>) throws {
        self.buffer.append(contentsOf: line)
        self.buffer.append(UInt8(ascii: "\n"))
        if self.buffer.count >= Self.pieceBytes { try self.finish() }
    }

    /// Removes the file that was begun: half of the data would pass for all of it.
    func abandon() { if let path { unlink(path) } }

    func finish() throws {
        try self.file.write(contentsOf: Data(self.buffer))
        self.buffer.removeAll(keepingCapacity: true)
    }
}
