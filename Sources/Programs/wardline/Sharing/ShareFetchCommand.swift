import ArgumentParser
import ChainReading
import Consortium
import Credentials
import Foundation
import Receiving
import Requesting
import Synchronization

struct ShareFetchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: "Fetch, verify and decrypt what a share's permissions allow.",
        discussion: """
            Goes as far as it can: keys, grants, envelopes, parts; what is there is not asked for again. The data are in \
            FOLDER/data, beside them provenance.json with the requester's signature. Exit code 3 when something is waited \
            for, 1 when something failed; `wardline share status` says what to do.
            """
    )

    @OptionGroup var participants: ShareParticipants

    @Argument(help: "The share's folder.", completion: .directory)
    var folder: String

    @Option(help: "ndjson, csv or columns.")
    var format: ShareFormat = .ndjson

    @Flag(help: "Go on as new data are anchored, until interrupted.")
    var follow = false

    @Option(help: "Seconds between two rounds with --follow.")
    var interval: UInt64 = 10

    @Option(help: "Seconds that a custodian may take for a grant.")
    var wait: UInt64 = 10

    @Option(help: "Copy data and provenance to this new folder when the round is done.", completion: .directory)
    var output: String?

    @Option(help: "The credential, if a request is still to be made.", completion: .file())
    var credential: String?

    @Option(help: "The folder of proving keys, if a request is still to be made.", completion: .directory)
    var keys: String?

    func validate() throws {
        guard (1...86_400).contains(self.interval), self.wait <= 3_600 else {
            throw ValidationError("--interval is 1 to 86400 and --wait at most 3600")
        }
    }

    func run() async throws {
        try await reportingFailure {
            let folder = try ShareFolder(opening: self.folder)
            let lock = try folder.lock()
            defer { lock.release() }
            let record = try folder.record()
            try await self.participants.connected(isPseudonym: record.isPseudonym) { live, file, identity in
                let key = try ShareKeys.key(of: record, identity)
                try await self.askAgain(folder, key, live, file, identity)
                let fetch = try ShareFetch(
                    folder,
                    parties: live.parties,
                    receiver: key,
                    patience: Int(self.wait) * 1_000
                )
                var outcome: FetchOutcome
                repeat {
                    let bar = FetchBar()
                    outcome = try await fetch.run(self.format) { bar.show($0) }
                    bar.finish()
                    self.report(outcome)
                    guard self.follow else { break }
                    try await Task.sleep(for: .seconds(Int64(self.interval)))
                } while !Task.isCancelled
                if let output = self.output { try Self.copy(folder, to: output) }
                if !outcome.isComplete { throw outcome.isWaiting ? ExitCode(3) : ExitCode.failure }
            }
        }
    }

    /// Requests that did not reach the chain.
    private func askAgain(
        _ folder: ShareFolder,
        _ key: RequesterKey,
        _ live: LiveParties,
        _ file: ConsortiumFile,
        _ identity: Identity
    ) async throws {
        var proofs: (any ProofSource)?
        if let credential = self.credential, let keys = self.keys ?? file.proofKeys {
            proofs = CredentialProver(
                try CredentialStore.read(credential),
                keys: ProvingKeyFolder(keys),
                chain: live.parties.chain,
                clock: live.parties.clock
            )
        }
        let troubles: [(scope: ShareRecord.Scope, trouble: ShareTrouble)]
        if let home = try folder.home() {
            var settings = CarriedRequests.Settings()
            (settings.timeoutBlocks, settings.patience) = (home.timeoutBlocks, self.wait * 1_000)
            let asking = AskingAcross(folder, key, live, identity, home: home, proofs: proofs)
            troubles = try await asking.ask(settings)
        } else {
            troubles = try await AccessAsker(parties: live.parties, receiver: key, proofs: proofs).ask(folder)
        }
        for (scope, trouble) in troubles { StandardError.write("\(scope.scope): \(ShareTexts.text(trouble))") }
    }

    private func report(_ outcome: FetchOutcome) {
        for scope in outcome.scopes {
            let name = scope.scope.scope.prefix(16)
            for fault in scope.faults { StandardError.write("\(fault.isLie ? "false: " : "")\(fault)\n") }
            if !scope.unanchored.isEmpty {
                let first = scope.unanchored[0]
                StandardError.write(
                    "\(name): \(scope.unanchored.count) envelopes are not anchored and were set aside, as \(first)\n"
                )
            }
            StandardError.write(
                "\(name): \(scope.opened) of \(scope.anchored) anchored envelopes, \(scope.fresh) new\n"
            )
            if let trouble = scope.trouble { StandardError.write("\(name): \(ShareTexts.text(trouble))") }
        }
        if let export = outcome.export {
            StandardError.write("\(export.observations) Observations of \(export.envelopes) envelopes written\n")
        }
    }

    /// Data with the statement of where they are from.
    private static func copy(_ folder: ShareFolder, to output: String) throws {
        guard !PrivateFile.exists(output) else { throw CommandFailure("\(output) exists already") }
        let files = FileManager.default
        try files.copyItem(atPath: "\(folder.path)/\(ShareFolder.data)", toPath: output)
        for name in [Provenance.fileName, Provenance.signatureName] {
            try files.copyItem(atPath: "\(folder.path)/\(name)", toPath: "\(output)/\(name)")
        }
    }
}

extension ShareFormat: ExpressibleByArgument {}

/// How far a fetch is, on a terminal.
private final class FetchBar: Sendable {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let width = Mutex(0)

    func show(_ progress: FetchProgress) {
        guard self.isTerminal else { return }
        let counted = progress.anchored > 0 ? ", \(progress.opened) of \(progress.anchored)" : ""
        let line = "\(progress.scope.scope.prefix(16)): \(progress.step.rawValue)\(counted)"
        self.width.withLock { width in
            StandardError.write("\r" + line.padding(toLength: max(width, line.count), withPad: " ", startingAt: 0))
            width = line.count
        }
    }

    func finish() {
        self.width.withLock { width in
            guard self.isTerminal, width > 0 else { return }
            StandardError.write("\r" + String(repeating: " ", count: width) + "\r")
            width = 0
        }
    }
}
