import ArgumentParser

struct ChainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chain",
        abstract: "Found a consortium's chain, look into it, take part in its decisions, and check it offline.",
        discussion: """
            A chain has two channels, access and index. What these commands show of blocks and transactions is proven by \
            the validators' certificates against the genesis that you name, whatever a validator says.
            """,
        subcommands: [
            ChainKeygenCommand.self, ChainInitCommand.self, ChainStatusCommand.self, ChainBlocksCommand.self,
            ChainBlockCommand.self, ChainTransactionCommand.self, ChainStateCommand.self, ChainSubmitCommand.self,
            ChainProposeCommand.self, ChainApproveCommand.self, ChainRejectCommand.self, ChainWithdrawCommand.self,
            ChainRevokeListCommand.self, ChainFollowCommand.self, ChainExportCommand.self, ChainVerifyCommand.self,
        ]
    )
}
