import AccessPolicies
import ArgumentParser
import CanonicalBytes
import Credentials
import Groth16
import ProofFiles

struct ZKVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verify a proof.",
        discussion: """
            With --statement and the policy it is also checked that the proof is for just these: without them a valid proof \
            shows something about the public inputs that it names, and not what they stand for. Exit code 0 if it is valid, \
            1 with the reason if not.
            """
    )

    @Argument(help: "The proof.", completion: .file(extensions: ["json"]))
    var proof: String

    @Option(help: "The verification key, from a source that you trust.", completion: .file(extensions: ["key"]))
    var verificationKey: String

    @Option(help: "What the proof has to be for.", completion: .file(extensions: ["json"]))
    var statement: String?

    @OptionGroup var policy: PolicyOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard (self.statement == nil) == (self.policy.policy == nil && self.policy.policyFile == nil) else {
            throw ValidationError("--statement and the policy come together")
        }
    }

    func run() throws {
        try reportingFailure {
            let key = try ProofInputs.read(self.verificationKey) { try VerificationKey($0) }
            let expected = try self.expected()
            let start = ContinuousClock.now
            do {
                let file = try ProofFile(PrivateFile.read(self.proof, upTo: 1 << 16, isSecret: false))
                try file.verify(key)
                if let (statement, policy) = expected { try file.check(statement, policy.policy) }
            } catch let failure as ProtocolFailure {
                try self.report(["valid": false, "code": failure.code.rawValue, "reason": failure.detail]) {
                    "refused: \(failure)\n"
                }
                throw ExitCode.failure
            }
            let elapsed = StepProgress.text(ContinuousClock.now - start)
            if expected == nil {
                StandardError.write("valid for the inputs that it names; --statement says what they should be\n")
            }
            try self.report(["valid": true, "statement": expected != nil]) { "valid (\(elapsed))\n" }
        }
    }

    private func expected() throws -> (StatementFile, WrittenPolicy)? {
        guard let path = self.statement else { return nil }
        return (try ProofInputs.read(path) { try StatementFile($0) }, try self.policy.required())
    }

    private func report(_ object: [String: Any], _ text: () -> String) throws {
        try StandardOutput.write(self.json ? JSONLine.text(object) : text())
    }
}
