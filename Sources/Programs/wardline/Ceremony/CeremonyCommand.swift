import AccessPolicies
import ArgumentParser
import CanonicalBytes
import ConstraintSystems
import Credentials
import ProofFiles
import SetupCeremony

struct CeremonyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ceremony",
        abstract: "Make the keys of proofs together, so that nobody can forge one.",
        discussion: """
            Two phases: powers of tau, then the circuit. In each, members contribute one after the other and a beacon ends \
            it. If one member of each phase is honest, nobody knows the secrets behind the keys. The directory holds \
            public files only; pass it on in any way. docs/zero-knowledge.md shows a whole ceremony.
            """,
        subcommands: [
            CeremonyInitCommand.self, CeremonyContributeCommand.self, CeremonyVerifyCommand.self,
            CeremonyFinishCommand.self, CeremonyRehearseCommand.self,
        ]
    )
}

/// `--directory`.
struct CeremonyDirectory: ParsableArguments {
    @Option(help: "The ceremony's directory.", completion: .directory)
    var directory: String

    /// Opens the directory, verifies what is in it, and runs the body while no other command changes it.
    func replayed<Value>(
        _ progress: StepProgress,
        _ body: (CeremonyFolder, inout CeremonyReplay) throws -> Value
    ) throws -> Value {
        let folder = try CeremonyFolder(self.directory)
        let lock = try DirectoryLock(self.directory)
        defer { lock.release() }
        let circuit = try folder.plan.circuit()
        var replay = try folder.replay(circuit.circuit.system) { progress.step($0) }
        return try body(folder, &replay)
    }
}

extension CeremonyFault.Phase: ExpressibleByArgument {
    public static var allValueStrings: [String] { ["powers", "circuit"] }
}

extension CeremonyReplay {
    /// Makes, verifies and stores the next contribution of a phase.
    mutating func add(
        _ author: CeremonyAuthor,
        to phase: CeremonyFault.Phase,
        _ folder: CeremonyFolder,
        _ progress: StepProgress
    ) throws {
        progress.step("contributing to the \(phase.rawValue) phase")
        let contribution = try self.contribution(of: author, to: phase)
        progress.step("verifying the contribution")
        try self.accept(contribution, to: phase)
        try folder.add(contribution, to: phase)
    }
}

extension CeremonyReplay.Entry {
    /// `powers  2  5f…  clinic`.
    var row: [String] { [self.phase.rawValue, "\(self.index)", self.digest.hex, self.author.description] }
}

/// What a ceremony is for.
struct CeremonyPurpose: ParsableArguments {
    @Option(help: "universal: a circuit for all policies. Otherwise name a policy.")
    var circuit: String?

    @OptionGroup var policy: PolicyOptions

    @Option(help: "Names the chain and the purpose; members compare it. 1 to 255 bytes.")
    var label: String

    func validate() throws {
        let hasPolicy = self.policy.policy != nil || self.policy.policyFile != nil
        guard self.circuit == nil || self.circuit == "universal" else {
            throw ValidationError("--circuit is universal; for the circuit of one policy use --policy")
        }
        guard (self.circuit == nil) == hasPolicy else {
            throw ValidationError("use --circuit universal, or --policy or --policy-file")
        }
    }

    func plan() throws -> CeremonyPlan {
        let written = try self.policy.read()
        return try CeremonyPlan(label: self.label, ProofCircuit(written.map { .policy($0.policy) } ?? .universal))
    }
}

struct CeremonyInitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Begin a ceremony: an empty transcript for one circuit.",
        discussion: "May be repeated; a directory with another ceremony is refused."
    )

    @OptionGroup var directory: CeremonyDirectory
    @OptionGroup var purpose: CeremonyPurpose

    func run() throws {
        try reportingFailure {
            let plan = try self.purpose.plan()
            let folder = try CeremonyFolder.make(self.directory.directory, plan)
            try StandardOutput.write(
                Columns.text([
                    ["label", folder.plan.start.label], ["circuit", plan.kind.name], ["system", plan.system.hex],
                    ["powers", "2^\(plan.start.logarithm)"], ["start", plan.start.digest.hex],
                ])
            )
        }
    }
}

struct CeremonyContributeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contribute",
        abstract: "Add fresh secrets, prove it, and forget them.",
        discussion: """
            All contributions before are verified first. Secrets come from the system's generator and are wiped; they are \
            never stored. Tell the others the digest that is printed, by a way that they trust.
            """
    )

    @OptionGroup var directory: CeremonyDirectory

    @Option(help: "Contribute under the name of this identity.", completion: .directory)
    var identity: String?

    @Option(help: "Contribute under this name, 1 to 255 bytes.")
    var name: String?

    func validate() throws {
        guard (self.identity == nil) != (self.name == nil) else {
            throw ValidationError("use either --identity or --name")
        }
    }

    func run() throws {
        try reportingFailure {
            let name = try self.name ?? "\(Identity.load(directory: self.identity ?? "").name)"
            let progress = StepProgress()
            let entry = try self.directory.replayed(progress) { folder, replay in
                guard let phase = replay.phase else { throw CommandFailure("the ceremony has ended") }
                try replay.add(.member(name), to: phase, folder, progress)
                return replay.entries.last
            }
            progress.finish()
            StandardError.write("contributed in \(progress.elapsed)\n")
            if let entry { try StandardOutput.write(Columns.text([entry.row])) }
        }
    }
}
