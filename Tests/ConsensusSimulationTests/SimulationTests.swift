import Consensus
import Testing

@testable import ConsensusSimulation

@Suite struct SimulationTests {
    @Test("random consortia break no invariant", arguments: 0..<10)
    func randomSeeds(batch: UInt64) {
        let summary = Fuzzing.run(from: 1 + batch * 20, count: 20)
        #expect(summary.failures.isEmpty, "\(summary.failures)")
        #expect(summary.runs == 20)
        #expect(summary.blocks > 20)
    }

    @Test("a seed is replayed exactly", arguments: [3, 14, 159])
    func replay(seed: UInt64) throws {
        let first = try #require(Fuzzing.run(seed: seed))
        let second = try #require(Fuzzing.run(seed: seed))
        #expect(first.trace == second.trace)
        #expect(first.steps == second.steps)
        let other = try #require(Fuzzing.run(seed: seed + 1))
        #expect(first.trace != other.trace)
    }

    @Test("real Ed25519 signatures give the same run, event by event")
    func realSignatures() throws {
        let fast = try #require(Fuzzing.run(seed: 7))
        let real = try #require(Fuzzing.run(seed: 7) { $0.signatures = .ed25519 })
        #expect(real.violation == nil)
        #expect(fast.trace == real.trace)
    }

    @Test("named scenarios", arguments: Scenario.all.map(\.name))
    func scenarios(name: String) throws {
        let scenario = try #require(Scenario.all.first { $0.name == name })
        for variant in 0..<min(scenario.variants, 6) {
            let outcome = try #require(scenario.run(variant: variant))
            #expect(outcome.violation == nil, "variant \(variant)")
        }
    }

    @Test("every rule that is switched off is noticed", arguments: BrokenRules.all.map(\.name))
    func mutants(name: String) throws {
        let rule = try #require(BrokenRules.all.first { $0.name == name }).rule
        let summary = Fuzzing.run(from: 1, count: 10_000, failuresMax: 1) { plan in
            plan.broken = rule
            plan.patience = 20_000_000
        }
        #expect(!summary.failures.isEmpty, "not caught in \(summary.runs) seeds")
    }
}
