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

    @Test("every committee size, pruning and damaged logs are among few seeds")
    func coverage() {
        let summary = Fuzzing.run(from: 1, count: 60)
        #expect(Set(summary.sizes.keys) == [4, 5, 6, 7, 10])
        #expect(summary.snapshots > 0)
        #expect(summary.refusals > 0)
        #expect(summary.settleTimes.count == 60)
        #expect(summary.slowest?.milliseconds == summary.settleTimes.max())
    }

    @Test("a validator that lost its log is among the seeds, listens, and votes again")
    func lostLog() throws {
        let outcome = try #require(Fuzzing.run(seed: 652))
        var summary = Fuzzing.Summary()
        summary.add(outcome)
        #expect(outcome.violation == nil)
        #expect(summary.losses == 1)
        #expect(summary.silent == 0)
    }

    @Test("summaries of parts make up the summary of the whole, in any order")
    func merging() {
        let whole = Fuzzing.run(from: 1, count: 6)
        let parts = [Fuzzing.run(from: 4, count: 3), Fuzzing.run(from: 1, count: 3)]
        var merged = Fuzzing.Summary()
        for part in parts { merged.merge(part) }
        #expect(merged.runs == whole.runs && merged.steps == whole.steps && merged.sizes == whole.sizes)
        #expect(merged.slowest?.seed == whole.slowest?.seed)
        #expect(merged.settleTimes.sorted() == whole.settleTimes.sorted())
    }

    @Test("a block that was durable on some and shown by nobody before they died belongs to the chain")
    func durableButNotShown() throws {
        let outcome = try #require(Fuzzing.run(seed: 1_024_803))
        #expect(outcome.violation == nil)
    }

    @Test("a faulty validator may be the first to have a certified block, and a correct one goes on from its snapshot")
    func snapshotOfTheFirst() throws {
        let outcome = try #require(Fuzzing.run(seed: 6_387))
        #expect(outcome.violation == nil)
        #expect(outcome.snapshotsInstalled > 0)
    }

    @Test("a seed is replayed exactly", arguments: [3, 14, 159, 166])
    func replay(seed: UInt64) throws {
        let first = try #require(Fuzzing.run(seed: seed))
        let second = try #require(Fuzzing.run(seed: seed))
        #expect(first.trace == second.trace)
        #expect(first.stateHash == second.stateHash)
        #expect(first.steps == second.steps)
        let other = try #require(Fuzzing.run(seed: seed + 1))
        #expect(first.trace != other.trace)
        #expect(first.stateHash != other.stateHash)
    }

    @Test("real Ed25519 signatures give the same run, event by event")
    func realSignatures() throws {
        let fast = try #require(Fuzzing.run(seed: 7))
        let real = try #require(Fuzzing.run(seed: 7) { $0.signatures = .ed25519 })
        #expect(real.violation == nil)
        #expect(fast.steps == real.steps)
        #expect(fast.height == real.height)
    }

    @Test("all forty scenarios have a name")
    func names() {
        let names = Scenario.all.map(\.name)
        for number in 1...40 { #expect(names.contains(number < 10 ? "S0\(number)" : "S\(number)")) }
        #expect(Set(names).count == names.count)
    }

    @Test("named scenarios", arguments: Scenario.all.map(\.name))
    func scenarios(name: String) throws {
        let scenario = try #require(Scenario.all.first { $0.name == name })
        for variant in 0..<min(scenario.variants, 6) {
            let outcome = try #require(scenario.run(variant: variant))
            #expect(outcome.violation == nil, "variant \(variant)")
        }
    }

    @Test("S33 is every split in two of five processes, four times in a row")
    func splits() throws {
        let scenario = try #require(Scenario.all.first { $0.name == "S33" })
        #expect(scenario.variants == 16 * 16 * 16 * 16)
        let samples = try #require(Scenario.all.first { $0.name == "S33-samples" })
        #expect(samples.variants == 100_000)
    }

    @Test("every rule that is switched off is noticed", arguments: Mutant.all.map(\.name))
    func mutants(name: String) throws {
        let mutant = try #require(Mutant.all.first { $0.name == name })
        let summary = mutant.run(from: 1, count: 10_000)
        #expect(!summary.failures.isEmpty, "not caught in \(summary.runs) seeds")
    }

    @Test("there are a dozen mutants at least")
    func mutantCount() { #expect(Mutant.all.count >= 12) }
}
