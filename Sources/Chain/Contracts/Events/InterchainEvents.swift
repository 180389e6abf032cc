package import CanonicalBytes
package import IBTP
internal import Ledger

/// A share request of another chain came: `LP(id) || share digest(32)`.
package struct ExchangeReceived: EventRecord {
    package static let topic = "interchain.received"

    package let id: MessageID
    /// ``ShareRequest/digest(_:by:asker:)`` of the request that is to be filed.
    package let share: [UInt8]

    package init(id: MessageID, share: [UInt8]) {
        self.id = id
        self.share = share
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.id.description)
        writer.raw(self.share)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.id = try MessageID(try reader.text())
        self.share = try reader.hash()
    }
}

/// An exchange is undone at its destination: `LP(id) || permission(32)`, zeros when there was none.
package struct ExchangeUndone: EventRecord {
    package static let topic = "interchain.undone"

    package let id: MessageID
    /// That was revoked.
    package let permission: [UInt8]

    package init(id: MessageID, permission: [UInt8]) {
        self.id = id
        self.permission = permission
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.id.description)
        writer.raw(self.permission)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.id = try MessageID(try reader.text())
        self.permission = try reader.hash()
    }
}

/// An exchange is over at its source: `LP(id) || u8 status || LP(payload of the answer, or nothing)`.
package struct ExchangeClosed: EventRecord {
    package static let topic = "interchain.closed"

    package let id: MessageID
    package let status: TransactionStatus
    /// ``InterchainPayload`` of the answer; empty when there is none.
    package let payload: [UInt8]

    package init(id: MessageID, status: TransactionStatus, payload: [UInt8]) {
        self.id = id
        self.status = status
        self.payload = payload
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.lengthPrefixed(self.id.description)
        writer.u8(self.status.rawValue)
        writer.lengthPrefixed(self.payload)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.id = try MessageID(try reader.text())
        guard let status = TransactionStatus(rawValue: try reader.u8()) else {
            throw ProtocolFailure(.format, "no such status")
        }
        self.status = status
        self.payload = try reader.lengthPrefixed()
    }
}

/// Another chain tells of a delivery: `delivery(32) || LP(share exchange)`.
package struct DeliveryTold: EventRecord {
    package static let topic = "interchain.delivered"

    package let delivery: [UInt8]
    package let share: MessageID

    package init(delivery: [UInt8], share: MessageID) {
        self.delivery = delivery
        self.share = share
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.delivery)
        writer.lengthPrefixed(self.share.description)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.delivery = try reader.hash()
        self.share = try MessageID(try reader.text())
    }
}
