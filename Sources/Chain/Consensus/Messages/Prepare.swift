internal import CanonicalBytes

/// A vote that this block may stand at this slot (Castro and Liskov, OSDI 1999, section 4.2).
///
/// The leader's own prepare travels inside its ``PrePrepare`` and counts as any other, so that a prepared
/// certificate is simply a quorum of prepares.
package struct Prepare: Hashable, Sendable {
    package let slot: Slot
    package let replica: ReplicaID
    package let signature: [UInt8]

    package init(slot: Slot, replica: ReplicaID, signature: [UInt8]) {
        self.slot = slot
        self.replica = replica
        self.signature = signature
    }

    /// Signs the vote.
    package init(signing slot: Slot, as replica: ReplicaID, in chain: ChainContext, with signer: any ReplicaSigner) {
        self.slot = slot
        self.replica = replica
        self.signature = signer.sign(chain.signedBytes(.prepare, body: slot.bytes))
    }

    func write(to writer: inout CanonicalWriter) {
        self.slot.write(to: &writer)
        writer.u16(self.replica.number)
        writer.lengthPrefixed(self.signature)
    }

    init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.slot = try Slot(from: &reader)
        self.replica = try reader.replica()
        self.signature = try reader.lengthPrefixed()
    }
}
