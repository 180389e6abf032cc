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
///
/// What was read once is remembered, since transactions of one block ask for the same parameters and scopes again and
/// again.
package final class StateSession {
    private struct Entry {
        var value: [UInt8]?
        var isWritten: Bool
    }

    private let base: any StateReader
    private var entries: [ByteKey: Entry] = [:]
    /// What the transaction at work has overwritten, oldest first.
    private var overwritten: [(key: ByteKey, entry: Entry?)] = []

    /// - Parameter base: the state after the parent block.
    package init(over base: any StateReader) { self.base = base }

    package func value(of key: [UInt8]) throws(ProtocolFailure) -> [UInt8]? {
        let place = ByteKey(key)
        if let known = self.entries[place] { return known.value }
        let value = try self.base.value(of: key)
        self.entries[place] = Entry(value: value, isWritten: false)
        return value
    }

    /// Writes a value; nil removes the key.
    package func set(_ key: [UInt8], to value: [UInt8]?) {
        let place = ByteKey(key)
        let before = self.entries.updateValue(Entry(value: value, isWritten: true), forKey: place)
        self.overwritten.append((place, before))
    }

    /// Keeps what the transaction at work wrote.
    package func keep() { self.overwritten.removeAll(keepingCapacity: true) }

    /// Forgets what the transaction at work wrote.
    package func rollBack() {
        while let last = self.overwritten.popLast() { self.entries[last.key] = last.entry }
    }

    /// What was kept, ascending by key.
    package var changes: [StateChange] {
        var written: [(key: ByteKey, value: [UInt8]?)] = []
        for (key, entry) in self.entries where entry.isWritten { written.append((key, entry.value)) }
        written.sort { $0.key < $1.key }
        return written.map { StateChange(key: $0.key.bytes, value: $0.value) }
    }
}
