package import CanonicalBytes
internal import Ledger

/// A value of a contract's state with its one encoding.
package protocol StateRecord: Hashable, Sendable {
    func write(to writer: inout CanonicalWriter)

    /// - Throws: `FORMAT`.
    init(from reader: inout CanonicalReader) throws(ProtocolFailure)
}

extension StateRecord {
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

extension ContractCall {
    /// Reads a record of the state.
    ///
    /// - Returns: nil when the key has no value.
    func record<Record: StateRecord>(_ type: Record.Type, at key: [UInt8]) throws(ContractFailure) -> Record? {
        guard let bytes = try self.value(of: key) else { return nil }
        do throws(ProtocolFailure) { return try Record(bytes: bytes) } catch { throw .damaged(error) }
    }

    func store(_ record: some StateRecord, at key: [UInt8]) throws(ContractFailure) {
        try self.set(key, to: record.bytes)
    }

    /// Reads a value that is one `u64`.
    func number(at key: [UInt8]) throws(ContractFailure) -> UInt64? {
        guard let bytes = try self.value(of: key) else { return nil }
        var reader = CanonicalReader(bytes)
        do throws(ProtocolFailure) {
            let number = try reader.u64()
            try reader.finish()
            return number
        } catch { throw .damaged(error) }
    }
}
