import ArgumentParser
import Foundation
import Node
import PrivacyCenterStore
import Records
import Synchronization

struct NodeScrubCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scrub",
        abstract: "Verify every row, hash and index of the privacy center's store.",
        discussion: "A running center goes on working. Exit code 1 when anything is not as it was written."
    )

    @OptionGroup var file: NodeConfigurationFile

    func run() async throws {
        try await reportingFailure {
            let progress = ScrubProgress()
            let report = try await self.file.storeTools().scrub { progress.show($0) }
            progress.finish()
            try StandardOutput.write(ScrubSummary.text(report))
            if !report.isClean { throw ExitCode.failure }
        }
    }
}

struct NodeBackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Write a consistent copy of the privacy center's store to a new file.",
        discussion: """
            A running center goes on working. FILE.sha256 gets the copy's digest. Keep a copy of share-vault.key from \
            the identity directory apart from it: without that file the shares of grants do not open.
            """
    )

    @OptionGroup var file: NodeConfigurationFile

    @Argument(help: "The file to write; it must not exist.", completion: .file())
    var output: String

    func run() async throws {
        try await reportingFailure {
            let head = try await self.file.storeTools().backUp(to: self.output)
            try StandardOutput.write("\(self.output): \(head.size) envelopes, root \(head.root)\n")
        }
    }
}

struct NodeRestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Fill an empty store from a backup, and scrub it.",
        discussion: "No center may run. Whoever holds later receipts can prove what a backup has not."
    )

    @OptionGroup var file: NodeConfigurationFile

    @Argument(help: "A file that `wardline node backup` wrote.", completion: .file())
    var input: String

    func run() async throws {
        try await reportingFailure {
            let report = try await self.file.storeTools().restore(from: self.input)
            try StandardOutput.write(ScrubSummary.text(report))
            if !report.isClean { throw ExitCode.failure }
        }
    }
}

/// Findings as they come, and how far a scrub is, on standard error.
final class ScrubProgress: Sendable {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let lastPercent = Mutex<[String: UInt64]>([:])

    func show(_ event: ScrubEvent) {
        switch event {
        case .finding(let finding): StandardError.write("\(self.isTerminal ? "\r" : "")\(finding)\n")
        case .progress(let place, let done, let total):
            guard self.isTerminal, total > 0 else { return }
            let percent = done * 100 / total
            let isNew = self.lastPercent.withLock { $0.updateValue(percent, forKey: place) != percent }
            if isNew { StandardError.write("\r\(place): \(percent) %   ") }
        }
    }

    func finish() { if self.isTerminal { StandardError.write("\r") } }
}

/// A scrub's report for people.
enum ScrubSummary {
    static func text(_ report: ScrubReport) -> String {
        let counts =
            "\(report.envelopes) envelopes (\(report.envelopeBytes) bytes), \(report.nodes) hashes, "
            + "\(report.certificates) certificates, \(report.rekeys) grants, \(report.nonces) nonces, "
            + "\(report.pages) pages\n"
        let verdict = report.isClean ? "nothing is damaged\n" : "\(report.findingCount) findings\n"
        return counts + report.notes.map { "\($0)\n" }.joined() + verdict
    }
}
