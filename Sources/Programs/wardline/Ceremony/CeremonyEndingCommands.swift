import ArgumentParser
import CanonicalBytes
import Groth16
import ProofFiles
import SetupCeremony

struct CeremonyVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verify every contribution from the start.",
        discussion: """
            Columns: phase, place, digest, author. Exit code 1 with phase, place and author of the first contribution that \
            is wrong.
            """
    )

    @OptionGroup var directory: CeremonyDirectory

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        try reportingFailure {
            let progress = StepProgress()
            let replay = try self.directory.replayed(progress) { _, replay in replay }
            progress.finish()
            StandardError.write("verified in \(progress.elapsed)\n")
            let next = replay.phase.map { "\($0.rawValue) phase is open" } ?? "complete"
            guard self.json else {
                return try StandardOutput.write(Columns.text(replay.entries.map(\.row)) + "\(next)\n")
            }
            let entries = replay.entries.map { entry in
                [
                    "phase": entry.phase.rawValue, "index": entry.index, "author": entry.author.description,
                    "digest": entry.digest.hex,
                ] as [String: Any]
            }
            try StandardOutput.write(
                JSONLine.text([
                    "valid": true, "complete": replay.phase == nil, "digest": replay.digest.hex,
                    "contributions": entries,
                ])
            )
        }
    }
}

struct CeremonyFinishCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "finish",
        abstract: "End a phase with a beacon; after the second one write the keys.",
        discussion: """
            The beacon is a public value that nobody could predict when the last member contributed, for example the digest \
            of a block at a height that was announced before. May be repeated with the same beacon: the keys follow from \
            the transcript.
            """
    )

    @OptionGroup var directory: CeremonyDirectory

    @Option(help: "powers, then circuit.")
    var phase: CeremonyFault.Phase

    @Option(help: "The beacon, 2 to 510 hexadecimal digits.")
    var beacon: String

    @Option(help: "The beacon is hashed 2^N times, 0 to 24.")
    var doublings: UInt8 = 10

    @Option(help: "With --phase circuit: the directory of the keys.", completion: .directory)
    var output: String?

    @Flag(help: "Write the proving key with both coordinates of each point: twice as long, and read faster.")
    var uncompressed = false

    func validate() throws {
        guard (self.phase == .circuit) == (self.output != nil) else {
            throw ValidationError("--output is for --phase circuit, which writes the keys")
        }
        guard [UInt8](hex: self.beacon).map({ (1...255).contains($0.count) }) ?? false else {
            throw ValidationError("--beacon has 2 to 510 hexadecimal digits")
        }
        guard self.doublings <= CeremonyAuthor.doublingsMax else { throw ValidationError("--doublings is 0 to 24") }
    }

    func run() throws {
        try reportingFailure {
            let beacon = CeremonyAuthor.beacon([UInt8](hex: self.beacon) ?? [], doublings: self.doublings)
            // Before the long work of the replay.
            guard try CeremonyFolder(self.directory.directory).count(self.phase) > 0 else {
                throw CommandFailure(
                    "nobody has contributed to the \(self.phase.rawValue) phase yet; powers comes first, then circuit"
                )
            }
            let progress = StepProgress()
            let rows = try self.directory.replayed(progress) { folder, replay in
                try self.end(beacon, folder, &replay, progress)
                guard let output = self.output else { return [["powers", replay.digest.hex]] }
                return try replay.writeKeys(to: output, folder, isCompressed: !self.uncompressed, progress)
            }
            progress.finish()
            StandardError.write("finished in \(progress.elapsed)\n")
            try StandardOutput.write(Columns.text(rows))
        }
    }

    /// Ends the phase unless this beacon has done so already.
    private func end(
        _ beacon: CeremonyAuthor,
        _ folder: CeremonyFolder,
        _ replay: inout CeremonyReplay,
        _ progress: StepProgress
    ) throws {
        if let present = replay.beacon(of: self.phase) {
            guard present == beacon else {
                throw CommandFailure("the \(self.phase.rawValue) phase has ended with \(present)")
            }
            return
        }
        guard replay.phase == self.phase else {
            throw CommandFailure("the powers phase has not ended; `--phase powers` comes first")
        }
        try replay.add(beacon, to: self.phase, folder, progress)
    }
}

extension CeremonyReplay {
    /// Writes the keys of a ceremony that has ended.
    ///
    /// - Returns: their digests, a row each.
    func writeKeys(
        to directory: String,
        _ folder: CeremonyFolder,
        isCompressed: Bool,
        _ progress: StepProgress
    ) throws -> [[String]] {
        progress.step("computing the keys")
        let keys = try CeremonyKeys(self.finish(), folder.plan, isCompressed: isCompressed)
        try keys.write(to: directory, folder.transcript())
        return [
            ["transcript", keys.transcriptDigest.hex],
            ["verification key", keys.verificationKey.digest.hex, "\(keys.verificationKey.bytes.count) bytes"],
            ["proving key", keys.provingKeyDigest.hex, "\(keys.provingKey.count) bytes"],
        ]
    }
}
