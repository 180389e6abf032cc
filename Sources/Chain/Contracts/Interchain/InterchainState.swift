package import CanonicalBytes
package import Consensus
package import IBTP
internal import Ledger

/// Keys of contract `interchain`, beside those of its light client, its lists and its broker.
package enum InterchainKey {
    /// ``InterchainLink`` of the first relay chain.
    package static let link = StateKey.make("interchain", "link")

    /// ``FurtherRelays``: those that this chain is connected to besides.
    package static let further = StateKey.make("interchain", "further-links")

    /// ``OpenedCall`` of an exchange that this chain asked for.
    package static func call(_ id: MessageID) -> [UInt8] { StateKey.make("interchain", "call", id.description.utf8) }

    /// ``AskedService`` of an exchange that this chain was asked for.
    package static func asked(_ id: MessageID) -> [UInt8] { StateKey.make("interchain", "asked", id.description.utf8) }

    /// The exchange, bare, that told of a delivery.
    package static func told(_ delivery: [UInt8]) -> [UInt8] { StateKey.make("interchain", "told", delivery) }

    /// ``ToldDelivery`` by the asking chain's side.
    package static func delivered(_ delivery: [UInt8]) -> [UInt8] { StateKey.make("interchain", "delivered", delivery) }

    /// ``ForeignClient`` of the relay chain.
    package static func client(_ hub: String) -> [UInt8] { ForeignKeys.interchain.client(hub) }

    /// ``ListRecord`` of the first relay chain's registry; ``ConnectedRelay`` has the others' keys.
    package static func list(_ chain: String, _ epoch: UInt64) -> [UInt8] {
        ForeignKeys.interchain.list(chain, epoch)
    }

    /// `u64`: the epoch of a chain's newest list.
    package static func listEpoch(_ chain: String) -> [UInt8] { ForeignKeys.interchain.listEpoch(chain) }

    /// Counters of the exchanges that services of this chain opened, ``PairCounters``.
    package static func sent(_ pair: ServicePair) -> [UInt8] { Self.prefix + Array("sent\0\(pair)".utf8) }

    /// Counters of the exchanges with services of this chain, ``PairCounters``.
    package static func received(_ pair: ServicePair) -> [UInt8] { Self.prefix + Array("received\0\(pair)".utf8) }

    /// Of all keys that the broker has.
    static let prefix = StateKey.make("interchain", bytes: [])
}

extension ForeignKeys {
    static let interchain = ForeignKeys(contract: "interchain")
}

/// Which relay chain this one trusts, and under which name it is known there: `LP(hub) || LP(name) || u64 height`.
package struct InterchainLink: StateRecord {
    /// The relay chain's identifier, the first part of all services' names.
    package let hub: String
    /// This chain's registered name.
    package let name: String
    /// The block that connected them.
    package let height: Height

    package init(hub: String, name: String, height: Height) {
        self.hub = hub
        self.name = name
        self.height = height
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.hub)
        writer.lengthPrefixed(self.name)
        writer.u64(self.height)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.hub = try reader.text()
        self.name = try reader.text()
        self.height = try reader.u64()
    }
}

/// An exchange that this chain asked for: `hash(32) || leaf(32) || share digest(32) || u8 status`.
package struct OpenedCall: StateRecord {
    /// ``InterchainMessage/hash``.
    package let hash: [UInt8]
    /// SHA-256 of the leaf, which covers the group too.
    package let leaf: [UInt8]
    /// Of the share request; zeros for other services.
    package let share: [UInt8]
    /// As the relay chain told; ``TransactionStatus/begin`` until then.
    package internal(set) var status: TransactionStatus

    init(hash: [UInt8], leaf: [UInt8], share: [UInt8]) {
        self.hash = hash
        self.leaf = leaf
        self.share = share
        self.status = .begin
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.hash)
        writer.raw(self.leaf)
        writer.raw(self.share)
        writer.u8(self.status.rawValue)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.hash = try reader.hash()
        self.leaf = try reader.hash()
        self.share = try reader.hash()
        guard let status = TransactionStatus(rawValue: try reader.u8()) else {
            throw ProtocolFailure(.format, "no such status")
        }
        self.status = status
    }
}

/// An exchange that this chain was asked for: `hash(32) || share digest(32) || asker(32) || u64 expiry || LP(carrier) ||
/// permission(32) || answer(32)`.
package struct AskedService: StateRecord {
    /// Of the request; zeros when only its undoing came.
    package let hash: [UInt8]
    /// Of the share request that is to be filed here; zeros for other services.
    package let share: [UInt8]
    /// SHA-256 of the certificate under which the source asks; zeros when it named none.
    package let asker: [UInt8]
    /// Seconds since 1970: from then on a request that nobody filed counts as failed.
    package let expiry: UInt64
    /// The relay chain's account of whoever brought the request; empty when nobody was named.
    package let carrier: [UInt8]
    /// That the share request ended with; zeros until then.
    package internal(set) var permission: [UInt8]
    /// SHA-256 of the newest answer's leaf; zeros until there is one.
    package internal(set) var answer: [UInt8]

    init(hash: [UInt8], share: [UInt8], asker: [UInt8], expiry: UInt64, carrier: [UInt8]) {
        self.hash = hash
        self.share = share
        self.asker = asker
        self.expiry = expiry
        self.carrier = carrier
        self.permission = Self.none
        self.answer = Self.none
    }

    static let none = [UInt8](repeating: 0, count: 32)

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.hash)
        writer.raw(self.share)
        writer.raw(self.asker)
        writer.u64(self.expiry)
        writer.lengthPrefixed(self.carrier)
        writer.raw(self.permission)
        writer.raw(self.answer)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.hash = try reader.hash()
        self.share = try reader.hash()
        self.asker = try reader.hash()
        self.expiry = try reader.u64()
        self.carrier = try reader.lengthPrefixed()
        self.permission = try reader.hash()
        self.answer = try reader.hash()
    }
}

/// A delivery that the other chain told of: `LP(id) || LP(share exchange) || list(32) || u32 count || u64 time`.
package struct ToldDelivery: StateRecord {
    package let id: MessageID
    /// The exchange that asked for the data.
    package let share: MessageID
    /// As the privacy center recorded it there.
    package let list: [UInt8]
    package let count: UInt32
    /// Milliseconds since 1970: of this chain's block.
    package let time: UInt64

    init(id: MessageID, share: MessageID, list: [UInt8], count: UInt32, time: UInt64) {
        self.id = id
        self.share = share
        self.list = list
        self.count = count
        self.time = time
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.id.description)
        writer.lengthPrefixed(self.share.description)
        writer.raw(self.list)
        writer.u32(self.count)
        writer.u64(self.time)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.id = try MessageID(try reader.text())
        self.share = try MessageID(try reader.text())
        self.list = try reader.hash()
        self.count = try reader.u32()
        self.time = try reader.u64()
    }
}
