/// A signed vote about a slot.
package protocol SlotVote: Hashable, Sendable {
    var slot: Slot { get }
    var replica: ReplicaID { get }
}

extension Prepare: SlotVote {}
extension Commit: SlotVote {}

/// Counts votes of one kind at one height of one view: each replica once, and only votes for the same block together.
///
/// Votes may come before the proposal, hence for several blocks. Counting messages instead of equal votes is a
/// known fault (bft-smart issue 62).
package struct VoteTally<Vote: SlotVote>: Sendable {
    package enum Outcome: Equatable, Sendable {
        case counted
        case repeated
        /// The replica has voted for another block: evidence. The first vote stays, the second is not counted.
        case contradicts(Vote)
    }

    /// Ascending by replica.
    private(set) var votes: [Vote] = []

    package init() {}

    /// Counts a verified vote.
    package mutating func record(_ vote: Vote) -> Outcome {
        let place = self.votes.firstIndex { $0.replica >= vote.replica } ?? self.votes.count
        if place < self.votes.count, self.votes[place].replica == vote.replica {
            return self.votes[place].slot == vote.slot ? .repeated : .contradicts(self.votes[place])
        }
        self.votes.insert(vote, at: place)
        return .counted
    }

    /// Takes the vote and forgets the replica's earlier one.
    mutating func replace(_ vote: Vote) {
        self.votes.removeAll { $0.replica == vote.replica }
        _ = self.record(vote)
    }

    /// Replicas that voted for exactly this slot.
    package func count(for slot: Slot) -> Int { self.votes.count { $0.slot == slot } }

    /// The votes for exactly this slot, ascending by replica.
    package func votes(for slot: Slot) -> [Vote] { self.votes.filter { $0.slot == slot } }

    package func vote(of replica: ReplicaID) -> Vote? { self.votes.first { $0.replica == replica } }
}
