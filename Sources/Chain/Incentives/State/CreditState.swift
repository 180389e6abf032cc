package import CanonicalBytes

/// The keys and values that the value-transfer contract works on: a chain's authenticated state, or a map in memory.
///
/// What is written in a transition that throws must be undone by whoever carries the transition out, as a block does with
/// the writes of a rejected transaction.
package protocol CreditState {
    /// - Parameter key: one of ``IncentiveKey``.
    /// - Returns: nil when the key has no value.
    /// - Throws: ``IncentiveFailure/damaged(_:)`` or ``IncentiveFailure/outOfWork(_:)``.
    func value(of key: [UInt8]) throws(IncentiveFailure) -> [UInt8]?

    /// Writes a value; nil removes the key. What was written is read from then on.
    ///
    /// - Throws: ``IncentiveFailure/outOfWork(_:)``.
    func set(_ key: [UInt8], to value: [UInt8]?) throws(IncentiveFailure)
}

/// Why a transition did not happen.
package enum IncentiveFailure: Error, Hashable, Sendable {
    /// The rules do not allow it.
    case rejected(IncentiveRejection, String)
    /// The state is not what the contract wrote.
    case damaged(ProtocolFailure)
    /// The state allows the caller no more accesses.
    case outOfWork(String)
}

/// Throws unless the condition holds.
func ensure(
    _ condition: Bool,
    _ rejection: IncentiveRejection,
    _ detail: @autoclosure () -> String
) throws(IncentiveFailure) {
    guard condition else { throw .rejected(rejection, detail()) }
}

/// A value of the state with its one encoding.
package protocol CreditRecord: Hashable, Sendable {
    func write(to writer: inout CanonicalWriter)

    /// - Throws: `FORMAT`.
    init(from reader: inout CanonicalReader) throws(ProtocolFailure)
}

extension CreditRecord {
    /// The canonical bytes.
    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 256)
        self.write(to: &writer)
        return writer.bytes
    }

    /// Reads a record that fills the bytes.
    ///
    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try self.init(from: &reader)
        try reader.finish()
    }
}

extension CreditState {
    /// - Returns: nil when the key has no value.
    func record<Record: CreditRecord>(_ type: Record.Type, at key: [UInt8]) throws(IncentiveFailure) -> Record? {
        guard let bytes = try self.value(of: key) else { return nil }
        do throws(ProtocolFailure) { return try Record(bytes: bytes) } catch { throw .damaged(error) }
    }

    func store(_ record: some CreditRecord, at key: [UInt8]) throws(IncentiveFailure) {
        try self.set(key, to: record.bytes)
    }
}

extension CanonicalWriter {
    mutating func credits(_ amount: Credits) { self.u64(amount.millionths) }
    mutating func millionths(_ share: Millionths) { self.u32(share.count) }
    mutating func account(_ id: AccountID) { self.lengthPrefixed(id.bytes) }
}

extension CanonicalReader {
    mutating func credits() throws(ProtocolFailure) -> Credits {
        guard let amount = Credits(millionths: try self.u64()) else {
            throw ProtocolFailure(.format, "more than \(Credits.limit) credits")
        }
        return amount
    }

    mutating func millionths() throws(ProtocolFailure) -> Millionths {
        guard let share = Millionths(try self.u32()) else { throw ProtocolFailure(.format, "a share above one") }
        return share
    }

    mutating func account() throws(ProtocolFailure) -> AccountID { try AccountID(try self.lengthPrefixed()) }

    mutating func flag() throws(ProtocolFailure) -> Bool {
        let byte = try self.u8()
        try require(byte <= 1, .format, "a flag is 0 or 1")
        return byte == 1
    }
}
