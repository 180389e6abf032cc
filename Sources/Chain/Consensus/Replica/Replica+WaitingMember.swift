extension Replica {
    /// Opens the next view for a member that cannot vote before it.
    ///
    /// It left the view alone, or lost its log and waits for a view in which it has not voted (``Silence``). While the leader
    /// does its work nobody else would ever follow, and the committee would be one member short for good. A change of view
    /// is safe at any time; a liar gets one for every ``ReplicaConfiguration/favourTicks``. The others count the same ticks, so
    /// that they leave within a tick or two of each other, and f + 1 of them take the rest along.
    mutating func openViewForWaitingMember() {
        self.ticksInView += 1
        let isWaitedFor = self.countWaiting()
        guard isWaitedFor, self.mayVote, self.ticksInView > self.configuration.favourTicks else { return }
        self.suspectLeader()
    }

    /// - Returns: whether a member has waited for long enough.
    private mutating func countWaiting() -> Bool {
        var isWaitedFor = false
        for index in self.peers.indices {
            let status = self.peers[index].status
            let waits =
                status.isChangingView && status.epoch == self.epoch && self.view < status.view
                && status.view - self.view == 1 && self.committee.contains(self.peers[index].peer)
            self.peers[index].waitingTicks = waits && !self.isChangingView ? self.peers[index].waitingTicks + 1 : 0
            isWaitedFor = isWaitedFor || self.peers[index].waitingTicks >= self.configuration.waitingTicks
        }
        return isWaitedFor
    }
}
