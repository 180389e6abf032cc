internal import CanonicalBytes

/// A vote that the block is final, by a replica that has prepared it (Castro and Liskov, OSDI 1999, section 4.2).
package struct Commit: Hashable, Sendable {
    package let slot: Slot
    package let replica: ReplicaID
    /// The replica's share of the quorum certificate, over ``ChainContext/commitMessage(epoch:view:height:block:)``.
    package let share: [UInt8]
    /// Over the slot and the share.
    package let signature: [UInt8]

    package init(slot: Slot, replica: ReplicaID, share: [UInt8], signature: [UInt8]) {
        self.slot = slot
        self.replica = replica
        self.share = share
        self.signature = signature
    }

    /// Signs the vote.
    package init(signing slot: Slot, as replica: ReplicaID, in chain: ChainContext, with signer: any ReplicaSigner) {
        let message = chain.commitMessage(epoch: slot.epoch, view: slot.view, height: slot.height, block: slot.block)
        self.init(signing: slot, share: signer.signShare(message), as: replica, in: chain, with: signer)
    }

    /// Signs the vote with a share that is made already.
    package init(
        signing slot: Slot,
        share: [UInt8],
        as replica: ReplicaID,
        in chain: ChainContext,
        with signer: any ReplicaSigner
    ) {
        self.slot = slot
        self.replica = replica
        self.share = share
        self.signature = signer.sign(Self.signedBytes(slot, share, chain))
    }

    static func signedBytes(_ slot: Slot, _ share: [UInt8], _ chain: ChainContext) -> [UInt8] {
        chain.signedBytes(.commit, body: slot.bytes + share)
    }

    func write(to writer: inout CanonicalWriter) {
        self.slot.write(to: &writer)
        writer.u16(self.replica.number)
        writer.lengthPrefixed(self.share)
        writer.lengthPrefixed(self.signature)
    }

    init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.slot = try Slot(from: &reader)
        self.replica = try reader.replica()
        self.share = try reader.lengthPrefixed()
        self.signature = try reader.lengthPrefixed()
    }
}
