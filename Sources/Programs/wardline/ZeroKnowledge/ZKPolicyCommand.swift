import AccessPolicies
import ArgumentParser
import Contracts

struct ZKPolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "State what has to be proven for an organization's data.",
        subcommands: [Set.self, Withdraw.self]
    )

    /// Whose policy it is.
    struct Scope: ParsableArguments {
        @Option(help: "The scope's digest, 64 hexadecimal digits; without it all scopes without a policy of their own.")
        var scope: String?

        func digest() throws -> [UInt8] {
            try self.scope.map { try ProofInputs.digest($0, "--scope") } ?? SetPolicy.everyScope
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "State, or replace, a policy, as a steward, custodian or institution of the organization.",
            discussion: """
                With --permission-seconds 0 an owner decides about each proven request, with `wardline chain submit` of \
                access.permit; otherwise a proof brings a permission of that length at once.
                """
        )
        @OptionGroup var options: ValidatorOptions
        @OptionGroup var genesis: GenesisOption
        @OptionGroup var scope: Scope
        @OptionGroup var policy: PolicyOptions

        @Option(help: "The registered circuit's identifier, 64 hexadecimal digits.")
        var circuit: String

        @Option(help: "Length of the permission that a proof brings.")
        var permissionSeconds: UInt64

        func run() async throws {
            try await reportingFailure {
                let arguments = SetPolicy(
                    scope: try self.scope.digest(),
                    circuit: try ProofInputs.digest(self.circuit, "--circuit"),
                    permissionSeconds: self.permissionSeconds,
                    text: try self.policy.required().policy.text
                )
                try await ChainAccess.with(self.options, self.genesis) { access in
                    try await ChainSubmission(access: access).submit(arguments)
                }
            }
        }
    }

    struct Withdraw: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a policy: requests for it are refused.")
        @OptionGroup var options: ValidatorOptions
        @OptionGroup var genesis: GenesisOption
        @OptionGroup var scope: Scope

        func run() async throws {
            try await reportingFailure {
                let arguments = WithdrawPolicy(scope: try self.scope.digest())
                try await ChainAccess.with(self.options, self.genesis) { access in
                    try await ChainSubmission(access: access).submit(arguments)
                }
            }
        }
    }
}
