/// The last check before a vote is signed: never two different ones for the same height, view and kind.
///
/// The rules above it already see to that; this is the same idea as a signer's guard file (CometBFT `privval`), for
/// the day when a rule is wrong. It holds the votes of one view; votes of lower views are refused altogether.
struct VoteGuard: Sendable {
    private struct Entry: Sendable {
        let kind: SignedKind
        let slot: Slot
    }

    private var epoch: CommitteeEpoch = 0
    private var view: View = 0
    private var entries: [Entry] = []

    /// Whether the vote contradicts nothing; it is then remembered.
    mutating func permits(_ kind: SignedKind, _ slot: Slot) -> Bool {
        guard (slot.epoch, slot.view) >= (self.epoch, self.view) else { return false }
        if (slot.epoch, slot.view) > (self.epoch, self.view) { self.enter(slot.epoch, slot.view) }
        if let known = self.entries.first(where: { $0.kind == kind && $0.slot.height == slot.height }) {
            return known.slot == slot
        }
        self.entries.append(Entry(kind: kind, slot: slot))
        return true
    }

    /// Refuses all votes of lower views from now on.
    mutating func enter(_ epoch: CommitteeEpoch, _ view: View) {
        guard (epoch, view) > (self.epoch, self.view) else { return }
        self.epoch = epoch
        self.view = view
        self.entries = []
    }

    mutating func forget(upTo height: Height) { self.entries.removeAll { $0.slot.height <= height } }
}
