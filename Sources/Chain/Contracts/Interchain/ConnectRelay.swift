package import CanonicalBytes
internal import IBTP
internal import Ledger
internal import PathProofs

/// Governors connect this chain to a relay chain, the first or another one, or vouch for it anew: `LP(hub) || LP(name) || anchor || u8 n ×
/// list anchor`, where the anchor's chain is the hub.
package struct ConnectRelay: StateRecord {
    /// Lists that one change may vouch for.
    package static let listsMax = 16

    /// This chain's registered name.
    package let name: String
    /// Its chain is the hub.
    package let anchor: ClientAnchor
    package let lists: [ListAnchor]

    package init(name: String, anchor: ClientAnchor, lists: [ListAnchor]) {
        self.name = name
        self.anchor = anchor
        self.lists = lists
    }

    /// The relay chain's identifier.
    package var hub: String { String(decoding: self.anchor.chain, as: UTF8.self) }

    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.name)
        self.anchor.write(to: &writer)
        writer.u8(UInt8(truncatingIfNeeded: self.lists.count))
        for list in self.lists { list.write(to: &writer) }
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.name = try reader.text()
        self.anchor = try ClientAnchor(from: &reader)
        let hub = String(decoding: self.anchor.chain, as: UTF8.self)
        // Checks both names.
        _ = try ServiceID(hub: hub, chain: self.name, service: "share")
        try require(!hub.isSame(as: self.name) && !hub.isEmpty, .format, "a chain that is its own relay chain")
        let count = Int(try reader.u8())
        try require(count <= Self.listsMax, .format, "more than \(Self.listsMax) lists")
        var lists: [ListAnchor] = []
        for _ in 0..<count { lists.append(try ListAnchor(from: &reader)) }
        self.lists = lists
    }
}

/// How governors' word about the relay chain is checked and kept.
struct Connecting: Sendable {
    let chains: ForeignChains

    /// - Throws: `connected-otherwise`, `relays-full`, `bad-connection`, `bad-list`.
    func check(_ connect: ConnectRelay, _ call: ContractCall) throws(ContractFailure) {
        let relays = try call.connectedRelays()
        if let link = relays.first(where: { $0.link.hub.isSame(as: connect.hub) })?.link {
            let isSame = link.name.isSame(as: connect.name)
            try ensure(isSame, .connectedOtherwise, "connected to \(link.hub) as \(link.name)")
        } else {
            let hasRoom = relays.count < ConnectedRelay.countMax
            try ensure(hasRoom, .relaysFull, "connected to \(relays.count) relay chains")
        }
        try ensure(connect.anchor.chain != call.block.chain, .badConnection, "its own relay chain")
        try self.chains.check(connect.anchor, call)
        var names: [String] = []
        for anchor in connect.lists {
            let list = try self.chains.read(anchor, of: nil, call)
            let isNew = !names.contains { $0.isSame(as: list.chain) }
            try ensure(isNew, .badNodeList, "two lists of \(list.chain)")
            names.append(list.chain)
        }
    }

    func carryOut(_ connect: ConnectRelay, _ call: ContractCall) throws(ContractFailure) {
        let chains = self.chains.of(try self.relay(connect, call))
        try chains.set(connect.anchor, of: connect.hub, call)
        for anchor in connect.lists {
            try chains.set(anchor, try chains.read(anchor, of: nil, call), call)
        }
        try call.emit("interchain.connected", Array(connect.hub.utf8))
    }

    /// The relay chain's place, which it keeps for ever.
    private func relay(_ connect: ConnectRelay, _ call: ContractCall) throws(ContractFailure) -> ConnectedRelay {
        let relays = try call.connectedRelays()
        if let known = relays.first(where: { $0.link.hub.isSame(as: connect.hub) }) { return known }
        let link = InterchainLink(hub: connect.hub, name: connect.name, height: call.block.height)
        let relay = ConnectedRelay(link: link, isFirst: relays.isEmpty)
        if relay.isFirst {
            try call.store(link, at: InterchainKey.link)
        } else {
            try call.store(FurtherRelays(relays.dropFirst().map(\.link) + [link]), at: InterchainKey.further)
        }
        return relay
    }
}
