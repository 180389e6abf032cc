package import CanonicalBytes

/// Gives the values of a channel's state.
package protocol StateReader: Sendable {
    /// - Returns: nil when the key has no value.
    /// - Throws: when the store is damaged.
    func value(of key: [UInt8]) throws(ProtocolFailure) -> [UInt8]?
}

/// One key's new value.
package struct StateChange: Hashable, Sendable {
    package let key: [UInt8]
    /// nil: the key is removed.
    package let value: [UInt8]?

    package init(key: [UInt8], value: [UInt8]?) {
        self.key = key
        self.value = value
    }
}

/// The state while one block is executed: writes of the transactions so far, and of the one at work.
package final class StateSession {
    private let base: any StateReader
    private var written: [[UInt8]: [UInt8]?] = [:]
    private var pending: [[UInt8]: [UInt8]?] = [:]

    /// - Parameter base: the state after the parent block.
    package init(over base: any StateReader) { self.base = base }

    package func value(of key: [UInt8]) throws(ProtocolFailure) -> [UInt8]? {
        if let value = self.pending[key] { return value }
        if let value = self.written[key] { return value }
        return try self.base.value(of: key)
    }

    /// Writes a value; nil removes the key.
    package func set(_ key: [UInt8], to value: [UInt8]?) { self.pending.updateValue(value, forKey: key) }

    /// Keeps what the transaction at work wrote.
    package func keep() {
        self.written.merge(self.pending) { _, new in new }
        self.pending.removeAll(keepingCapacity: true)
    }

    /// Forgets what the transaction at work wrote.
    package func rollBack() { self.pending.removeAll(keepingCapacity: true) }

    /// What was kept, ascending by key.
    package var changes: [StateChange] {
        self.written
            .map { StateChange(key: $0.key, value: $0.value) }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }
    }
}
