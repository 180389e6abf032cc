import IBTP
import Testing

@testable import Relaying

@Suite("Backlog")
struct BacklogTests {
    /// Ticks from a request's leaf to its delivery, of requests that come while others wait.
    ///
    /// - Parameters:
    ///   - backlog: how many wait.
    ///   - isSamePair: whether they are of the same two services, which keep no order then.
    /// - Returns: ascending.
    /// - Throws: for names that are none.
    private static func latencies(backlog: Int, isSamePair: Bool = false) throws -> [UInt64] {
        let world = World(seed: 11)
        let fresh = try pair("a", "b", 1)
        if isSamePair { world.setUnordered(fresh) }
        // All of it waits since before the gateways start.
        for number in 0..<backlog {
            world.application("a").call(isSamePair ? fresh : try pair("a", "b", 10 + number % 20), timeout: 0)
            if number % 20 == 19 { world.application("a").close() }
        }
        for number in 0..<20 {
            world.at(20 + 10 * UInt64(number)) { world.application("a").call(fresh, timeout: 0) }
        }
        var begun: [MessageID: UInt64] = [:]
        var taken: [MessageID: UInt64] = [:]
        world.watch = { world in
            for id in world.application("a").opened.dropFirst(backlog) where begun[id] == nil {
                begun[id] = world.now
            }
            for (id, time) in begun where taken[id] == nil && world.application("b").calls[id] != nil {
                taken[id] = world.now - time
            }
        }
        for _ in 0..<400 { world.tick() }
        for gateway in world.gateways {
            #expect(gateway.heldMost <= gateway.limits.heldMax + gateway.limits.scanLeavesMax)
        }
        return taken.values.sorted()
    }

    @Test("pending messages do not delay fresh ones", arguments: [false, true])
    func fresh(isSamePair: Bool) throws {
        let alone = try Self.latencies(backlog: 0, isSamePair: isSamePair)
        // Requests to one service run no further ahead than the relay chain allows.
        let backlog = isSamePair ? Int(IndexRule.unorderedWindow) - 100 : 10_000
        let behind = try Self.latencies(backlog: backlog, isSamePair: isSamePair)
        #expect(alone.count == 20)
        try #require(behind.count == 20)
        // Random latencies differ from run to run of the world: by no more than the steps' own spread.
        let (median, other) = (alone[10], behind[10])
        #expect(other <= median + 4, "\(median) and \(other) ticks")
        #expect((behind.last ?? .max) <= (alone.last ?? 0) + 12)
    }

    @Test("a long backlog is carried whole, and with bounded room")
    func whole() throws {
        let world = World(seed: 12)
        for number in 0..<3_000 {
            world.application("a").call(try pair("a", "b", number % 7), timeout: 0)
            if number % 50 == 49 { world.application("a").close() }
        }
        world.setUnordered(try pair("a", "b", 0))
        world.setUnordered(try pair("a", "b", 1))
        #expect(world.settle(within: 20_000))
        #expect(world.faults().isEmpty)
        for gateway in world.gateways {
            #expect(gateway.heldMost <= gateway.limits.heldMax)
        }
    }

    @Test("nothing is lost where there is little room")
    func littleRoom() throws {
        let world = World(seed: 13, Troubles(lost: 10, failures: 5, latency: 6))
        for gateway in world.gateways {
            gateway.limits.heldMax = 40
            gateway.limits.backlogHeldMax = 20
            gateway.limits.scanLeavesMax = 10
            gateway.limits.streamHeldMax = 8
            gateway.limits.underWayMax = 8
            gateway.limits.backlogUnderWayMax = 4
            gateway.limits.rangesMax = 3
        }
        try world.makeTraffic(calls: 400, every: 1)
        #expect(world.settle(within: 60_000))
        #expect(world.faults().isEmpty)
    }

    @Test("a chain that takes nothing for a while is served when it does again")
    func frozen() throws {
        let world = World(seed: 14)
        world.relay.isFrozen = true
        try world.makeTraffic(calls: 20)
        for _ in 0..<1_000 { world.tick() }
        #expect(world.application("b").calls.isEmpty)
        world.relay.isFrozen = false
        #expect(world.settle(within: 10_000))
        #expect(world.faults().isEmpty)
    }
}
