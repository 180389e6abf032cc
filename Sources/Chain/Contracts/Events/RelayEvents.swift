package import CanonicalBytes
package import IBTP
internal import Ledger

/// The relay chain took a request or an answer: `LP(id) || u8 type || u8 status`.
package struct ExchangeTaken: EventRecord {
    package static let topic = "relay.taken"

    package let id: MessageID
    /// Of the message that was taken.
    package let type: MessageType
    /// Where the exchange stands since.
    package let status: TransactionStatus

    package init(id: MessageID, type: MessageType, status: TransactionStatus) {
        self.id = id
        self.type = type
        self.status = status
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.id.description)
        writer.u8(self.type.rawValue)
        writer.u8(self.status.rawValue)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.id = try MessageID(try reader.text())
        guard let type = MessageType(rawValue: try reader.u8()) else {
            throw ProtocolFailure(.format, "no such type of message")
        }
        guard let status = TransactionStatus(rawValue: try reader.u8()) else {
            throw ProtocolFailure(.format, "no such status")
        }
        self.type = type
        self.status = status
    }
}

/// A chain has made two requests of one identifier, and is frozen: `LP(id) || first(32) || second(32)`.
package struct ExchangeContradicted: EventRecord {
    package static let topic = "relay.conflict"

    package let id: MessageID
    /// Hash of the request that was taken.
    package let first: [UInt8]
    /// Hash of the one that contradicts it.
    package let second: [UInt8]

    package init(id: MessageID, first: [UInt8], second: [UInt8]) {
        self.id = id
        self.first = first
        self.second = second
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.id.description)
        writer.raw(self.first)
        writer.raw(self.second)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.id = try MessageID(try reader.text())
        self.first = try reader.hash()
        self.second = try reader.hash()
    }
}

/// The escrow of an exchange ended because its deadline passed: `LP(id) || u64 reward || u64 refund`, in millionths.
package struct EscrowRefunded: EventRecord {
    package static let topic = "relay.refunded"

    package let id: MessageID
    /// To whoever ended it.
    package let reward: UInt64
    /// Back to the asking chain's account.
    package let refund: UInt64

    package init(id: MessageID, reward: UInt64, refund: UInt64) {
        self.id = id
        self.reward = reward
        self.refund = refund
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.id.description)
        writer.u64(self.reward)
        writer.u64(self.refund)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.id = try MessageID(try reader.text())
        self.reward = try reader.u64()
        self.refund = try reader.u64()
    }
}

/// Verification nodes certified two requests of one identifier: `LP(chain) || LP(id) || u16 n × LP(node)`.
package struct NodesConvicted: EventRecord {
    package static let topic = "relay.evidence"

    /// Whose nodes they are.
    package let chain: String
    package let id: MessageID
    /// Those of whom it was not known.
    package let nodes: [String]

    package init(chain: String, id: MessageID, nodes: [String]) {
        self.chain = chain
        self.id = id
        self.nodes = nodes
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.chain)
        writer.lengthPrefixed(self.id.description)
        writer.u16(UInt16(self.nodes.count))
        for node in self.nodes { writer.lengthPrefixed(node) }
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.chain = try reader.text()
        self.id = try MessageID(try reader.text())
        var nodes: [String] = []
        let count = try reader.u16()
        for _ in 0..<count { nodes.append(try reader.text()) }
        self.nodes = nodes
    }
}
