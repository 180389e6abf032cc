internal import CanonicalBytes

/// Where a replica stands, sent at every tick: the leader's heartbeat, and what peers need to send again what was
/// lost (receiver-based recovery: Castro, *Practical Byzantine Fault Tolerance*, MIT 2001, section 5.2).
///
/// It is a hint and not signed: nothing but retransmission depends on it, and the transport knows its sender.
package struct Status: Hashable, Sendable {
    package let epoch: CommitteeEpoch
    package let view: View
    /// Whether the replica has left ``view`` minus one and waits for ``view`` to be opened.
    package let isChangingView: Bool
    package let committed: Height
    /// The lowest block that the replica can still serve.
    package let earliest: Height

    package init(
        epoch: CommitteeEpoch,
        view: View,
        isChangingView: Bool,
        committed: Height,
        earliest: Height
    ) {
        self.epoch = epoch
        self.view = view
        self.isChangingView = isChangingView
        self.committed = committed
        self.earliest = earliest
    }

    func write(to writer: inout CanonicalWriter) {
        writer.u64(self.epoch)
        writer.u64(self.view)
        writer.u8(self.isChangingView ? 1 : 0)
        writer.u64(self.committed)
        writer.u64(self.earliest)
    }

    init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.epoch = try reader.u64()
        self.view = try reader.u64()
        let flag = try reader.u8()
        try require(flag <= 1, .format, "a flag of \(flag)")
        self.isChangingView = flag == 1
        self.committed = try reader.u64()
        self.earliest = try reader.u64()
    }
}
