internal import CanonicalBytes

/// What the broker of a destination does with a message from the relay chain.
package enum DeliveryAction: Hashable, Sendable {
    /// Call the service, then say how it ended.
    case call
    /// Call the service's undoing, then answer with this.
    case undo(MessageType)
    /// Call nothing; answer with this.
    case answer(MessageType)
}

/// The exchanges of one application chain: its services call others and are called exactly once (broker contract of
/// pier-client-ethereum 2.8).
///
/// Like ``InterchainBook`` it holds nothing itself. That the relay chain said what it is told is checked before, by its
/// owner. Answers to the source are taken in any order, each once: an exchange whose time is up need not wait for one
/// that has no limit.
package struct ServiceBroker<Storage: InterchainStorage>: RecordKeeping {
    package typealias Failure = BookFailure<Storage.Failure>

    /// The chain, ``ServiceID/chainName``.
    package let chain: String
    let storage: Storage
    let prefix: [UInt8]

    /// - Parameters:
    ///   - chain: the chain's name, ``ServiceID/chainName``.
    ///   - storage: where the records are.
    ///   - prefix: that all keys of this broker begin with.
    package init(chain: String, storage: Storage, prefix: [UInt8]) {
        self.chain = chain
        self.storage = storage
        self.prefix = prefix
    }

    /// Opens an exchange.
    ///
    /// - Parameter pair: from a service of this chain.
    /// - Returns: its identifier.
    /// - Throws: `anotherHub` for a service of another chain.
    package func open(_ pair: ServicePair) throws(Failure) -> MessageID {
        guard pair.from.chainName == self.chain else { throw .refused(.anotherHub) }
        var counters = try self.record(PairCounters.self, at: self.key(sent: pair)) ?? PairCounters(isOrdered: true)
        counters.requests += 1
        let id: MessageID
        do throws(ProtocolFailure) { id = try MessageID(pair, index: counters.requests) } catch {
            throw .refused(.malformed(error))
        }
        try self.store(counters, at: self.key(sent: pair))
        try self.store(Outcome.pending, at: self.key(sent: id))
        return id
    }

    /// Ends an exchange at its source, once.
    ///
    /// - Parameters:
    ///   - id: of an exchange that was opened here.
    ///   - status: that the relay chain tells the source.
    /// - Returns: whether the service is told of a result; otherwise it undoes what it did when it asked.
    /// - Throws: `indexExists` when it is closed.
    package func close(_ id: MessageID, _ status: TransactionStatus) throws(Failure) -> Bool {
        let key = self.key(sent: id)
        guard let outcome = try self.record(Outcome.self, at: key),
            var counters = try self.record(PairCounters.self, at: self.key(sent: id.pair))
        else { throw .refused(.unknownRequest) }
        guard outcome == .pending else { throw .refused(.indexExists) }
        guard status != .begin else { throw .refused(.unexpectedReceipt(status)) }
        counters.settled += 1
        try self.store(counters, at: self.key(sent: id.pair))
        try self.store(status == .success ? Outcome.success : .failure, at: key)
        return status == .success
    }

    /// Takes a message at its destination.
    ///
    /// - Parameters:
    ///   - id: of an exchange with a service of this chain.
    ///   - status: that the relay chain tells the destination: ``TransactionStatus/begin``, or that it is to be undone.
    ///   - isOrdered: whether the service takes its messages in order; the first of a pair fixes it.
    /// - Returns: what is to be done, once.
    /// - Throws: `indexExists` when nothing is left to do, `indexGap` when others come first.
    package func deliver(
        _ id: MessageID,
        _ status: TransactionStatus,
        isOrdered: Bool
    ) throws(Failure) -> DeliveryAction {
        guard id.to.chainName == self.chain else { throw .refused(.anotherHub) }
        let undoing: MessageType?
        switch status {
        case .begin: undoing = nil
        case .beginFailure: undoing = .receiptFailure
        case .beginRollback: undoing = .receiptRollback
        case .success, .failure, .rollback: throw .refused(.wrongType)
        }
        guard let outcome = try self.record(Outcome.self, at: self.key(received: id)) else {
            try self.count(id, isOrdered)
            try self.store(undoing == nil ? Outcome.pending : .undone, at: self.key(received: id))
            return undoing.map(DeliveryAction.answer) ?? .call
        }
        guard let undoing else { throw .refused(.indexExists) }
        switch outcome {
        case .undone: throw .refused(.indexExists)
        case .failure:
            try self.store(Outcome.undone, at: self.key(received: id))
            return .answer(undoing)
        case .pending, .success:
            try self.store(Outcome.undone, at: self.key(received: id))
            return .undo(undoing)
        }
    }

    /// Records how a called service ended.
    ///
    /// - Parameters:
    ///   - id: of the exchange that it was called for.
    ///   - isSuccess: whether it did what it was asked.
    /// - Returns: the answer.
    /// - Throws: `indexExists` when it was recorded, or undone in between.
    package func finish(_ id: MessageID, isSuccess: Bool) throws(Failure) -> MessageType {
        switch try self.record(Outcome.self, at: self.key(received: id)) {
        case nil: throw .refused(.unknownRequest)
        case .pending: break
        case .success, .failure, .undone: throw .refused(.indexExists)
        }
        try self.store(isSuccess ? Outcome.success : .failure, at: self.key(received: id))
        return isSuccess ? .receiptSuccess : .receiptFailure
    }

    /// Counters of exchanges that services of this chain opened; nil before the first.
    package func sent(_ pair: ServicePair) throws(Failure) -> PairCounters? {
        try self.record(PairCounters.self, at: self.key(sent: pair))
    }

    /// Counters of exchanges with services of this chain; nil before the first.
    package func received(_ pair: ServicePair) throws(Failure) -> PairCounters? {
        try self.record(PairCounters.self, at: self.key(received: pair))
    }

    private func count(_ id: MessageID, _ isOrdered: Bool) throws(Failure) {
        let key = self.key(received: id.pair)
        var counters = try self.record(PairCounters.self, at: key) ?? PairCounters(isOrdered: isOrdered)
        do throws(InterchainRefusal) { try counters.count(id.index) } catch { throw .refused(error) }
        try self.store(counters, at: key)
    }

    private func key(sent pair: ServicePair) -> [UInt8] { self.key("sent", Array(pair.description.utf8)) }
    private func key(sent id: MessageID) -> [UInt8] { self.key("sent-one", Array(id.description.utf8)) }
    private func key(received pair: ServicePair) -> [UInt8] { self.key("received", Array(pair.description.utf8)) }
    private func key(received id: MessageID) -> [UInt8] { self.key("received-one", Array(id.description.utf8)) }
}

/// How far one exchange is on an application chain: `u8`.
private enum Outcome: UInt8, BookRecord {
    case pending = 0
    case success = 1
    case failure = 2
    case undone = 3

    func write(to writer: inout CanonicalWriter) { writer.u8(self.rawValue) }

    init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        guard let outcome = Outcome(rawValue: try reader.u8()) else {
            throw ProtocolFailure(.format, "no such outcome")
        }
        self = outcome
    }
}
