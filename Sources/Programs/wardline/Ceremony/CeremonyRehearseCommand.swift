import ArgumentParser
import ProofFiles
import SetupCeremony
import Transcripts

struct CeremonyRehearseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse",
        abstract: "Hold a whole ceremony in one process, to try things out.",
        discussion: """
            The secrets of all members pass through this process and the beacon is its own random number: whoever runs it \
            could forge proofs. A real ceremony has `contribute` on each member's machine. Repeated, it goes on where it \
            was; some minutes for the universal circuit on two processors.
            """
    )

    @OptionGroup var directory: CeremonyDirectory
    @OptionGroup var purpose: CeremonyPurpose

    @Option(help: "A member's name; may be repeated.")
    var member: [String]

    @Option(help: "The directory of the keys.", completion: .directory)
    var output: String

    @Flag(help: "Write the proving key with both coordinates of each point: twice as long, and read faster.")
    var uncompressed = false

    func validate() throws {
        guard !self.member.isEmpty else { throw ValidationError("name a member with --member") }
    }

    func run() throws {
        try reportingFailure {
            _ = try CeremonyFolder.make(self.directory.directory, self.purpose.plan())
            let progress = StepProgress()
            let rows = try self.directory.replayed(progress) { folder, replay in
                while let phase = replay.phase { try self.hold(phase, folder, &replay, progress) }
                return try replay.writeKeys(to: self.output, folder, isCompressed: !self.uncompressed, progress)
            }
            progress.finish()
            StandardError.write("held in \(progress.elapsed)\n")
            try StandardOutput.write(Columns.text(rows))
        }
    }

    private func hold(
        _ phase: CeremonyFault.Phase,
        _ folder: CeremonyFolder,
        _ replay: inout CeremonyReplay,
        _ progress: StepProgress
    ) throws {
        let present = replay.entries.filter { $0.phase == phase }.map(\.author)
        for member in self.member.map(CeremonyAuthor.member) where !present.contains(member) {
            try replay.add(member, to: phase, folder, progress)
        }
        try replay.add(.beacon(SecureRandom.bytes(32), doublings: 10), to: phase, folder, progress)
    }
}
