package import CanonicalBytes
internal import IBTP
internal import Ledger

/// A relay chain that this chain is connected to.
///
/// Each has a registry of its own: the same chain may have other verification nodes there, whose conduct another list
/// follows from. So what this chain knows of lists stands beside the relay chain's name, but for the first one's, which
/// stand where they stood when there was only one. Counters need no such place: the pairs that they belong to are named
/// with the relay chain, so that no pair is ever counted at two.
package struct ConnectedRelay: Hashable, Sendable {
    /// Relay chains that a chain may be connected to.
    package static let countMax = 4

    package let link: InterchainLink
    /// Whether it is the one that governors connected first.
    package let isFirst: Bool

    package init(link: InterchainLink, isFirst: Bool) {
        self.link = link
        self.isFirst = isFirst
    }

    /// All of a chain, the first first.
    ///
    /// - Parameters:
    ///   - first: the value at ``InterchainKey/link``; nil: none.
    ///   - further: the value at ``InterchainKey/further``; nil: none.
    /// - Returns: nothing for a chain that is not connected.
    /// - Throws: `FORMAT`.
    package static func all(first: [UInt8]?, further: [UInt8]?) throws(ProtocolFailure) -> [ConnectedRelay] {
        guard let first else { return [] }
        var relays = [ConnectedRelay(link: try InterchainLink(bytes: first), isFirst: true)]
        guard let further else { return relays }
        for link in try FurtherRelays(bytes: further).links {
            relays.append(ConnectedRelay(link: link, isFirst: false))
        }
        return relays
    }

    /// ``ListRecord`` of a chain's list in this relay chain's registry, as far as this chain has followed it.
    package func list(_ chain: String, _ epoch: UInt64) -> [UInt8] { self.keys.list(chain, epoch) }

    /// `u64`: the epoch of the newest of them.
    package func listEpoch(_ chain: String) -> [UInt8] { self.keys.listEpoch(chain) }

    var keys: ForeignKeys {
        ForeignKeys(contract: ForeignKeys.interchain.contract, scope: self.isFirst ? "" : self.link.hub + ":")
    }
}

/// The relay chains that a chain is connected to after the first: `u8 n × link`, in the order in which governors
/// connected them.
package struct FurtherRelays: StateRecord {
    package let links: [InterchainLink]

    init(_ links: [InterchainLink]) { self.links = links }

    package func write(to writer: inout CanonicalWriter) {
        writer.u8(UInt8(truncatingIfNeeded: self.links.count))
        for link in self.links { link.write(to: &writer) }
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        let count = Int(try reader.u8())
        try require((1..<ConnectedRelay.countMax).contains(count), .format, "not a number of relay chains")
        var links: [InterchainLink] = []
        for _ in 0..<count {
            let link = try InterchainLink(from: &reader)
            let isNew = !links.contains { $0.hub.isSame(as: link.hub) }
            try require(isNew, .format, "a relay chain that stands there twice")
            links.append(link)
        }
        self.links = links
    }
}

extension ContractCall {
    /// The relay chains that this chain is connected to, the first first.
    func connectedRelays() throws(ContractFailure) -> [ConnectedRelay] {
        guard let first = try self.record(InterchainLink.self, at: InterchainKey.link) else { return [] }
        let further = try self.record(FurtherRelays.self, at: InterchainKey.further)?.links ?? []
        return [ConnectedRelay(link: first, isFirst: true)]
            + further.map { ConnectedRelay(link: $0, isFirst: false) }
    }
}
