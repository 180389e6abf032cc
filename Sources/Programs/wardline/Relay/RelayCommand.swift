import ArgumentParser

struct RelayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relay",
        abstract: "Carry messages between chains: keys of verification nodes, and how it stands with a gateway.",
        discussion: """
            A gateway is a node with a section relay, a verification node one with a section attester; see \
            docs/operate-relay.md.
            """,
        subcommands: [RelayKeyCommand.self, RelayStatusCommand.self, EVMCommand.self]
    )
}
