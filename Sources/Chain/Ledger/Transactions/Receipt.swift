package import CanonicalBytes

/// Why a contract refused a transaction: a stable number for programs, a name for people.
package struct RejectionCode: Hashable, Sendable, CustomStringConvertible {
    /// 1 to 65,535; 0 stands for success.
    package let number: UInt16
    package let name: String

    package init(_ number: UInt16, _ name: String) {
        self.number = number
        self.name = name
    }

    package static func == (left: Self, right: Self) -> Bool { left.number == right.number }

    package func hash(into hasher: inout Hasher) { hasher.combine(self.number) }

    package var description: String { self.name }
}

/// What a contract tells the world about a transaction that took effect.
package struct ContractEvent: Hashable, Sendable {
    /// `contract.what`, for subscribers to choose by.
    package let topic: String
    package let data: [UInt8]

    package init(topic: String, data: [UInt8]) {
        self.topic = topic
        self.data = data
    }
}

/// What became of one transaction of a block; a leaf of the block's receipt tree.
///
/// `"WLRT" || transaction id (32) || u16 code || u64 cost || u16 n || n × (LP(topic) || LP(data))`.
package struct TransactionReceipt: Hashable, Sendable {
    package static let eventsMax = 64

    package let transaction: [UInt8]
    /// 0: it took effect; otherwise a ``RejectionCode``'s number, and the state is as before but for the nonce.
    package let code: UInt16
    /// Units of work that it was charged.
    package let cost: UInt64
    package let events: [ContractEvent]

    package init(transaction: [UInt8], code: UInt16, cost: UInt64, events: [ContractEvent]) {
        self.transaction = transaction
        self.code = code
        self.cost = cost
        self.events = events
    }

    package var bytes: [UInt8] {
        let room = self.events.reduce(48) { $0 + 8 + $1.topic.utf8.count + $1.data.count }
        var writer = CanonicalWriter(capacity: room)
        writer.magic("WLRT")
        writer.raw(self.transaction)
        writer.u16(self.code)
        writer.u64(self.cost)
        writer.u16(UInt16(self.events.count))
        for event in self.events {
            writer.lengthPrefixed(event.topic)
            writer.lengthPrefixed(event.data)
        }
        return writer.bytes
    }

    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLRT")
        self.transaction = try reader.take(32)
        self.code = try reader.u16()
        self.cost = try reader.u64()
        let count = Int(try reader.u16())
        try require(count <= Self.eventsMax, .format, "too many events")
        var events: [ContractEvent] = []
        for _ in 0..<count {
            let topic = try reader.text()
            events.append(ContractEvent(topic: topic, data: try reader.lengthPrefixed()))
        }
        self.events = events
        try reader.finish()
    }
}
