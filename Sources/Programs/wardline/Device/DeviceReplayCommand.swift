import Agent
import ArgumentParser
import DeviceProfiles
import Foundation
import Spool
import StrictYAML

extension DeviceCommand {
    /// Reads stored messages again with a mended profile.
    struct Replay: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read the stored raw messages again with a mended profile, and issue corrected Observations.",
            discussion: """
                Works on the messages that the agent still keeps (spool.retention_hours, 72 by default), beside the running \
                agent. An Observation whose content differs is issued again with status corrected, one that the profile no \
                longer gives with status entered-in-error, both under the identifier that they went out with; they take \
                the way of every Observation. What is the same is not sent. Run it again after an interruption: a second \
                run finds nothing to do. Look first with --dry-run.
                """
        )

        @OptionGroup var file: ConfigurationFile

        @Argument(help: "The profile's id; with --dry-run also the file of a draft.")
        var profile: String

        @Option(help: "Messages received since: RFC 3339, or a time such as 90m, 24h, 3d before now. All by default.")
        var since: String?

        @Flag(help: "Only say what would change.")
        var dryRun = false

        @Flag(help: "One JSON object.")
        var json = false

        @Flag(help: "Compute effective times anew, even where the device's own time is the same.")
        var recomputeTimes = false

        @Option(help: "Show this many changed Observations before and after. They are patients' data.")
        var show = 0

        func validate() throws {
            guard (0...1_000).contains(self.show) else { throw ValidationError("--show takes 0 to 1000") }
            guard self.dryRun || !self.profile.contains("/") else {
                throw ValidationError("install the profile first; a file can only be tried with --dry-run")
            }
        }

        func run() throws {
            try reportingFailure {
                let configuration = try self.file.load()
                var request = ProfileReplay.Request(profile: self.profile)
                if self.profile.contains("/") {
                    let draft = try ProfileFile.parse(self.profile)
                    request.profile = draft.id
                    request.draft = draft
                }
                request.since = try self.since.map(TimeBeforeNow.moment)
                request.isDryRun = self.dryRun
                request.recomputesTimes = self.recomputeTimes
                request.examplesMax = self.show
                let replay = try ProfileReplay(configuration: configuration, request: request)
                let progress = FileProgress()
                let summary = try replay.run { replay in
                    let changed = replay.summary.corrected + replay.summary.withdrawn + replay.summary.new
                    progress.show("\(replay.seen) of \(replay.total) messages, \(changed) Observations differ")
                }
                progress.finish()
                try self.tell(summary, replay.examples)
                if summary.failing > 0 { throw ExitCode.failure }
            }
        }

        private func tell(_ summary: ReplaySummary, _ examples: [ProfileReplay.Example]) throws {
            if self.json { return try StandardOutput.write(JSONLine.text(self.object(summary))) }
            try StandardOutput.write(summary.lines)
            for example in examples {
                if !example.before.isEmpty { try StandardOutput.write(Array("- ".utf8) + example.before + [10]) }
                try StandardOutput.write(Array("+ ".utf8) + example.after)
            }
            for reason in summary.reasons { StandardError.write("cannot be read: \(reason)\n") }
            let verb = self.dryRun ? "would be issued" : "issued"
            try StandardOutput.write(
                """
                \(summary.messages) messages since \(Moment.text(summary.from)): \(summary.corrected) corrected, \
                \(summary.withdrawn) withdrawn, \(summary.new) new \(verb); \(summary.unchanged) unchanged, \
                \(summary.known) known, \(summary.kept) kept of \(summary.failing) messages that cannot be read

                """
            )
        }

        private func object(_ summary: ReplaySummary) -> [String: Any] {
            summary.object.merging(["profile": self.profile, "dry_run": self.dryRun]) { $1 }
        }
    }
}

extension ReplaySummary {
    /// The kinds of difference, a line each.
    var lines: String {
        self.table.map { difference, count in
            let codes = [difference.from, difference.to].filter { !$0.isEmpty }
            let code = codes.count == 2 && codes[0] == codes[1] ? codes[0] : codes.joined(separator: " -> ")
            return "\(count)\t\(difference.kind)\t\(code)\t\(difference.respects.joined(separator: ", "))\n"
        }.joined()
    }

    /// Everything, for programs.
    var object: [String: Any] {
        [
            "from": Moment.text(self.from), "messages": self.messages, "unchanged": self.unchanged,
            "corrected": self.corrected, "withdrawn": self.withdrawn, "new": self.new, "known": self.known,
            "failing": self.failing, "kept": self.kept, "reasons": self.reasons,
            "differences": self.table.map { difference, count in
                [
                    "kind": difference.kind, "from": difference.from, "to": difference.to,
                    "respects": difference.respects, "count": count,
                ] as [String: Any]
            },
        ]
    }
}

/// A profile that people name by its file or its folder.
enum ProfileFile {
    static func parse(_ path: String) throws -> DeviceProfile {
        var path = path
        var isDirectory: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue {
            path += "/profile.yaml"
        }
        return try ProfileParser.parse(ProfileLibrary.text(of: path), file: path)
    }
}

/// Times that people give before now.
enum TimeBeforeNow {
    /// Milliseconds since 1970 of `90m`, `24h` or `3d` before now, or of an RFC 3339 time.
    static func moment(_ text: String) throws -> Int64 {
        let units: [Character: Int64] = ["s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
        guard let last = text.last, let unit = units[last], let count = Int64(text.dropLast()), count >= 0,
            count < 1_000_000
        else { return try Moment.parse(text) }
        return systemMilliseconds() - count * unit
    }
}
