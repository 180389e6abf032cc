package import CanonicalBytes
package import IBTP

/// What a chain says to another one; the data of `interchain.out` and `interchain.timeout`, and the leaf of a block's
/// outbound tree.
package enum OutboundLeaf: Hashable, Sendable {
    /// `"WLIO" || 1 || LP(message)`, the proof's place empty: an application chain says it to its relay chain.
    case message(InterchainMessage)
    /// `"WLIO" || 2 || notice`: a relay chain tells one of the two chains of an exchange where that stands.
    case notice(ExchangeNotice)

    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 512)
        writer.magic("WLIO")
        switch self {
        case .message(let message):
            writer.u8(1)
            writer.lengthPrefixed(message.bytes)
        case .notice(let notice):
            writer.u8(2)
            notice.write(to: &writer)
        }
        return writer.bytes
    }

    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLIO")
        switch try reader.u8() {
        case 1: self = .message(try Self.message(try reader.lengthPrefixed()))
        case 2: self = .notice(try ExchangeNotice(from: &reader))
        case let kind: throw ProtocolFailure(.format, "a leaf of kind \(kind)")
        }
        try reader.finish()
    }

    /// A message in its one encoding, whose proof is elsewhere.
    fileprivate static func message(_ bytes: [UInt8]) throws(ProtocolFailure) -> InterchainMessage {
        let message = try InterchainMessage(bytes: bytes, .canonical)
        try require(message.proof.isEmpty, .format, "a leaf names no proof of itself")
        return message
    }
}

/// Where an exchange stands, as the relay chain tells it: `u8 side || u8 status || LP(chain) || LP(id) || request's
/// hash(32) || LP(message or nothing)`.
package struct ExchangeNotice: Hashable, Sendable {
    /// Which of the two chains is told.
    package let side: ExchangeSide
    package let status: TransactionStatus
    package let id: MessageID
    /// ``InterchainMessage/hash`` of the request.
    package let requestHash: [UInt8]
    /// The request for its destination, or the answer for its source; nil where there is nothing to hand on.
    package let message: InterchainMessage?

    package init(
        side: ExchangeSide,
        status: TransactionStatus,
        id: MessageID,
        requestHash: [UInt8],
        message: InterchainMessage?
    ) {
        self.side = side
        self.status = status
        self.id = id
        self.requestHash = requestHash
        self.message = message
    }

    /// The registered name of the chain that is told.
    package var chain: String { self.side == .source ? self.id.from.chain : self.id.to.chain }

    func write(to writer: inout CanonicalWriter) {
        writer.u8(self.side.rawValue)
        writer.u8(self.status.rawValue)
        writer.lengthPrefixed(self.chain)
        writer.lengthPrefixed(self.id.description)
        writer.raw(self.requestHash)
        writer.lengthPrefixed(self.message?.bytes ?? [])
    }

    init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        guard let side = ExchangeSide(rawValue: try reader.u8()),
            let status = TransactionStatus(rawValue: try reader.u8())
        else { throw ProtocolFailure(.format, "no such side or status") }
        let chain = try reader.text()
        let id = try MessageID(try reader.text())
        let hash = try reader.hash()
        let bytes = try reader.lengthPrefixed()
        let message = bytes.isEmpty ? nil : try OutboundLeaf.message(bytes)
        if let message {
            let messageID = try message.id
            try require(messageID == id, .format, "the message of another exchange")
        }
        self.init(side: side, status: status, id: id, requestHash: hash, message: message)
        try require(self.chain.isSame(as: chain), .format, "told to a chain that has no part in it")
    }
}
