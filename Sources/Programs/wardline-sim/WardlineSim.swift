import ArgumentParser

/// Simulations: a ward of bedside monitors, a load of envelopes, and consortia of validators.
@main
struct WardlineSim: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wardline-sim",
        abstract: "Simulate a ward of monitors on a real broker, a load of envelopes, or a consortium of validators.",
        subcommands: [
            WardCommand.self, EnvelopesCommand.self, ConsensusRunCommand.self, ConsensusFuzzCommand.self,
            ConsensusScenariosCommand.self, ConsensusMutantsCommand.self,
        ]
    )
}
