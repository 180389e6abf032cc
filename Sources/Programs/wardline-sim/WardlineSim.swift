import ArgumentParser

/// A ward of simulated bedside monitors that replays a real recording through a real MQTT broker.
@main
struct WardlineSim: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wardline-sim",
        abstract: "Simulated bedside monitors that replay recorded vital signs over MQTT.",
        subcommands: [WardCommand.self, EnvelopesCommand.self]
    )
}
