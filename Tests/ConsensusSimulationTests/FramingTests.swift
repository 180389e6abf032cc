import Consensus
import Testing

@testable import ConsensusSimulation

/// What correct validators sign, in whatever runs, is evidence against none of them.
@Suite struct FramingTests {
    private static func votes(_ outcome: Outcome) -> (prepares: [Prepare], commits: [Commit]) {
        var prepares: [Prepare] = []
        var commits: [Commit] = []
        for message in outcome.archive {
            switch message {
            case .prePrepare(let proposal): prepares.append(proposal.vote)
            case .prepare(let vote): prepares.append(vote)
            case .commit(let vote): commits.append(vote)
            default: break
            }
        }
        return (prepares, commits)
    }

    private static func committees(_ outcome: Outcome) throws -> CommitteeHistory {
        let keys = KeyRing(outcome.plan.signatures)
        let genesis = Committee(
            epoch: 0,
            members: (0..<outcome.plan.size).map { keys.member(ReplicaID(UInt16($0))) },
            barredFromLeading: outcome.plan.barred.map { ReplicaID($0) },
            blocksPerLeader: outcome.plan.blocksPerLeader
        )
        var history = CommitteeHistory(genesis: try #require(genesis))
        for scripted in outcome.plan.script {
            guard case .change(let change) = scripted.fault, let next = change.committee(keys) else { continue }
            history.follow(next, after: 1_000)
        }
        return history
    }

    @Test("no two messages of a correct validator are evidence", arguments: [2, 5, 9, 23, 31, 60, 77, 166])
    func pairs(seed: UInt64) throws {
        let outcome = try #require(Fuzzing.run(seed: seed) { $0.keepsArchive = true })
        #expect(outcome.archive.count > 50)
        let committees = try Self.committees(outcome)
        let scheme = KeyRing(outcome.plan.signatures).scheme
        func holds(_ evidence: Evidence) -> Bool {
            evidence.holds(chain: SimulatedWorld.chain, committees: committees, scheme: scheme)
        }
        let (prepares, commits) = Self.votes(outcome)
        // Only votes at one place can contradict each other; neighbours in this order share a place.
        let sorted = prepares.sorted {
            Self.place($0.slot, $0.replica).lexicographicallyPrecedes(Self.place($1.slot, $1.replica))
        }
        for (first, second) in zip(sorted, sorted.dropFirst()) { #expect(!holds(.prepares(first, second))) }
        let sortedCommits = commits.sorted {
            Self.place($0.slot, $0.replica).lexicographicallyPrecedes(Self.place($1.slot, $1.replica))
        }
        for (first, second) in zip(sortedCommits, sortedCommits.dropFirst()) {
            #expect(!holds(.commits(first, second)))
        }
        for commit in commits {
            for prepare in sorted
            where Self.place(prepare.slot, prepare.replica) == Self.place(commit.slot, commit.replica) {
                #expect(!holds(.crossed(prepare, commit)))
            }
        }
    }

    @Test(
        "no view change of a correct validator is evidence, alone or with another",
        arguments: [2, 5, 9, 23, 31, 60, 77]
    )
    func views(seed: UInt64) throws {
        let outcome = try #require(Fuzzing.run(seed: seed) { $0.keepsArchive = true })
        let committees = try Self.committees(outcome)
        let scheme = KeyRing(outcome.plan.signatures).scheme
        var viewChanges: [ViewChange] = []
        var openings: [NewView] = []
        for message in outcome.archive {
            if case .viewChange(let viewChange) = message { viewChanges.append(viewChange) }
            if case .newView(let opening) = message { openings.append(opening) }
        }
        for (index, first) in viewChanges.enumerated() {
            var pieces = [Evidence.forgedCertificate(first)]
            for second in viewChanges[index...] where second.replica == first.replica {
                pieces.append(.viewChanges(first, second))
            }
            for piece in pieces {
                #expect(!piece.holds(chain: SimulatedWorld.chain, committees: committees, scheme: scheme))
            }
        }
        for first in openings {
            for second in openings where second.replica == first.replica {
                let piece = Evidence.newViews(first, second)
                #expect(!piece.holds(chain: SimulatedWorld.chain, committees: committees, scheme: scheme))
            }
        }
    }

    @Test("a signature moved to another slot or name is no evidence", arguments: [2, 23, 77])
    func transplants(seed: UInt64) throws {
        let outcome = try #require(Fuzzing.run(seed: seed) { $0.keepsArchive = true })
        let committees = try Self.committees(outcome)
        let scheme = KeyRing(outcome.plan.signatures).scheme
        var random = RandomSource(seed: seed)
        let (prepares, commits) = Self.votes(outcome)
        for _ in 0..<2_000 {
            let (first, second) = (random.pick(prepares), random.pick(prepares))
            let slot = Slot(
                epoch: first.slot.epoch,
                view: first.slot.view,
                height: first.slot.height,
                block: second.slot.block,
                parent: second.slot.parent
            )
            let moved = Prepare(slot: slot, replica: first.replica, signature: random.pick([first, second]).signature)
            let commit = random.pick(commits)
            let crossed = Commit(slot: slot, replica: first.replica, share: commit.share, signature: commit.signature)
            for piece in [Evidence.prepares(first, moved), .prepares(moved, first), .crossed(first, crossed)] {
                #expect(!piece.holds(chain: SimulatedWorld.chain, committees: committees, scheme: scheme))
            }
        }
    }

    @Test("the liars of random runs are found out, and nobody else")
    func liars() throws {
        var pieces = 0
        for seed in 1...60 as ClosedRange<UInt64> {
            let outcome = try #require(Fuzzing.run(seed: seed))
            let liars = Set(outcome.plan.faulty.keys).union(outcome.plan.twins)
            for piece in outcome.evidence { #expect(liars.contains(piece.culprit.number)) }
            pieces += outcome.evidence.count
        }
        #expect(pieces > 20)
    }

    private static func place(_ slot: Slot, _ replica: ReplicaID) -> [UInt64] {
        [UInt64(replica.number), slot.epoch, slot.view, slot.height]
    }
}
