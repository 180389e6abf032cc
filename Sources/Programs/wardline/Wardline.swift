import ArgumentParser

@main
struct Wardline: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wardline",
        abstract: "Moves vital signs from the bedside to whoever may lawfully see them.",
        version: "0.1.0",
        subcommands: [
            AgentCommand.self, ConfigCommand.self, DeviceCommand.self, AssociateCommand.self,
            DeadLetterCommand.self, SpoolCommand.self, TraceCommand.self, TopCommand.self,
            NodeCommand.self, CACommand.self, EnrollCommand.self, KeyCommand.self, ScopeCommand.self, OwnerCommand.self,
            StewardCommand.self,
            ShareCommand.self, ReceiveCommand.self, PolicyCommand.self, ChainCommand.self, IBECommand.self,
            ABECommand.self,
            CeremonyCommand.self,
            PseudonymCommand.self, CredentialCommand.self, ZKCommand.self, ConsentCommand.self, AuditCommand.self,
            RelayCommand.self, DashboardCommand.self, SupportCommand.self, DevCommand.self,
        ]
    )
}
