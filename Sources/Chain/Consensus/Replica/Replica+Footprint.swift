extension Replica {
    /// Messages, votes, blocks and pieces of evidence that the replica keeps in memory.
    ///
    /// For a gauge, and for tests: whatever peers send, it never exceeds ``heldObjectsMax(senders:)``.
    package var heldObjects: Int {
        let states = self.window.heights.map { self.window[$0] }
        let inWindow = states.reduce(0) { sum, state in
            let blocks = [state.proposal != nil, state.prepared != nil, state.fetched != nil].count { $0 }
            return sum + blocks + state.prepares.votes.count + state.commits.votes.count + state.wrongShares.count
        }
        return inWindow + self.viewChanges.latest.count + self.early.count + self.peers.count + self.reported.count
    }

    /// The bound: two votes, a mark and three blocks for each of twice the window's heights, six messages a height from
    /// each of so many peers for views to come, one view change and six kinds of evidence of each member, and the
    /// status of 512 peers.
    package func heldObjectsMax(senders: Int) -> Int {
        let size = self.committee.size
        let heights = self.configuration.window * 2
        return heights * (size * 3 + 3) + senders * self.early.limit + size * 7 + 512
    }
}
