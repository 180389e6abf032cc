/// Keeps a replica that lost its log from voting until its forgotten votes cannot matter any more.
///
/// It listens until a quorum of others has said where the chain stands, and then waits for a commit more than a window
/// above that and for a view opened above all it heard of. Whatever it voted for in a view had a quorum behind it, so
/// that a correct one of those it heard was in that view, or one below what was only wanted, and no more than a window
/// below that height. Fewer than a quorum of *others* may be a liar and one whom the rest has left behind. A liar who
/// speaks of a height far away keeps the replica silent: so it counts as one of the `f` faulty ones until it votes
/// again, and a new key by governance is the better way.
struct Silence: Sendable {
    private var heard: [ReplicaID] = []
    private var height: Height = 0
    private var epoch: CommitteeEpoch = 0
    private var view: View = 0
    let window: Int

    init(window: Int) { self.window = window }

    mutating func hear(_ status: Status, from peer: ReplicaID, quorum: Int) {
        guard self.heard.count < quorum, !self.heard.contains(peer) else { return }
        self.heard.append(peer)
        self.height = max(self.height, status.committed)
        if (status.epoch, status.view) > (self.epoch, self.view) {
            self.epoch = status.epoch
            self.view = status.view
        }
    }

    /// Other members: their word is asked for anew, and what was heard still holds.
    mutating func enterEpoch() { self.heard = [] }

    func isOver(quorum: Int, committed: Height, epoch: CommitteeEpoch, view: View) -> Bool {
        self.isAbove(committed, quorum: quorum) && (epoch, view) > (self.epoch, self.view)
    }

    /// The view that would end it, once nothing else is missing: in a chain whose leader does its work no view follows by
    /// itself.
    func awaitedView(quorum: Int, committed: Height, epoch: CommitteeEpoch) -> View? {
        guard self.isAbove(committed, quorum: quorum), epoch == self.epoch, self.view < .max else { return nil }
        return self.view + 1
    }

    private func isAbove(_ committed: Height, quorum: Int) -> Bool {
        self.heard.count >= quorum && committed > UInt64(self.window)
            && committed - UInt64(self.window) > self.height
    }
}
