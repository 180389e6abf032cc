internal import CanonicalBytes
internal import Records

/// The exchanges of a relay chain: counters, states, groups and deadlines (bitxhub v2.8, interchain and transaction
/// managers).
///
/// The book itself holds nothing. Each step reads a bounded number of records by their keys, and writes them; a step
/// that throws may have written some, which its owner undoes. Signatures and proofs are checked before a step, by its
/// owner.
package struct InterchainBook<Storage: InterchainStorage>: RecordKeeping {
    package typealias Failure = BookFailure<Storage.Failure>

    /// The relay chain's name, the first part of its services' names.
    package let hub: String
    let storage: Storage
    let prefix: [UInt8]

    /// - Parameters:
    ///   - hub: the relay chain's name.
    ///   - storage: where the records are.
    ///   - prefix: that all keys of this book begin with.
    package init(hub: String, storage: Storage, prefix: [UInt8]) {
        self.hub = hub
        self.storage = storage
        self.prefix = prefix
    }

    /// Takes one event of a block.
    ///
    /// - Parameters:
    ///   - event: whose proofs are checked.
    ///   - height: the block's.
    /// - Returns: who is to be told of what.
    /// - Throws: why nothing happens; then what was written is to be undone.
    package func step(_ event: BookEvent, at height: UInt64) throws(Failure) -> BookEffects {
        var effects = BookEffects()
        switch event {
        case .request(let message, let context): try self.take(message, context, height, &effects)
        case .receipt(let message):
            guard let event = TransactionEvent(receipt: message.type) else { throw .refused(.wrongType) }
            try self.move(try self.id(of: message), event, height, &effects)
        case .destinationStatus(let id, let status):
            try self.move(id, try self.outcome(of: id, status), height, &effects)
        case .blockEnd(let expiriesMax): try self.expire(upTo: height, expiriesMax, &effects)
        }
        return effects.sorted()
    }

    /// Where an exchange stands, of one in a group: the group; nil for an unknown one.
    package func status(of id: MessageID) throws(Failure) -> TransactionStatus? {
        switch try self.record(MessageRecord.self, at: self.key(of: id))?.place {
        case .alone(let progress): progress.status
        case .group(let group): try self.group(group).progress.status
        case nil: nil
        }
    }

    /// The hash of the request of this identifier; nil for an unknown one.
    package func requestHash(of id: MessageID) throws(Failure) -> [UInt8]? {
        try self.record(MessageRecord.self, at: self.key(of: id))?.hash
    }

    /// The counters of a pair; nil before its first request.
    package func counters(of pair: ServicePair) throws(Failure) -> PairCounters? {
        try self.record(PairCounters.self, at: self.key(of: pair))
    }

    /// The block up to which everything that was due is done; nil while nothing has ever waited.
    package func expiredHeight() throws(Failure) -> UInt64? {
        try self.record(BookNumber.self, at: self.key("done"))?.value
    }

    func id(of message: InterchainMessage) throws(Failure) -> MessageID {
        let id: MessageID
        do throws(ProtocolFailure) { id = try message.id } catch { throw .refused(.malformed(error)) }
        guard id.from.hub == self.hub || id.to.hub == self.hub else { throw .refused(.anotherHub) }
        return id
    }

    /// The event that the end of an exchange on the destination's relay chain is for the source's.
    private func outcome(of id: MessageID, _ status: TransactionStatus) throws(Failure) -> TransactionEvent {
        guard id.pair.isBetweenHubs, id.from.hub == self.hub else { throw .refused(.anotherHub) }
        switch status {
        case .beginFailure, .failure: return .destinationFailure
        case .beginRollback, .rollback: return .destinationRollback
        case .begin, .success: throw .refused(.wrongType)
        }
    }
}

/// Records and their keys.
extension InterchainBook {
    func key(of pair: ServicePair) -> [UInt8] { self.key("pair", Array(pair.description.utf8)) }
    func key(of id: MessageID) -> [UInt8] { self.key("message", Array(id.description.utf8)) }
    func key(ofGroup id: [UInt8]) -> [UInt8] { self.key("group", id) }

    func group(_ id: [UInt8]) throws(Failure) -> GroupRecord {
        guard let group = try self.record(GroupRecord.self, at: self.key(ofGroup: id)) else {
            throw .damaged(ProtocolFailure(.format, "a group without record"))
        }
        return group
    }
}
