import Testing

@testable import Uplink

@Suite struct DeliveryPlanTests {
    private static let second: UInt64 = 1_000_000_000

    private static func candidates(_ ids: some Sequence<Int64>, receivedBy: Set<Int> = []) -> [DeliveryCandidate] {
        ids.map { DeliveryCandidate(id: $0, receivedBy: receivedBy) }
    }

    private static func plan(centers: Int, copies: Int = 1, inFlightMax: Int = 8) -> DeliveryPlan {
        DeliveryPlan(centers: (0..<centers).map { "c\($0)" }, copies: copies, inFlightMax: inFlightMax)
    }

    @Test("three live envelopes go before one of the backlog, youngest live and oldest backlog first")
    func lanes() {
        var plan = Self.plan(centers: 1)
        let begun = plan.begin(
            live: Self.candidates([100, 99, 98, 97, 96, 95, 94]),
            backlog: Self.candidates(1...9),
            now: 0
        )
        #expect(begun.map(\.envelope) == [100, 99, 98, 1, 97, 96, 95, 2])
    }

    @Test("three of numerics go before one of waveforms, and what one lane lacks the other one gets")
    func waveforms() {
        let waves = Self.candidates([201, 202, 203])
        #expect(
            DeliveryPlan.mixed(Self.candidates(1...7), waves).map(\.id) == [1, 2, 3, 201, 4, 5, 6, 202, 7, 203]
        )
        #expect(DeliveryPlan.mixed([], waves).map(\.id) == [201, 202, 203])
        #expect(DeliveryPlan.mixed(Self.candidates(1...4), []).map(\.id) == [1, 2, 3, 4])
    }

    @Test("the share holds across calls, and an empty lane gives its places away")
    func share() {
        var plan = Self.plan(centers: 1, inFlightMax: 2)
        var generator = Fixed()
        var sent: [Int64] = []
        for _ in 0..<4 {
            let begun = plan.begin(
                live: Self.candidates((90...99).reversed().filter { !sent.contains($0) }),
                backlog: Self.candidates((1...9).filter { !sent.contains($0) }),
                now: 0
            )
            sent += begun.map(\.envelope)
            for assignment in begun { plan.finish(assignment, .delivered, now: 0, using: &generator) }
        }
        #expect(sent == [99, 98, 97, 1, 96, 95, 94, 2])
        #expect(plan.begin(live: [], backlog: Self.candidates(3...4), now: 0).map(\.envelope) == [3, 4])
    }

    @Test("every envelope goes to as many different centers as copies are asked for, and to none twice")
    func copies() {
        var plan = Self.plan(centers: 3, copies: 2, inFlightMax: 20)
        let begun = plan.begin(live: Self.candidates(1...3), backlog: Self.candidates(1...3), now: 0)
        #expect(begun.count == 6)
        #expect(Set(begun).count == 6)
        let load = Dictionary(grouping: begun, by: \.center).mapValues(\.count)
        #expect(load == [0: 2, 1: 2, 2: 2], "the centers share the load")
        let one = plan.begin(live: Self.candidates([7], receivedBy: [0, 1]), backlog: [], now: 0)
        #expect(one.isEmpty, "enough receipts are there")
        #expect(plan.begin(live: Self.candidates([8], receivedBy: [0]), backlog: [], now: 0).count == 1)
    }

    @Test("a center that does not answer holds its share of the places and no more")
    func slowCenter() {
        var plan = Self.plan(centers: 2, inFlightMax: 8)
        var generator = Fixed()
        let begun = plan.begin(live: [], backlog: Self.candidates(0..<100), now: 0)
        #expect(begun.filter { $0.center == 0 }.count == 4 && begun.filter { $0.center == 1 }.count == 4)
        // Center 0 keeps what it has; center 1 goes on with everything else.
        var (delivered, underWay) = (Set<Int64>(), begun.filter { $0.center == 1 })
        while let assignment = underWay.popLast() {
            plan.finish(assignment, .delivered, now: 0, using: &generator)
            delivered.insert(assignment.envelope)
            let waiting = (0..<100 as Range<Int64>).filter { !delivered.contains($0) }
            let next = plan.begin(live: [], backlog: Self.candidates(waiting), now: 0)
            #expect(next.allSatisfy { $0.center == 1 })
            underWay += next
        }
        #expect(delivered.count == 96 && plan.inFlightCount == 4)
    }

    @Test("another center takes over when one is away, which is then tried with one envelope")
    func failOver() {
        var plan = Self.plan(centers: 2, inFlightMax: 10)
        var generator = Fixed()
        for assignment in plan.begin(live: Self.candidates(0...3), backlog: [], now: 0) {
            let failed = DeliveryOutcome.centerFailed(reason: "away", atLeast: 5 * Self.second)
            plan.finish(assignment, assignment.center == 0 ? failed : .delivered, now: 0, using: &generator)
        }
        #expect(plan.centers.map(\.isUp) == [false, true])
        #expect(plan.centers[0].failures == 1, "what failed together counts once")
        let begun = plan.begin(live: Self.candidates(0...3), backlog: [], now: Self.second)
        #expect(Set(begun.map(\.center)) == [1])
        for assignment in begun { plan.finish(assignment, .delivered, now: Self.second, using: &generator) }
        #expect(plan.nextAttempt == 5 * Self.second)
        let probe = plan.begin(live: Self.candidates(0...3), backlog: [], now: 5 * Self.second)
        #expect(probe.filter { $0.center == 0 }.count == 1)
        for assignment in probe { plan.finish(assignment, .delivered, now: 5 * Self.second, using: &generator) }
        #expect(plan.centers[0].isUp)
        #expect(plan.nextAttempt == nil)
        let recovered = plan.begin(live: Self.candidates(0...3), backlog: [], now: 6 * Self.second)
        #expect(recovered.filter { $0.center == 0 }.count == 2)
    }

    @Test("a refusal of one envelope says nothing against the center")
    func refusal() {
        var plan = Self.plan(centers: 1)
        var generator = Fixed()
        let begun = plan.begin(live: Self.candidates([1]), backlog: [], now: 0)
        plan.finish(begun[0], .envelopeRefused, now: 0, using: &generator)
        plan.finish(begun[0], .centerFailed(reason: "late", atLeast: 0), now: 0, using: &generator)
        #expect(plan.centers[0].isUp, "what is over is over")
        #expect(plan.inFlightCount == 0)
    }

    @Test("never more than the bound is under way, whatever comes", arguments: 0..<20 as Range<UInt64>)
    func bound(seed: UInt64) {
        var generator = Fixed(state: seed)
        var plan = Self.plan(centers: 3, copies: Int(seed % 3) + 1, inFlightMax: 5)
        var underWay: [Assignment] = []
        for step in 0..<200 as Range<UInt64> {
            let begun = plan.begin(
                live: Self.candidates((0..<6).map { _ in Int64.random(in: 0...30, using: &generator) }),
                backlog: Self.candidates(0...5),
                now: step * Self.second
            )
            underWay += begun
            #expect(underWay.count <= 5)
            #expect(Set(underWay).count == underWay.count, "seed=\(seed)")
            #expect(plan.inFlightCount == underWay.count)
            underWay.shuffle(using: &generator)
            for _ in 0..<Int.random(in: 0...underWay.count, using: &generator) {
                let outcomes: [DeliveryOutcome] = [
                    .delivered, .envelopeRefused, .centerFailed(reason: "x", atLeast: 0),
                ]
                let outcome = outcomes[Int.random(in: 0...2, using: &generator)]
                plan.finish(underWay.removeLast(), outcome, now: step * Self.second, using: &generator)
            }
        }
    }

    @Test("the back-off doubles to its bound, is spread over all of it, and honours what was asked")
    func backoff() {
        let backoff = RetryBackoff(first: 100, most: 1_000)
        var generator = Fixed()
        for (failures, ceiling) in [(1, 100), (2, 200), (3, 400), (4, 800), (5, 1_000), (500, 1_000)] {
            let delays = (0..<500).map { _ in backoff.delay(failures: failures, using: &generator) }
            #expect(delays.allSatisfy { $0 <= UInt64(ceiling) })
            #expect(delays.contains { $0 < UInt64(ceiling / 4) } && delays.contains { $0 > UInt64(ceiling / 4 * 3) })
        }
        #expect(backoff.delay(failures: 1, atLeast: 5_000, using: &generator) == 5_000)
    }
}

/// Reproducible randomness (SplitMix64).
struct Fixed: RandomNumberGenerator {
    var state: UInt64 = 1

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var word = self.state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
