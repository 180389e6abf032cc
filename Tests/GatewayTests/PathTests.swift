import Contracts
import Foundation
import IBTP
import Ledger
import PathProofs
import Records
import TestIslands
import Testing
import Uplink

@testable import Gateway

@Suite("Paths that a gateway makes", .serialized, .timeLimit(.minutes(15))) struct PathTests {
    @Test("one silent node of a subgroup that can spare it changes nothing")
    func silent() async throws {
        try await Sea.with(silent: ["alpha.v0", "hub.v1"]) { sea in
            let gateways = try ["alpha", "bravo"].map { try sea.start(sea.configuration(of: $0)) }
            let (id, _) = try await sea.ask()
            try await sea.wait(for: ExchangeReceived.topic, of: id, on: "bravo")
            for gateway in gateways { await gateway.stop() }
        }
    }

    @Test("without a privileged subgroup nothing goes on; the gateway says who is missing, and goes on when it is back")
    func missing() async throws {
        try await Sea.with { sea in
            await sea.stopAttester("alpha.v2")
            let gateways = try ["alpha", "bravo"].map { try sea.start(sea.configuration(of: $0)) }
            let (id, _) = try await sea.ask()
            try await sea.wait { gateways[0].status.troubles.contains { $0.text.contains("ethics: 0 of 1") } }
            #expect(try await sea.heights(id, ExchangeTaken.topic, on: "hub").isEmpty)
            try await sea.startAttester("alpha.v2")
            try await sea.wait(for: ExchangeReceived.topic, of: id, on: "bravo")
            for gateway in gateways { await gateway.stop() }
        }
    }

    @Test("a list hands over to the next: the asked chain learns it, and paths go on with its nodes")
    func handover() async throws {
        try await Sea.with { sea in
            try await sea.startAttester("alpha.v3")
            let gateways = try ["alpha", "bravo"].map { try sea.start(sea.configuration(of: $0)) }
            let (first, firstRequest) = try await sea.ask()
            try await sea.wait(for: ExchangeReceived.topic, of: first, on: "bravo")
            let newest = try #require(try await sea.heights(first, "interchain.out", on: "alpha").last)
            let (list, certificate) = try sea.nodes("alpha").handover(to: 1, at: newest + 1)
            let succession = ListSuccession(list: list.bytes, firstHeight: newest + 1, certificate: certificate)
            try await sea.hub.submit(FollowNodeList(chain: "alpha", succession: succession), by: sea.carrier)
            // A member of the old list that the new one can spare is gone.
            await sea.stopAttester("alpha.v0")
            let (second, request) = try await sea.ask()
            try await sea.wait(for: ExchangeReceived.topic, of: second, on: "bravo")
            let bytes = try #require(try await sea.island("bravo").value(of: InterchainKey.listEpoch("alpha")))
            #expect(bytes.last == 1)
            // The services keep the order: the relay chain takes the second answer after the first.
            try await sea.answer(first, firstRequest)
            try await sea.answer(second, request)
            try await sea.wait { try await sea.ending(second) == .success }
            for gateway in gateways { await gateway.stop() }
        }
    }

    @Test("canaries after every question are refused by nodes that look; messages go on, and nobody has a fault")
    func canaries() async throws {
        try await Sea.with { sea in
            let gateways = try ["alpha", "bravo"].map {
                try sea.start(sea.configuration(of: $0) { $0.canaryEvery = 1 })
            }
            let (id, _) = try await sea.ask()
            try await sea.wait(for: ExchangeReceived.topic, of: id, on: "bravo")
            for gateway in gateways {
                let counts = gateway.gateway.interface.submissions()
                #expect((counts["canary,refused"] ?? 0) > 0 && counts["canary,certified"] == nil)
            }
            for chain in ["alpha", "hub"] {
                for node in try sea.nodes(chain).nodes {
                    let key = RelayKey.conduct(chain, 0, node.name)
                    let conduct = try await sea.hub.value(of: key).map { try NodeConduct(bytes: $0) }
                    #expect((conduct?.faults ?? 0) == 0)
                }
            }
            for gateway in gateways { await gateway.stop() }
        }
    }

    @Test("a node that signs without looking certifies a canary; the relay chain has the fault, and messages go on")
    func lazy() async throws {
        try await Sea.with { sea in
            await sea.stopAttester("alpha.v0")
            try await sea.startLazyAttester("alpha.v0")
            let gateways = try ["alpha", "bravo"].map { name in
                try sea.start(sea.configuration(of: name) { $0.canaryEvery = 1 })
            }
            let (id, _) = try await sea.ask()
            try await sea.wait(for: ExchangeReceived.topic, of: id, on: "bravo")
            let key = RelayKey.conduct("alpha", 0, "alpha.v0")
            try await sea.wait {
                try await sea.hub.value(of: key).map { try NodeConduct(bytes: $0) }?.faults == 1
            }
            #expect((gateways[0].gateway.interface.submissions()["canary,certified"] ?? 0) > 0)
            let list = try sea.nodes("alpha").list()
            var conducts: [NodeConduct?] = []
            for node in list.nodes {
                let value = try await sea.hub.value(of: RelayKey.conduct("alpha", 0, node.name))
                conducts.append(try value.map { try NodeConduct(bytes: $0) })
            }
            let next = try list.successor(after: ConductBook(of: list, recorded: conducts), candidates: [])
            #expect(next.list.nodes.filter { $0.status == .jailed }.map(\.name) == ["alpha.v0"])
            for gateway in gateways { await gateway.stop() }
        }
    }

    @Test("a first hop that has expired on its way is signed anew, and one that was said again is found")
    func renewal() async throws {
        try await Sea.with { sea in
            let alpha = try sea.start(sea.configuration(of: "alpha") { $0.hopSeconds = 2 })
            let (id, request) = try await sea.ask()
            try await sea.wait(for: ExchangeTaken.topic, of: id, on: "hub")
            let path = try await sea.broughtPath(id)
            let end = try #require(path.hops.first?.record.expiry)
            try await sea.wait { try await sea.clock(of: "hub") > end + 1 }
            // The relay chain says it again, in a block that does not tell how the message came.
            try await sea.hub.submit(RepeatNotice(notice: try await sea.notice(id)), by: sea.carrier)
            let bravo = try sea.start(
                sea.configuration(of: "bravo") { $0.otherAttesters = sea.attesters(of: "alpha") }
            )
            try await sea.wait(for: ExchangeReceived.topic, of: id, on: "bravo")
            try await sea.answer(id, request)
            try await sea.wait { try await sea.ending(id) == .success }
            for gateway in [alpha, bravo] { await gateway.stop() }
        }
    }

    @Test("an expired first hop stays where the source's nodes are unknown, and the gateway says so")
    func stuck() async throws {
        try await Sea.with { sea in
            let alpha = try sea.start(sea.configuration(of: "alpha") { $0.hopSeconds = 1 })
            let (id, _) = try await sea.ask()
            try await sea.wait(for: ExchangeTaken.topic, of: id, on: "hub")
            let path = try await sea.broughtPath(id)
            let end = try #require(path.hops.first?.record.expiry)
            try await sea.wait { try await sea.clock(of: "hub") > end + 1 }
            let bravo = try sea.start(sea.configuration(of: "bravo"))
            try await sea.wait { bravo.status.troubles.contains { $0.text.contains("has expired") } }
            #expect(try await sea.heights(id, ExchangeReceived.topic, on: "bravo").isEmpty)
            for gateway in [alpha, bravo] { await gateway.stop() }
        }
    }
}

extension Sea {
    /// The call with which a message came to the relay chain.
    private func taking(_ id: MessageID) async throws -> RelayMessage {
        let reader = try self.hub.reader()
        let entries = try await reader.events(of: EventSubjects.exchange(id), after: nil, on: .access)
        let entry = try #require(entries.first { $0.topic == ExchangeTaken.topic })
        let proof = try #require(try await reader.proof(of: entry.transaction, on: .access))
        return try RelayMessage(bytes: proof.transaction.body.arguments)
    }

    /// The path with which a message came to the relay chain.
    func broughtPath(_ id: MessageID) async throws -> PathProof {
        try #require(try ProofBundle(bytes: try await self.taking(id).bundle).path)
    }

    /// What the relay chain told the asked chain.
    func notice(_ id: MessageID) async throws -> ExchangeNotice {
        var message = try await self.taking(id).message
        message.proof = []
        return ExchangeNotice(
            side: .destination,
            status: .begin,
            id: id,
            requestHash: message.hash.bytes,
            message: message
        )
    }

    /// A chain's time, seconds since 1970: that of a block that is made for it.
    func clock(of name: String) async throws -> UInt64 {
        let island = try self.island(name)
        let expires = UInt64(Date().timeIntervalSince1970 * 1_000) + 600_000
        let change = ProposedChange.parameter(name: "epoch.seconds", value: 86_400)
        let proof = try await island.submit(Propose(expires: expires, change: change), by: island.governor)
        return proof.header.time / 1_000
    }
}
