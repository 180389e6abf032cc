package import CanonicalBytes

/// What a request's proof showed: `circuit(32) || policy(32) || root(32) || u64 epoch || u32 slot || nym(32) ||
/// u64 time`.
///
/// The mark of requests that were made with a proof, beside their ``AccessRequest``.
package struct ProvenRequest: StateRecord {
    package let circuit: [UInt8]
    /// The policy's digest.
    package let policy: [UInt8]
    package let root: [UInt8]
    package let epoch: UInt64
    package let slot: UInt32
    package let nym: [UInt8]
    /// Milliseconds since 1970.
    package let time: UInt64

    init(_ arguments: ProveAccess, time: UInt64) {
        self.circuit = arguments.circuit
        self.policy = arguments.access.policy
        self.root = arguments.root
        self.epoch = arguments.epoch
        self.slot = arguments.slot
        self.nym = arguments.nym
        self.time = time
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.circuit)
        writer.raw(self.policy)
        writer.raw(self.root)
        writer.u64(self.epoch)
        writer.u32(self.slot)
        writer.raw(self.nym)
        writer.u64(self.time)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.circuit = try reader.hash()
        self.policy = try reader.hash()
        self.root = try reader.hash()
        self.epoch = try reader.u64()
        self.slot = try reader.u32()
        self.nym = try reader.hash()
        self.time = try reader.u64()
    }
}
