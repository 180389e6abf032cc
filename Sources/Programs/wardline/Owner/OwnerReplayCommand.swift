import Agent
import ArgumentParser
import Custodian
import DeviceProfiles
import Foundation

struct OwnerReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Read the sealed raw messages again with a mended profile, and write corrected Observations.",
        discussion: """
            For what `wardline device replay` no longer reaches, because the gateway has forgotten the raw messages. They are \
            opened at the privacy centers with the owner's keys, read again and compared with what went out, corrections by \
            gateways among it. An Observation whose content differs is written with status corrected, one that the profile no \
            longer gives with status entered-in-error, both under the identifier that they went out with; what is the same \
            is not written. Patients stay who they were, unless a message names its own and --pseudonym-key is given. Give \
            the output of earlier replays with --issued: no envelope holds it. Exit code 1: messages that the profile cannot \
            read; their Observations stay.
            """
    )

    @OptionGroup var options: CustodianOptions

    @Argument(help: "The mended profile: its file or folder, or its id among --devices.")
    var profile: String

    @Option(help: "Address of a privacy center, https://host:port; several to read what any of them holds.")
    var privacyCenter: [String]

    @Option(help: "A directory of profiles as the gateways have them; needed when topics move between profiles.")
    var devices: [String] = []

    @Option(help: "Messages received since: RFC 3339, or a time such as 90d before now. All by default.")
    var since: String?

    @Option(help: "Messages received before: RFC 3339, or a time such as 72h before now.")
    var until: String?

    @Option(help: "Output of an earlier replay, oldest first.", completion: .file())
    var issued: [String] = []

    @Option(
        help: "The key of the institution's pseudonyms, for messages that name their patients.",
        completion: .file()
    )
    var pseudonymKey: String?

    @Flag(help: "Compute effective times anew, even where the device's own time is the same.")
    var recomputeTimes = false

    @Option(help: "A new file to write; standard output by default.", completion: .file())
    var output: String?

    @Flag(help: "Only say what would change.")
    var dryRun = false

    @Flag(help: "Print the summary as one JSON object.")
    var json = false

    func validate() throws {
        guard !self.privacyCenter.isEmpty else { throw ValidationError("--privacy-center is needed") }
        guard !self.dryRun || self.output == nil else { throw ValidationError("--dry-run writes no --output") }
    }

    func run() async throws {
        try await reportingFailure {
            let custodian = try self.options.custodian()
            try CustodianService.requireOwner(custodian.identity)
            let request = try self.request()
            var replay = try SealedReplay(request)
            try self.takeIssued(into: &replay)
            let scopes = try custodian.registry.scopes()
                .filter { $0.isForReadings && $0.mayHold(fromHour: request.from / 3_600_000) }
            let progress = FileProgress()
            var seen: Set<[UInt8]> = []
            for center in self.privacyCenter {
                let opener = try EnvelopeOpener(custodian: custodian, center: center)
                _ = try await opener.visit(scopes) { envelope in
                    guard seen.insert(envelope.h1).inserted else { return }
                    progress.show("\(seen.count) envelopes")
                    let place = SealedPlace(
                        gateway: envelope.sender,
                        scope: envelope.scope.digest,
                        created: envelope.created,
                        sequence: envelope.sequence
                    )
                    for (bundle, data) in zip(envelope.bundles, envelope.bundleData) {
                        try replay.take(bundle, data: data, at: place)
                    }
                }
                await opener.close()
            }
            progress.finish()
            let summary = try self.write(&replay)
            try self.tell(summary, unnamed: replay.unnamed, request.profile)
            if summary.failing > 0 { throw ExitCode.failure }
        }
    }

    private func request() throws -> SealedReplay.Request {
        let (installed, problems) = ProfileLibrary.load(directories: self.devices)
        for problem in problems { StandardError.write("\(problem)\n") }
        var request = SealedReplay.Request(library: installed, profile: self.profile)
        if self.profile.contains("/") || self.profile.hasSuffix(".yaml") {
            let mended = try ProfileFile.parse(self.profile)
            request.library = ProfileLibrary(profiles: installed.profiles.filter { $0.id != mended.id } + [mended])
            request.profile = mended.id
        }
        request.from = try self.since.map(TimeBeforeNow.moment) ?? 0
        request.to = try self.until.map(TimeBeforeNow.moment) ?? SealedReplay.Request.endOfTime
        request.recomputesTimes = self.recomputeTimes
        if let file = self.pseudonymKey { request.naming = try PatientPseudonyms(keyFile: file).naming }
        return request
    }

    private func takeIssued(into replay: inout SealedReplay) throws {
        for path in self.issued {
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe))
            for line in bytes.split(separator: UInt8(ascii: "\n")) where !replay.take(issued: line) {
                throw ValidationError("\(path) holds a line that is no Observation of a replay")
            }
        }
    }

    private func write(_ replay: inout SealedReplay) throws -> ReplaySummary {
        guard !self.dryRun else { return try replay.run { _ in } }
        let target = try LineTarget(path: self.output)
        do {
            // The target adds line feeds of its own.
            let summary = try replay.run { try target.write($0.dropLast()) }
            try target.finish()
            return summary
        } catch {
            target.abandon()
            throw error
        }
    }

    /// With Observations on standard output the summary goes where it does not mix with them.
    private func tell(_ summary: ReplaySummary, unnamed: Int, _ id: String) throws {
        let isApart = self.dryRun || self.output != nil
        func write(_ text: String) throws {
            if isApart { try StandardOutput.write(text) } else { StandardError.write(text) }
        }
        if self.json {
            var object = summary.object
            object["profile"] = id
            object["dry_run"] = self.dryRun
            object["unnamed"] = unnamed
            return try write(JSONLine.text(object))
        }
        for reason in summary.reasons { StandardError.write("cannot be read: \(reason)\n") }
        if unnamed > 0 {
            StandardError.write(
                "\(unnamed) messages name their patient; without --pseudonym-key she stays whom she was\n"
            )
        }
        let verb = self.dryRun ? "would be written" : "written"
        try write(
            """
            \(summary.lines)\(summary.messages) messages: \(summary.corrected) corrected, \(summary.withdrawn) withdrawn, \
            \(summary.new) new \(verb); \(summary.unchanged) unchanged, \(summary.known) known, \(summary.kept) kept of \
            \(summary.failing) messages that cannot be read

            """
        )
    }
}
