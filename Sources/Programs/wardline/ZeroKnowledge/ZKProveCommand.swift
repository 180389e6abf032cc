import AccessPolicies
import ArgumentParser
import CanonicalBytes
import FiniteFields
import Groth16
import PolicyProofs
import ProofFiles

struct ZKProveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove",
        abstract: "Make a proof that a credential satisfies a policy, for one request.",
        discussion: """
            The proof shows that, the root, the request and a name for this slot of the epoch, nothing else. Which circuit \
            it is, the proving key says. Exit code 1 with the part of policy or statement that does not hold.
            """
    )

    @Option(help: "The credential, complete.", completion: .file())
    var credential: String

    @Option(help: "The path from the credential's leaf to the root.", completion: .file(extensions: ["json"]))
    var path: String

    @OptionGroup var policy: PolicyOptions

    @Option(help: "The proving key of a ceremony.", completion: .file(extensions: ["key"]))
    var provingKey: String

    @Option(
        help: ArgumentHelp(
            "The proving key's digest, from a source that you trust; points are then not checked one by one.",
            valueName: "hex"
        )
    )
    var provingKeyDigest: String?

    @Option(
        help: "JSON with chain, request, certificate, scope, epoch, slot, limit and root.",
        completion: .file(extensions: ["json"])
    )
    var statement: String

    @Option(help: "The proof's file.", completion: .file(extensions: ["json"]))
    var output: String

    func run() throws {
        try reportingFailure {
            let policy = try self.policy.required()
            let digest = try self.provingKeyDigest.map { try ProofInputs.digest($0, "--proving-key-digest") }
            guard let issue = try CredentialStore.read(self.credential).issue else {
                throw CommandFailure("\(self.credential) waits for its issuer; `wardline credential complete` adds it")
            }
            let claim = PolicyProver.Claim(
                statement: try ProofInputs.read(self.statement) { try StatementFile($0) },
                policy: policy,
                issue: issue,
                path: try ProofInputs.read(self.path) { try CredentialPathFile($0) }
            )
            try claim.check()
            let progress = StepProgress()
            progress.step("reading the proving key")
            let key = try ProofInputs.read(self.provingKey, upTo: ProvingKeyHeader.bytesMax) {
                try ProvingKey($0, digest.map { .digest($0) } ?? .pointChecks)
            }
            let prover = try PolicyProver(key, ProofCircuit(ofKey: key.systemDigest, policy: policy.policy))
            let timer = StepProgress()
            progress.step("proving")
            let proof = try prover.prove(claim)
            progress.finish()
            try PublicFile.write(proof.bytes, to: self.output)
            StandardError.write("proved in \(timer.elapsed), \(progress.elapsed) with the key: \(self.output)\n")
            try StandardOutput.write(Columns.text([["nym", proof.statement.nym.bytes.hex]]))
        }
    }
}
