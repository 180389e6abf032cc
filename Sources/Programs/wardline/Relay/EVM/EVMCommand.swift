import ArgumentParser

/// Chains with an EVM, one by one: what a gateway does by itself, for trying, for operators and for tests.
struct EVMCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evm",
        abstract: "Work with the broker contract on a chain with an EVM.",
        discussion: """
            The contract and its proofs are described in docs/spec/evm.md. Keys are files of mode 0600 with 64 \
            hexadecimal digits. A node is reached by https, or by http on this machine.
            """,
        subcommands: [
            EVMKeyCommand.self, EVMDeployCommand.self, EVMStatusCommand.self, EVMSendCommand.self,
            EVMFinishCommand.self, EVMProveCommand.self, EVMVerifyCommand.self, EVMAttestCommand.self,
            EVMDeliverCommand.self, EVMRotateCommand.self,
        ]
    )
}
