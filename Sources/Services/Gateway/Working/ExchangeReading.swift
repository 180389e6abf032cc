internal import CanonicalBytes
internal import Contracts
internal import IBTP
internal import Ledger
internal import Relaying

/// A pair's counters: `u8 ordered || u64 requests || u64 settled`.
struct PairReading {
    let isOrdered: Bool
    let requests: UInt64
    let settled: UInt64

    /// - Throws: `FORMAT`.
    init(_ bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        self.isOrdered = try reader.u8() == 1
        self.requests = try reader.u64()
        self.settled = try reader.u64()
        try reader.finish()
    }

    func reading(of lane: Lane) -> CounterReading {
        CounterReading(isOrdered: self.isOrdered, taken: lane == .receipts ? self.settled : self.requests)
    }
}

/// Where exchanges stand, by the states of the two chains.
struct ExchangeReading: Sendable {
    let tools: GatewayTools

    /// Whether the receiving chain needs a leaf no more; nil when its records say nothing that one understands.
    ///
    /// - Throws: when the chain does not say.
    func isDone(_ leaf: OutboundLeaf) async throws -> Bool? {
        switch leaf {
        case .message(let message):
            let status = try await Self.relayStatus(of: try message.id, on: self.tools.relay)
            guard message.type.category == .response else { return status != nil }
            return status?.isFinal ?? false
        case .notice(let notice): return try await self.isDone(notice)
        }
    }

    /// Where an exchange stands on the relay chain; nil for one that is not known there.
    ///
    /// - Throws: when the chain does not say, or its record is of another form.
    static func relayStatus(of id: MessageID, on relay: ShoreClient) async throws -> TransactionStatus? {
        guard let bytes = try await relay.value(of: RelayRecordKey.message(id)) else { return nil }
        var reader = CanonicalReader(bytes)
        _ = try reader.take(32)
        if try reader.u8() == 0 { return TransactionStatus(rawValue: try reader.u8()) }
        let group = try reader.take(32)
        guard let record = try await relay.value(of: RelayRecordKey.group(group)) else { return nil }
        return record.first.flatMap(TransactionStatus.init(rawValue:))
    }

    private func isDone(_ notice: ExchangeNotice) async throws -> Bool {
        let chain = self.tools.application
        if notice.side == .source {
            let state = try await chain.value(of: BrokerRecordKey.sent(notice.id))?.first
            return state.map { $0 != BrokerState.open } ?? false
        }
        let state = try await chain.value(of: BrokerRecordKey.received(notice.id))?.first
        return notice.status == .begin ? state != nil : state == BrokerState.undone
    }
}

/// How far an exchange is by an application chain's broker, `u8`.
enum BrokerState {
    static let open: UInt8 = 0
    static let undone: UInt8 = 3
}

/// Keys of the book's records on the relay chain.
enum RelayRecordKey {
    static func message(_ id: MessageID) -> [UInt8] { StateKey.make("relay", "message", id.description.utf8) }
    static func group(_ id: [UInt8]) -> [UInt8] { StateKey.make("relay", "group", id) }
}

/// Keys of the broker's records on an application chain.
enum BrokerRecordKey {
    static func sent(_ id: MessageID) -> [UInt8] { StateKey.make("interchain", "sent-one", id.description.utf8) }
    static func received(_ id: MessageID) -> [UInt8] {
        StateKey.make("interchain", "received-one", id.description.utf8)
    }
}
