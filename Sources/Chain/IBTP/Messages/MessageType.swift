internal import CanonicalBytes

/// What a message says (bitxhub-model v2, `IBTP.Type`).
package enum MessageType: UInt8, Sendable, CaseIterable {
    /// A service of the source asks one of the destination.
    case interchain = 0
    /// The destination's service did what it was asked.
    case receiptSuccess = 1
    /// The destination's service did not do it, or undid it after a failure elsewhere.
    case receiptFailure = 2
    /// The destination undid it after the time was up.
    case receiptRollback = 3
    /// The source has undone its part; between two gateways without a relay chain only.
    case receiptRollbackEnd = 4

    /// Whether a message of this type asks or answers.
    ///
    /// The published implementation gives none for ``receiptRollbackEnd``, and so loses such messages. It closes the
    /// exchange that the request of its index opened, hence it answers.
    package var category: MessageCategory { self == .interchain ? .request : .response }

    init(wire number: UInt64) throws(ProtocolFailure) {
        guard let type = UInt8(exactly: number).flatMap(Self.init(rawValue:)) else {
            throw ProtocolFailure(.format, "no type \(number) of messages")
        }
        self = type
    }
}

/// Whether a message opens an exchange or continues one; never on the wire.
package enum MessageCategory: UInt8, Sendable, CaseIterable {
    case request = 0
    case response = 1
}

/// Where an exchange stands (bitxhub-model v2, `TransactionStatus`).
package enum TransactionStatus: UInt8, Sendable, CaseIterable {
    /// The request is on its way.
    case begin = 0
    /// It cannot succeed; the destination has still to confirm that nothing remains of it there.
    case beginFailure = 1
    /// Its time is up; the destination has still to confirm that nothing remains of it there.
    case beginRollback = 2
    case success = 3
    case failure = 4
    case rollback = 5

    /// Whether nothing follows.
    package var isFinal: Bool { self == .success || self == .failure || self == .rollback }

    init(wire number: UInt64) throws(ProtocolFailure) {
        guard let status = UInt8(exactly: number).flatMap(Self.init(rawValue:)) else {
            throw ProtocolFailure(.format, "no status \(number) of transactions")
        }
        self = status
    }
}
