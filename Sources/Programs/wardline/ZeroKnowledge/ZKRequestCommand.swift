import AccessPolicies
import ArgumentParser
import CanonicalBytes
import Certificates
import Contracts
import Credentials
import FiniteFields
import Foundation
import PolicyProofs
import ProofFiles
import Transcripts

struct ZKRequestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request",
        abstract: "Ask for a scope's data with a proof, and wait for the block.",
        discussion: """
            The transaction is signed by the identity, which everybody sees; only a request under a pseudonym hides who asks. \
            Prints the transaction's identifier. Exit code 1 with the contract's code when it was refused.
            """
    )

    @OptionGroup var options: ValidatorOptions
    @OptionGroup var genesis: GenesisOption
    @OptionGroup var policy: PolicyOptions

    @Option(help: "The statement that was proven.", completion: .file(extensions: ["json"]))
    var statement: String

    @Option(help: "The proof.", completion: .file(extensions: ["json"]))
    var proof: String

    @Option(help: "The registered circuit's identifier, 64 hexadecimal digits.")
    var circuit: String

    @Option(name: .customLong("org"), help: "Whose data it is.")
    var organization: String

    @Option(help: "A code of 1 to 64 characters, for example research.")
    var purpose: String

    @Option(help: "Seconds in which it has to be decided.")
    var seconds: UInt64 = 86_400

    func run() async throws {
        try await reportingFailure {
            let statement = try ProofInputs.read(self.statement) { try StatementFile($0) }
            let proof = try ProofInputs.read(self.proof) { try ProofFile($0) }
            let policy = try self.policy.required().policy
            // What differs is told here with its name, before it costs a transaction.
            try FileFailure.naming(self.proof) { try proof.check(statement, policy) }
            let arguments = ProveAccess(
                access: RequestAccess(
                    request: statement.request,
                    scope: statement.scope,
                    policy: policy.digest,
                    organization: self.organization,
                    purpose: self.purpose,
                    nonce: SecureRandom.bytes(32),
                    expires: (Seconds.now + self.seconds) * 1_000
                ),
                circuit: try ProofInputs.digest(self.circuit, "--circuit"),
                root: statement.root,
                epoch: statement.epoch,
                slot: statement.slot,
                nym: proof.statement.nym.bytes,
                requester: statement.certificate,
                nonce: proof.statement.nonce.bytes,
                proof: proof.proof
            )
            try await ChainAccess.with(self.options, self.genesis) { access in
                guard access.identity.certificate.digest == statement.certificate else {
                    throw CommandFailure("the proof was made for another certificate than the identity's present one")
                }
                try await ChainSubmission(access: access).submit(arguments)
            }
        }
    }
}
