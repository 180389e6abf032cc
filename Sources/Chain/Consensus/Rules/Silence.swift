/// Keeps a replica that lost its log from voting until its forgotten votes cannot matter any more.
///
/// It listens until a quorum (itself included) has said where the chain stands, and then waits for a commit more than
/// a window above that and for a view opened above all it heard of. A forgotten vote is of a height within the
/// window of what the others knew. A forgotten view change for a view that no correct replica had reached remains, and
/// a liar who speaks of a height far away keeps the replica silent: so it counts as one of the `f` faulty ones until
/// it votes again, and a new key by governance is the better way.
struct Silence: Sendable {
    private var heard: [ReplicaID] = []
    private var height: Height = 0
    private var epoch: CommitteeEpoch = 0
    private var view: View = 0
    let window: Int

    init(window: Int) { self.window = window }

    mutating func hear(_ status: Status, from peer: ReplicaID, quorum: Int) {
        guard self.heard.count < quorum - 1, !self.heard.contains(peer) else { return }
        self.heard.append(peer)
        self.height = max(self.height, status.committed)
        if (status.epoch, status.view) > (self.epoch, self.view) {
            self.epoch = status.epoch
            self.view = status.view
        }
    }

    func isOver(quorum: Int, committed: Height, epoch: CommitteeEpoch, view: View) -> Bool {
        self.heard.count >= quorum - 1 && committed > UInt64(self.window)
            && committed - UInt64(self.window) > self.height
            && (epoch, view) > (self.epoch, self.view)
    }
}
