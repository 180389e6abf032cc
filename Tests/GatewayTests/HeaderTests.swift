import Contracts
import TestIslands
import Testing

@testable import Gateway

@Suite("Headers that a gateway shows", .serialized, .timeLimit(.minutes(15))) struct HeaderTests {
    @Test("one that is told to shows again and again that an idle relay chain lives, and ranks the route over it")
    func idle() async throws {
        try await Sea.with { sea in
            let alpha = try sea.island("alpha")
            func newest() async throws -> UInt64 {
                let value = try await alpha.value(of: InterchainKey.client("hub"))
                return try ForeignClient(bytes: try #require(value)).time
            }
            var last = try await newest()
            let gateway = try sea.start(sea.configuration(of: "alpha") { $0.headerSeconds = 1 })
            // Nothing else happens on the relay chain.
            for _ in 0..<2 {
                let before = last
                try await sea.wait { try await newest() > before }
                last = try await newest()
            }
            try await sea.wait { try await alpha.value(of: InterchainKey.listEpoch("hub")) != nil }
            try await sea.wait { !gateway.status.routes.isEmpty }
            let route = try #require(gateway.status.routes.first)
            #expect(gateway.status.routes.count == 1)
            #expect(route.relay == "hub" && route.isBest && route.isOwn && route.isTrusted)
            #expect(route.credibility.map { $0 > 0 } == true)
            await gateway.stop()
        }
    }
}
