import ArgumentParser

/// Simulations: a ward of bedside monitors, a load of envelopes, consortia of validators, parties that collude, relays that
/// want to be paid, and exchanges between chains.
@main
struct WardlineSim: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wardline-sim",
        abstract:
            "Simulate a ward of monitors, envelopes, a consortium of validators, colluding parties, or relays for pay.",
        subcommands: [
            WardCommand.self, EnvelopesCommand.self, ConsensusRunCommand.self, ConsensusFuzzCommand.self,
            ConsensusScenariosCommand.self, ConsensusMutantsCommand.self, CollusionCommand.self, IncentivesCommand.self,
            ExchangesCommand.self,
        ]
    )
}
