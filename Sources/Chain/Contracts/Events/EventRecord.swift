internal import CanonicalBytes
internal import Ledger

/// What an event of one topic says, in its one encoding (`docs/spec/contracts.md`).
package protocol EventRecord: StateRecord {
    static var topic: String { get }
}

extension ContractCall {
    /// Tells the world.
    func emit(_ event: some EventRecord) throws(ContractFailure) {
        try self.emit(type(of: event).topic, event.bytes)
    }
}
