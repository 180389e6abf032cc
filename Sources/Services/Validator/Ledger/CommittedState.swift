internal import CanonicalBytes
internal import Ledger
internal import LedgerStore
internal import StateTree

/// A channel's state after the last final block, as the ledger reads it.
final class CommittedState: StateReader, StateNodes, @unchecked Sendable {
    // The store is used from the core's thread only, which is the only one that executes blocks.
    let store: BufferedStateStore

    init(_ store: BufferedStateStore) { self.store = store }

    func value(of key: [UInt8]) throws(ProtocolFailure) -> [UInt8]? {
        do throws(LedgerStoreFailure) { return try self.store.value(key: key) } catch {
            throw ProtocolFailure(.context, "the state store cannot be read: \(error)")
        }
    }

    func node(at path: [UInt8]) throws(ProtocolFailure) -> [UInt8]? {
        do throws(LedgerStoreFailure) { return try self.store.node(path: path) } catch {
            throw ProtocolFailure(.context, "the state store cannot be read: \(error)")
        }
    }

    /// Takes over what a block changes.
    func apply(_ executed: ExecutedBlock) throws(LedgerStoreFailure) {
        try self.store.apply(
            LedgerStore.StateChange(
                height: executed.block.header.height,
                nodes: executed.update.nodes,
                entries: executed.changes.map { ($0.key, $0.value) }
            )
        )
    }
}

/// The state under the changes of blocks in flight, the newest of which is looked at first.
struct LayeredValues: StateReader {
    let base: CommittedState
    /// Oldest first.
    let layers: [ValueLayer]

    func value(of key: [UInt8]) throws(ProtocolFailure) -> [UInt8]? {
        let place = ByteKey(key)
        for layer in self.layers.reversed() {
            if let change = layer.changes[place] { return change }
        }
        return try self.base.value(of: key)
    }
}

/// What one block changes, by key.
final class ValueLayer: Sendable {
    fileprivate let changes: [ByteKey: [UInt8]?]

    init(_ changes: [Ledger.StateChange]) {
        var byKey: [ByteKey: [UInt8]?] = [:]
        byKey.reserveCapacity(changes.count)
        for change in changes { byKey.updateValue(change.value, forKey: ByteKey(change.key)) }
        self.changes = byKey
    }
}
