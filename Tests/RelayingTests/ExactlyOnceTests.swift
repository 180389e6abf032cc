import IBTP
import Testing

@testable import Relaying

@Suite("Exactly once")
struct ExactlyOnceTests {
    @Test("without trouble every call is answered once, and nothing is left over")
    func calm() throws {
        let world = World(seed: 1)
        try world.makeTraffic(calls: 40)
        #expect(world.settle(within: 5_000))
        #expect(world.faults().isEmpty)
        #expect(world.application("a").opened.count + world.application("b").opened.count == 40)
    }

    @Test("lost answers, doubled and reordered submissions, failures and kills change nothing", arguments: 1...24)
    func troubles(seed: UInt64) throws {
        var troubles = Troubles(lost: 15, doubled: 10, kills: 2, failures: 10, latency: 9)
        troubles.forgetsHeight = seed % 2 == 0
        let world = World(seed: seed, troubles)
        try world.makeTraffic(calls: 40)
        for _ in 0..<1_500 { world.tick() }
        world.troubles.kills = 0
        #expect(world.settle(within: 30_000))
        #expect(world.faults().isEmpty)
        #expect(world.kills > 0)
    }

    @Test("gateways that compete for the same chains do no harm", arguments: 1...16)
    func competition(seed: UInt64) throws {
        let troubles = Troubles(lost: 10, doubled: 5, kills: 1, failures: 5, latency: 6)
        let world = World(seed: 100 + seed, gateways: 3, troubles)
        try world.makeTraffic(calls: 40)
        for _ in 0..<1_000 { world.tick() }
        world.troubles.kills = 0
        #expect(world.settle(within: 30_000))
        #expect(world.faults().isEmpty)
    }

    @Test("what comes too late is undone once", arguments: 1...16)
    func timeouts(seed: UInt64) throws {
        var troubles = Troubles(lost: 10, doubled: 5, kills: seed % 2, failures: 5, latency: 6)
        troubles.serviceTime = 200
        let world = World(seed: 200 + seed, troubles)
        try world.makeTraffic(calls: 30, timeout: 12)
        for _ in 0..<1_000 { world.tick() }
        world.troubles.kills = 0
        #expect(world.settle(within: 30_000))
        #expect(world.faults().isEmpty)
        let undone = ["a", "b"].flatMap { world.application($0).closings.values.flatMap { $0 } }
        #expect(undone.contains(.beginRollback))
    }

    @Test("committees that change on the way are followed first", arguments: 1...12)
    func handovers(seed: UInt64) throws {
        let troubles = Troubles(lost: 10, kills: 1, failures: 10, handovers: 3)
        let world = World(seed: 300 + seed, gateways: Int(1 + seed % 2), troubles)
        try world.makeTraffic(calls: 30)
        for _ in 0..<800 { world.tick() }
        (world.troubles.kills, world.troubles.handovers) = (0, 0)
        #expect(world.settle(within: 30_000))
        #expect(world.faults().isEmpty)
        #expect(world.relay.known.values.contains { $0 > 0 })
    }

    @Test("a leaf whose block nobody has any more is said again", arguments: 1...8)
    func pruned(seed: UInt64) throws {
        var troubles = Troubles(lost: 10, kills: 3, failures: 10, latency: 9)
        troubles.prunedAfter = 30
        let world = World(seed: 400 + seed, troubles)
        try world.makeTraffic(calls: 30)
        for _ in 0..<800 { world.tick() }
        world.troubles.kills = 0
        #expect(world.settle(within: 30_000))
        #expect(world.faults().isEmpty)
    }

    /// Which moment of an action is the gateway's last.
    enum Moment: CaseIterable { case before, after }

    @Test(
        "killed at any action, by either moment of it, a gateway loses and doubles nothing",
        arguments: Moment.allCases
    )
    func killedAtEveryStep(moment: Moment) throws {
        var kinds: Set<String> = []
        for number in 0..<70 {
            let world = World(seed: 500 + UInt64(number))
            // Both gateways die at the action of this number.
            for gateway in world.gateways {
                var count = 0
                let isLast: (PlanAction) -> Bool = { action in
                    count += 1
                    guard count == number + 1 else { return false }
                    kinds.insert(Self.kind(of: action))
                    return true
                }
                if moment == .before { gateway.killsBefore = isLast } else { gateway.killsAfter = isLast }
            }
            try world.makeTraffic(calls: 6, timeout: 40)
            #expect(world.settle(within: 5_000), "action \(number)")
            #expect(world.faults().isEmpty, "action \(number)")
        }
        #expect(kinds.isSuperset(of: ["scan", "prove", "certify", "submit", "readSuccession"]))
    }

    private static func kind(of action: PlanAction) -> String {
        String("\(action)".prefix { $0 != "(" })
    }

    @Test("a run is the same each time")
    func repeatable() throws {
        let runs = try (0..<2).map { _ in
            let world = World(seed: 7, gateways: 2, Troubles(lost: 15, doubled: 10, kills: 2, failures: 10, latency: 9))
            try world.makeTraffic(calls: 30)
            for _ in 0..<600 { world.tick() }
            return world.gateways.map { $0.plan.load } as [GatewayPlan.Load]
        }
        #expect(runs[0] == runs[1])
    }
}
