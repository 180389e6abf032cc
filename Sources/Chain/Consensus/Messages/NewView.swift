internal import CanonicalBytes

/// The coordinator's opening of a view: a quorum of view changes, from which everybody computes what must be
/// proposed again (Castro and Liskov, OSDI 1999, section 4.4).
package struct NewView: Hashable, Sendable {
    package let epoch: CommitteeEpoch
    package let view: View
    /// Exactly a quorum, ascending by replica.
    package let viewChanges: [ViewChange]
    package let replica: ReplicaID
    package let signature: [UInt8]

    package init(
        epoch: CommitteeEpoch,
        view: View,
        viewChanges: [ViewChange],
        replica: ReplicaID,
        signature: [UInt8]
    ) {
        self.epoch = epoch
        self.view = view
        self.viewChanges = viewChanges
        self.replica = replica
        self.signature = signature
    }

    /// Signs an opening.
    package init(
        epoch: CommitteeEpoch,
        view: View,
        viewChanges: [ViewChange],
        signingAs replica: ReplicaID,
        in chain: ChainContext,
        with signer: any ReplicaSigner
    ) {
        let body = Self.body(epoch, view, viewChanges)
        self.init(
            epoch: epoch,
            view: view,
            viewChanges: viewChanges,
            replica: replica,
            signature: signer.sign(chain.signedBytes(.newView, body: body))
        )
    }

    var body: [UInt8] { Self.body(self.epoch, self.view, self.viewChanges) }

    private static func body(_ epoch: CommitteeEpoch, _ view: View, _ viewChanges: [ViewChange]) -> [UInt8] {
        var writer = CanonicalWriter(capacity: 4_096)
        writer.u64(epoch)
        writer.u64(view)
        writer.u16(UInt16(viewChanges.count))
        for viewChange in viewChanges { viewChange.write(to: &writer) }
        return writer.bytes
    }

    func write(to writer: inout CanonicalWriter) {
        writer.raw(self.body)
        writer.u16(self.replica.number)
        writer.lengthPrefixed(self.signature)
    }

    init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.epoch = try reader.u64()
        self.view = try reader.u64()
        let count = Int(try reader.u16())
        try require(count <= 256, .format, "\(count) view changes")
        var viewChanges: [ViewChange] = []
        for _ in 0..<count { viewChanges.append(try ViewChange(from: &reader)) }
        self.viewChanges = viewChanges
        self.replica = try reader.replica()
        self.signature = try reader.lengthPrefixed()
    }
}
