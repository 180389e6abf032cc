import Contracts
import IBTP
import TestIslands
import Testing

@testable import Gateway

@Suite("Gateways beside each other", .serialized, .timeLimit(.minutes(15))) struct StandbyTests {
    @Test("one carries by its lease, the other stands by and takes over when the first is gone")
    func lease() async throws {
        try await Sea.with { sea in
            let bravo = try sea.start(sea.configuration(of: "bravo"))
            let pair = try ["g1", "g2"].map { party in
                try sea.start(sea.configuration(of: "alpha", as: party) { $0.leaseSeconds = 6 })
            }
            let (first, _) = try await sea.ask()
            try await sea.wait(for: ExchangeReceived.topic, of: first, on: "bravo")
            try await sea.wait { pair.contains { $0.status.lease == "mine" } }
            let active = try #require(pair.first { $0.status.lease == "mine" })
            let standby = try #require(pair.first { $0.status.account != active.status.account })
            #expect(standby.status.lease != "mine")
            await active.kill()
            let (second, _) = try await sea.ask()
            try await sea.wait(for: ExchangeReceived.topic, of: second, on: "bravo")
            try await sea.wait { standby.status.lease == "mine" }
            // Giving the lane back is left out here: on a slow machine its time is over before.
            for gateway in [standby, bravo] { await gateway.stop() }
        }
    }

    @Test("two that compete bring everything once")
    func competing() async throws {
        try await Sea.with { sea in
            let gateways = try ["alpha", "alpha", "bravo", "bravo"].enumerated().map { place, name in
                try sea.start(sea.configuration(of: name, as: "g\(place)"))
            }
            var asked: [MessageID] = []
            for _ in 0..<3 { asked.append(try await sea.ask().id) }
            for id in asked { try await sea.wait(for: ExchangeReceived.topic, of: id, on: "bravo") }
            for id in asked {
                #expect(try await sea.heights(id, ExchangeTaken.topic, on: "hub").count == 1)
                #expect(try await sea.heights(id, ExchangeReceived.topic, on: "bravo").count == 1)
            }
            for gateway in gateways { await gateway.stop() }
        }
    }
}
