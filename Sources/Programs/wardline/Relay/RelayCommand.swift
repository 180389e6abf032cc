import ArgumentParser

struct RelayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relay",
        abstract: "Carry messages between chains: verification nodes, services, deposits, and the state of gateways.",
        discussion: """
            A gateway is a node with a section relay, a verification node one with a section attester; see \
            docs/operate-relay.md.
            """,
        subcommands: [
            RelayKeyCommand.self, RelayListCommand.self, RelayServiceCommand.self, RelayAppealCommand.self,
            RelayDepositCommand.self, RelayCodeCommand.self, RelayFinishCommand.self, RelayStatusCommand.self,
            RelayDoctorCommand.self, RelayTraceCommand.self, RelayRuleCommand.self, EVMCommand.self,
        ]
    )
}
