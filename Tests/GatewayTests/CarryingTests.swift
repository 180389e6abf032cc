import Contracts
import IBTP
import PathProofs
import TestIslands
import Testing

@testable import Gateway

@Suite("A gateway carries", .serialized, .timeLimit(.minutes(15))) struct CarryingTests {
    @Test("a call from one chain over the relay chain to another, and the receipt back")
    func wholeWay() async throws {
        try await Sea.with { sea in
            let gateways = try ["alpha", "bravo"].map { try sea.start(sea.configuration(of: $0)) }
            let (id, request) = try await sea.ask()
            try await sea.wait(for: ExchangeReceived.topic, of: id, on: "bravo")
            try await sea.answer(id, request)
            try await sea.wait { try await sea.ending(id) == .success }
            #expect(try await sea.heights(id, ExchangeTaken.topic, on: "hub").count == 2)
            #expect(try await sea.heights(id, ExchangeClosed.topic, on: "alpha").count == 1)
            #expect(gateways.allSatisfy { $0.status.abandoned == 0 })
            for gateway in gateways { await gateway.stop() }
        }
    }

    @Test("and tells how credible the verification nodes of its two chains are, as the relay chain has it")
    func credibility() async throws {
        try await Sea.with { sea in
            let gateway = try sea.start(sea.configuration(of: "bravo"))
            try await sea.wait { !gateway.gateway.nodeLists.lists.isEmpty }
            let status = gateway.gateway.nodeLists
            #expect(status.trouble.isEmpty && status.lists.map(\.chain) == ["bravo", "hub"])
            let list = try sea.nodes("bravo").list()
            let told = try #require(status.lists.first)
            #expect(told.nodes.map(\.credibility) == list.nodes.map(\.credibility.value))
            #expect(told.nodes.map(\.name) == list.nodes.map(\.name) && told.nodes.allSatisfy(\.isSeated))
            #expect(told.seats == list.seatCount && told.threshold == Int(list.policy.threshold))
            await gateway.stop()
        }
    }

    @Test("between chains of four validators each, as well")
    func committees() async throws {
        try await Sea.with(validators: 4) { sea in
            let gateways = try ["alpha", "bravo"].map { try sea.start(sea.configuration(of: $0)) }
            let (id, request) = try await sea.ask()
            try await sea.wait(for: ExchangeReceived.topic, of: id, on: "bravo")
            try await sea.answer(id, request, isPermitted: false)
            try await sea.wait { try await sea.ending(id) == .failure }
            for gateway in gateways { await gateway.stop() }
        }
    }

    @Test("what it was killed over, wherever that was, with its directory and without it", arguments: [false, true])
    func killed(isForgetful: Bool) async throws {
        try await Sea.with { sea in
            var configurations = try ["alpha", "bravo"].map { try sea.configuration(of: $0) }
            func restart(_ gateways: [RunningGateway]) async throws -> [RunningGateway] {
                for gateway in gateways { await gateway.kill() }
                if isForgetful {
                    for place in configurations.indices {
                        configurations[place].directory = sea.folder.fresh("gateway")
                    }
                }
                return try configurations.map { try sea.start($0) }
            }
            var gateways = try await restart([])
            let (id, request) = try await sea.ask()
            gateways = try await restart(gateways)
            try await sea.wait(for: ExchangeTaken.topic, of: id, on: "hub")
            gateways = try await restart(gateways)
            try await sea.wait(for: ExchangeReceived.topic, of: id, on: "bravo")
            for gateway in gateways { await gateway.kill() }
            try await sea.answer(id, request)
            gateways = try await restart([])
            try await sea.wait(for: ExchangeTaken.topic, of: id, on: "hub", count: 2)
            gateways = try await restart(gateways)
            try await sea.wait { try await sea.ending(id) == .success }
            #expect(try await sea.heights(id, ExchangeTaken.topic, on: "hub").count == 2)
            #expect(try await sea.heights(id, ExchangeReceived.topic, on: "bravo").count == 1)
            #expect(try await sea.heights(id, ExchangeClosed.topic, on: "alpha").count == 1)
            for gateway in gateways { await gateway.stop() }
        }
    }

    @Test("what was said before it came, in order")
    func backlog() async throws {
        try await Sea.with { sea in
            var asked: [MessageID] = []
            for _ in 0..<3 { asked.append(try await sea.ask().id) }
            let gateways = try ["alpha", "bravo"].map { try sea.start(sea.configuration(of: $0)) }
            for id in asked { try await sea.wait(for: ExchangeReceived.topic, of: id, on: "bravo") }
            var heights: [UInt64] = []
            for id in asked { heights += try await sea.heights(id, ExchangeTaken.topic, on: "hub") }
            #expect(heights == heights.sorted() && heights.count == 3)
            for gateway in gateways { await gateway.stop() }
        }
    }

    @Test("that a chain's services do not answer: the source hears of it without any verification node's word")
    func unavailable() async throws {
        try await Sea.with { sea in
            let frozen = RegisterService(chain: "bravo", service: "share", isOrdered: true, isFrozen: true)
            try await sea.hub.submit(frozen, by: sea.hub.governor)
            let gateway = try sea.start(sea.configuration(of: "alpha"))
            let (id, _) = try await sea.ask()
            try await sea.wait { try await sea.ending(id) == .beginFailure }
            await gateway.stop()
        }
    }

    @Test("that a request's time is up: it has the relay chain undo it, and both chains hear of it")
    func expiry() async throws {
        try await Sea.with { sea in
            let alpha = try sea.start(sea.configuration(of: "alpha"))
            let (id, _) = try await sea.ask(timeout: 1)
            // Nobody carries for the asked chain meanwhile.
            try await sea.wait { try await sea.ending(id) == .beginRollback }
            let bravo = try sea.start(sea.configuration(of: "bravo"))
            try await sea.wait(for: ExchangeUndone.topic, of: id, on: "bravo")
            try await sea.wait(for: ExchangeTaken.topic, of: id, on: "hub", count: 2)
            for gateway in [alpha, bravo] { await gateway.stop() }
        }
    }
}
