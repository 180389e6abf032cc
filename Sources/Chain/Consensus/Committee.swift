/// One validator of a committee and the keys its votes are checked with.
package struct Member: Hashable, Sendable {
    package let id: ReplicaID
    /// Checks signed messages.
    package let votingKey: [UInt8]
    /// Checks shares of quorum certificates.
    package let shareKey: [UInt8]

    package init(id: ReplicaID, votingKey: [UInt8], shareKey: [UInt8]) {
        self.id = id
        self.votingKey = votingKey
        self.shareKey = shareKey
    }
}

/// The validators of one committee epoch.
///
/// Faults tolerated: `f = ⌊(n-1)/3⌋`. Quorum: `⌈(n+f+1)/2⌉`, so that two quorums share a correct validator and the
/// correct ones alone make a quorum, for every `n` (Castro and Liskov's `2f+1` is right only for `n = 3f+1`).
package struct Committee: Hashable, Sendable {
    package let epoch: CommitteeEpoch
    /// Ascending by id, at least one.
    package let members: [Member]
    /// Members that vote but never lead, ascending: the operators' black list.
    package let barredFromLeading: [ReplicaID]
    /// Blocks that one leader proposes before the next takes its turn; 0: until a view change.
    package let blocksPerLeader: UInt64

    /// Members that may lead, in the order of their turns.
    package let leaders: [ReplicaID]

    /// Forms a committee.
    ///
    /// - Returns: nil for an empty or unordered list of members, for a bar that names strangers, or that leaves
    ///   fewer than `f + 1` leaders, of whom one at least must be correct.
    package init?(
        epoch: CommitteeEpoch,
        members: [Member],
        barredFromLeading: [ReplicaID] = [],
        blocksPerLeader: UInt64 = 0
    ) {
        func isAscending(_ ids: [ReplicaID]) -> Bool { zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 } }
        let ids = members.map(\.id)
        guard !members.isEmpty, members.count <= 256, isAscending(ids), isAscending(barredFromLeading) else {
            return nil
        }
        guard barredFromLeading.allSatisfy(ids.contains) else { return nil }
        self.epoch = epoch
        self.members = members
        self.barredFromLeading = barredFromLeading
        self.blocksPerLeader = blocksPerLeader
        self.leaders = ids.filter { !barredFromLeading.contains($0) }
        guard self.leaders.count >= self.faults + 1 else { return nil }
    }

    package var size: Int { self.members.count }

    /// Byzantine members that the committee survives.
    package var faults: Int { (self.size - 1) / 3 }

    /// Distinct members whose equal votes decide.
    package var quorum: Int { (self.size + self.faults) / 2 + 1 }

    /// Distinct members among whom one is correct.
    package var oneCorrect: Int { self.faults + 1 }

    /// The member's place in the list, which is also its bit in a certificate.
    package func position(of id: ReplicaID) -> Int? { self.members.firstIndex { $0.id == id } }

    package func contains(_ id: ReplicaID) -> Bool { self.position(of: id) != nil }

    package func member(_ id: ReplicaID) -> Member? { self.members.first { $0.id == id } }

    /// The leader that collects view changes and opens a view.
    package func coordinator(of view: View) -> ReplicaID { self.leaders[Int(view % UInt64(self.leaders.count))] }

    /// The leader that proposes the block at `height` in `view`, when the view is not bound to repeat an older one.
    package func leader(of view: View, height: Height) -> ReplicaID {
        guard self.blocksPerLeader > 0 else { return self.coordinator(of: view) }
        let turn = height / self.blocksPerLeader % UInt64(self.leaders.count)
        return self.coordinator(of: view % UInt64(self.leaders.count) + turn)
    }

    /// Whether this committee may follow `previous`: the next epoch, and no more than `max(1, f)` members come and
    /// no more go, so that a certificate of the old committee still speaks for a majority of the correct members.
    package func isLawfulSuccessor(of previous: Committee) -> Bool {
        let churn = max(1, previous.faults)
        let joined = self.members.count { !previous.members.contains($0) }
        let left = previous.members.count { !self.members.contains($0) }
        return self.epoch == previous.epoch + 1 && self.size >= 4 && joined <= churn && left <= churn
    }
}

/// Every committee of a chain so far: each is named by a block that its predecessor certified.
package struct CommitteeHistory: Hashable, Sendable {
    /// A committee and the first height that it decides.
    package struct Reign: Hashable, Sendable {
        package let committee: Committee
        package let firstHeight: Height
    }

    /// Ascending by epoch, without gaps.
    package private(set) var reigns: [Reign]

    /// Starts with the committee of the genesis, which decides from height 1.
    package init(genesis: Committee) { self.reigns = [Reign(committee: genesis, firstHeight: 1)] }

    /// The committee that decides now.
    package var current: Committee { self.reigns[self.reigns.count - 1].committee }

    /// Notes that the block at `height` names the next committee.
    package mutating func follow(_ committee: Committee, after height: Height) {
        self.reigns.append(Reign(committee: committee, firstHeight: height + 1))
    }

    package func committee(of epoch: CommitteeEpoch) -> Committee? {
        self.reigns.last { $0.committee.epoch == epoch }?.committee
    }

    /// The committee that decides the block at `height`, as far as is known.
    package func committee(deciding height: Height) -> Committee? {
        self.reigns.last { $0.firstHeight <= height }?.committee
    }
}
