import ArgumentParser

/// The timings behind the commands of `Benchmarks`.
@main
struct WardlineBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wardline-bench",
        abstract: "Time one part of the way in one thread.",
        subcommands: [DecodeBench.self, SealingBench.self, PairingBench.self, TimingBench.self]
    )
}
