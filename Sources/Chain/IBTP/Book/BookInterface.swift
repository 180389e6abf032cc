package import CanonicalBytes

/// Where a book keeps its records: the state of a chain, as far as a contract may touch it.
package protocol InterchainStorage {
    /// What access to the state can end with, for example that a call has used up its work.
    associatedtype Failure: Error

    /// - Returns: nil when the key has no value.
    func value(of key: [UInt8]) throws(Failure) -> [UInt8]?

    /// Writes a value; nil removes the key.
    func set(_ key: [UInt8], to value: [UInt8]?) throws(Failure)
}

/// Why a message changes nothing.
package enum InterchainRefusal: Error, Hashable, Sendable {
    /// A name, an index or a height that the protocol does not allow.
    case malformed(ProtocolFailure)
    /// Neither service belongs to this relay chain.
    case anotherHub
    /// A request where an answer belongs, or the reverse, or a type that no relay chain sees.
    case wrongType
    /// It was there before: nothing is left to do.
    case indexExists
    /// Others belong before it.
    case indexGap(expected: UInt64)
    /// A request of this index, with another content, was there before: its source says two things.
    case conflictingRequest
    /// No request of this identifier.
    case unknownRequest
    /// The exchange stands where this answer does not fit.
    case unexpectedReceipt(TransactionStatus)
    /// The group does not name this very message, or names a service of another relay chain.
    case notOfTheGroup
}

/// Why a step of a book was not taken; all that it wrote is to be undone.
package enum BookFailure<StorageFailure: Error>: Error {
    case refused(InterchainRefusal)
    /// A record of the state is none.
    case damaged(ProtocolFailure)
    case storage(StorageFailure)
}

/// What happens to a book.
package enum BookEvent: Hashable, Sendable {
    /// A request, proven to come from its source's chain.
    case request(InterchainMessage, RequestContext)
    /// An answer, proven to come from its destination's chain.
    case receipt(InterchainMessage)
    /// The other relay chain gave a request up with this status.
    case destinationStatus(MessageID, TransactionStatus)
    /// All messages of a block were taken: what is due by then is undone, as many exchanges as this at most.
    ///
    /// What is left over is undone at the next one, and counts as undone before.
    case blockEnd(expiriesMax: Int)
}

/// What the registry says of a request's destination.
package struct RequestContext: Hashable, Sendable {
    /// Whether the service can be called: registered, allowed to the source, and not frozen.
    package let isAvailable: Bool
    /// Whether the service takes its messages in the order of their indices; the first request of a pair fixes it.
    package let isOrdered: Bool

    package init(isAvailable: Bool, isOrdered: Bool) {
        self.isAvailable = isAvailable
        self.isOrdered = isOrdered
    }
}

/// One of the two chains of an exchange (bitxhub-model v2, `NotifyChain`).
package enum ExchangeSide: UInt8, Hashable, Sendable, CaseIterable {
    case source = 0
    case destination = 1
}

/// What a chain must be told.
package struct StatusNotice: Hashable, Sendable {
    package let side: ExchangeSide
    package let message: MessageID
    /// The exchange's; of a group, the whole group's.
    package let status: TransactionStatus

    package init(side: ExchangeSide, message: MessageID, status: TransactionStatus) {
        self.side = side
        self.message = message
        self.status = status
    }

    /// The chain to be told, ``ServiceID/chainName``: each message's own.
    package var chain: String { self.side == .source ? self.message.from.chainName : self.message.to.chainName }
}

extension StatusNotice: Comparable {
    /// By the chain that is told, then by message, then by side.
    package static func < (left: StatusNotice, right: StatusNotice) -> Bool {
        if left.chain != right.chain { return left.chain.utf8.lexicographicallyPrecedes(right.chain.utf8) }
        if left.message != right.message { return left.message < right.message }
        return left.side.rawValue < right.side.rawValue
    }
}

/// What a step of a book leads to; in one order only.
package struct BookEffects: Hashable, Sendable {
    /// Ascending.
    package var notices: [StatusNotice] = []
    /// Exchanges that are over, ascending by identifier; their status stays.
    package var settled: [MessageID] = []

    mutating func tell(
        _ message: MessageID,
        _ flags: (source: Bool, destination: Bool),
        _ status: TransactionStatus
    ) {
        if flags.source { self.notices.append(StatusNotice(side: .source, message: message, status: status)) }
        if flags.destination { self.notices.append(StatusNotice(side: .destination, message: message, status: status)) }
    }

    func sorted() -> BookEffects {
        var effects = self
        effects.notices.sort()
        effects.settled.sort()
        return effects
    }
}
