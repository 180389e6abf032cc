import CanonicalBytes
import IBTP
import Ledger
import PathProofs
import Testing

@testable import Contracts

@Suite("Two relay chains between the same alliances") struct TwoRelaysTests {
    let hub: Archipelago
    let port: Archipelago

    init() throws {
        self.hub = try Archipelago()
        self.port = try Archipelago(beside: self.hub)
    }

    private func counters(_ pair: String, on name: String, isSent: Bool) throws -> [UInt8]? {
        let ends = try pair.split(separator: "-").map { try ServiceID(String($0)) }
        let key = ServicePair(from: ends[0], to: ends[1])
        let values = try self.hub.chain(name).access.values.values
        return values[isSent ? InterchainKey.sent(key) : InterchainKey.received(key)]
    }

    /// `u8 ordered || u64 requests || u64 settled`.
    private static func counted(_ requests: UInt64, _ settled: UInt64, isOrdered: Bool) -> [UInt8] {
        [isOrdered ? 1 : 0] + requests.bigEndianBytes + settled.bigEndianBytes
    }

    @Test("exchanges in turn over both are counted apart, and each ends once, in whatever order they arrive")
    func interleaved() throws {
        var open: [(world: Archipelago, carried: Carried, request: RequestAccess)] = []
        for world in [self.hub, self.port, self.port, self.hub] {
            let asked = try world.ask()
            try #require(asked.code == 0)
            open.append((world, try world.message(from: "alpha"), asked.requests[0]))
        }
        let ids = try open.map { try $0.carried.message.id.description }
        #expect(
            ids == [
                "hub:alpha:share-hub:bravo:share-1", "port:alpha:share-port:bravo:share-1",
                "port:alpha:share-port:bravo:share-2", "hub:alpha:share-hub:bravo:share-2",
            ]
        )
        for (world, carried, request) in open.reversed() {
            #expect(try world.bring(carried) == 0)
            let told = try world.told("bravo")
            #expect(try world.bring(carried) == RejectionCode.ofBook(.indexExists))
            #expect(try world.bring(told) == 0)
            #expect(try world.bring(told) == RejectionCode.ofBook(.indexExists, on: "interchain"))
            try world.decide(request, on: "bravo")
            #expect(try world.finish(carried.message.id, request) == 0)
            #expect(try world.bring(try world.message(from: "bravo")) == 0)
            #expect(try world.bring(try world.told("alpha")) == 0)
            #expect(try world.call(carried.message.id)?.status == .success)
        }
        for name in ["hub", "port"] {
            let pair = "\(name):alpha:share-\(name):bravo:share"
            #expect(try self.counters(pair, on: "alpha", isSent: true) == Self.counted(2, 2, isOrdered: true))
            let received = try self.counters(pair, on: "bravo", isSent: false)
            #expect(received?.prefix(9) == Self.counted(2, 0, isOrdered: false).prefix(9))
        }
    }

    @Test("neither relay chain takes, tells or ends what is the other's")
    func apart() throws {
        try self.hub.ask()
        let carried = try self.hub.message(from: "alpha")
        #expect(try self.port.bring(carried) == RejectionCode.ofBook(.anotherHub))
        #expect(try self.hub.bring(carried) == 0)
        var told = try self.hub.told("bravo")
        // The port's own proof beside the hub's message.
        try self.port.ask()
        #expect(try self.port.bring(try self.port.message(from: "alpha")) == 0)
        let other = try self.port.told("bravo")
        told.proof = other.proof
        #expect(try self.hub.bring(told) == RejectionCode.anotherMessage.number)
        #expect(try self.port.bring(other) == 0)
        #expect(try self.hub.bring(try self.hub.told("bravo")) == 0)
    }

    @Test("a group goes over one relay chain")
    func groups() throws {
        let code = try self.hub.ask(["bravo", "charlie"]) { target in
            guard target.to == "hub:charlie:share" else { return }
            target = CallService.Target(to: "port:charlie:share", payload: target.payload, extra: target.extra)
        }
        .code
        #expect(code == RejectionCode.badDestination.number)
    }

    @Test("one that is silent for a trust period holds up its own exchanges alone")
    func silence() throws {
        self.hub.wait((Archipelago.trustSeconds + 10) * 1_000)
        self.port.wait(0)
        for name in ["alpha", "bravo"] {
            let anew = ConnectRelay(name: name, anchor: try self.port.anchor("port"), lists: [])
            #expect(try self.hub.chain(name).decide(.connect(anew)) == 0)
            let registered = ReanchorChain(chain: name, anchor: try self.port.anchor(name), list: nil)
            #expect(try self.port.hub.decide(.reanchor(registered)) == 0)
        }
        #expect(try self.hub.ask().code == RejectionCode.relayFrozen.number)
        let (id, _) = try self.port.exchange()
        #expect(try self.port.bring(try self.port.message(from: "bravo")) == 0)
        #expect(try self.port.bring(try self.port.told("alpha")) == 0)
        #expect(try self.port.call(id)?.status == .success)
    }

    @Test("a list is followed in the registry in which it follows")
    func lists() throws {
        let bravo = try self.hub.chain("bravo")
        let first = try bravo.access.record(InterchainLink.self, at: InterchainKey.link)
        let further = try bravo.access.record(FurtherRelays.self, at: InterchainKey.further)
        let relays = try ConnectedRelay.all(first: first?.bytes, further: further?.bytes)
        try #require(relays.map(\.link.hub) == ["hub", "port"])
        let old = try self.port.list("alpha")
        let next = try old.adding(key: 20)
        let height = try self.hub.chain("alpha").access.header.height + 1
        let succession = try old.succession(to: next, at: height)
        #expect(try bravo.call(BringNodeList(source: .succession(succession)), by: Archipelago.gateway) == 0)
        let epochs = relays.map { bravo.access.values.values[$0.listEpoch("alpha")] }
        #expect(epochs == [UInt64(0).bigEndianBytes, UInt64(1).bigEndianBytes])
        let again = try bravo.call(BringNodeList(source: .succession(succession)), by: Archipelago.gateway)
        #expect(again == RejectionCode.nodeListKnown.number)
        // The hub's registry goes on with its own nodes.
        try self.hub.exchange()
    }

    @Test("a chain is connected to four relay chains at most, under one name at each")
    func bounds() throws {
        let alpha = try self.hub.chain("alpha")
        func propose(_ name: String, _ hub: String) throws -> UInt16 {
            let anchor = try self.hub.anchor("hub")
            let other = ClientAnchor(
                chain: Array(hub.utf8),
                committee: anchor.committee,
                firstHeight: 1,
                trustSeconds: Archipelago.trustSeconds
            )
            let change = ProposedChange.connect(ConnectRelay(name: name, anchor: other, lists: []))
            return try alpha.call(
                Propose(expires: alpha.access.now + 1_000_000, change: change),
                by: "north:operator:g1"
            )
        }
        #expect(try propose("zulu", "port") == RejectionCode.connectedOtherwise.number)
        for hub in ["pier", "quay"] {
            let anchor = ClientAnchor(
                chain: Array(hub.utf8),
                committee: try self.hub.anchor("hub").committee,
                firstHeight: 1,
                trustSeconds: Archipelago.trustSeconds
            )
            #expect(try alpha.decide(.connect(ConnectRelay(name: "first", anchor: anchor, lists: []))) == 0)
        }
        #expect(try propose("first", "wharf") == RejectionCode.relaysFull.number)
        #expect(try propose("first", "quay") == 0)
    }
}
