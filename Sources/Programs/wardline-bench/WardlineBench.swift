import ArgumentParser

/// The timings behind the commands of `Benchmarks`.
@main
struct WardlineBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wardline-bench",
        abstract: "Time one part of the way, or load a chain.",
        subcommands: [
            DecodeBench.self, SealingBench.self, PairingBench.self, SchemesBench.self, TimingBench.self,
            ZeroKnowledgeBench.self, LedgerFloors.self, LedgerGrowth.self, ChainLoad.self,
            PathProofBench.self,
        ]
    )
}
