internal import CanonicalBytes

/// Reads and writes records of a state under keys with one beginning.
protocol RecordKeeping {
    associatedtype Storage: InterchainStorage

    var storage: Storage { get }
    /// Of all keys.
    var prefix: [UInt8] { get }
}

extension RecordKeeping {
    func key(_ kind: String, _ part: [UInt8] = []) -> [UInt8] { self.prefix + Array(kind.utf8) + [0] + part }

    func record<Record: BookRecord>(
        _ type: Record.Type,
        at key: [UInt8]
    ) throws(BookFailure<Storage.Failure>) -> Record? {
        let bytes: [UInt8]?
        do throws(Storage.Failure) { bytes = try self.storage.value(of: key) } catch { throw .storage(error) }
        guard let bytes else { return nil }
        var reader = CanonicalReader(bytes)
        do throws(ProtocolFailure) {
            let record = try Record(from: &reader)
            try reader.finish()
            return record
        } catch { throw .damaged(error) }
    }

    func store(_ record: some BookRecord, at key: [UInt8]) throws(BookFailure<Storage.Failure>) {
        var writer = CanonicalWriter(capacity: 64)
        record.write(to: &writer)
        try self.set(key, to: writer.bytes)
    }

    func set(_ key: [UInt8], to bytes: [UInt8]?) throws(BookFailure<Storage.Failure>) {
        do throws(Storage.Failure) { try self.storage.set(key, to: bytes) } catch { throw .storage(error) }
    }
}
