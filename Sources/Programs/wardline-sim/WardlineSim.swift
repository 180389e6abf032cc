import ArgumentParser

/// Simulations: a ward of bedside monitors, a load of envelopes, consortia of validators, and parties that collude.
@main
struct WardlineSim: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wardline-sim",
        abstract:
            "Simulate a ward of monitors, a load of envelopes, a consortium of validators, or parties that collude.",
        subcommands: [
            WardCommand.self, EnvelopesCommand.self, ConsensusRunCommand.self, ConsensusFuzzCommand.self,
            ConsensusScenariosCommand.self, ConsensusMutantsCommand.self, CollusionCommand.self,
        ]
    )
}
