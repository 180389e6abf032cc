package import CanonicalBytes
internal import IBTP
internal import Ledger
internal import PathProofs

/// Governors connect this chain to a relay chain, or vouch for it anew: `LP(hub) || LP(name) || anchor || u8 n ×
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

    /// - Throws: `connected-otherwise`, `bad-connection`, `bad-list`.
    func check(_ connect: ConnectRelay, _ call: ContractCall) throws(ContractFailure) {
        if let link = try call.record(InterchainLink.self, at: InterchainKey.link) {
            let isSame = link.hub.isSame(as: connect.hub) && link.name.isSame(as: connect.name)
            try ensure(isSame, .connectedOtherwise, "connected to \(link.hub) as \(link.name)")
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
        if try call.value(of: InterchainKey.link) == nil {
            let link = InterchainLink(hub: connect.hub, name: connect.name, height: call.block.height)
            try call.store(link, at: InterchainKey.link)
        }
        try self.chains.set(connect.anchor, of: connect.hub, call)
        for anchor in connect.lists {
            try self.chains.set(anchor, try self.chains.read(anchor, of: nil, call), call)
        }
        try call.emit("interchain.connected", Array(connect.hub.utf8))
    }
}
