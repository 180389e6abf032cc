package import CanonicalBytes

/// What an epoch boundary makes of a list.
package struct Succession: Sendable {
    /// Why a node goes, the most urgent first.
    package enum Cause: UInt8, Sendable, Comparable {
        case fault = 1
        case expiry = 2
        case lowCredibility = 3
        case request = 4

        package static func < (a: Cause, b: Cause) -> Bool { a.rawValue < b.rawValue }
    }

    /// A node that goes, or should.
    package struct Departure: Sendable, Hashable {
        package let name: String
        package let cause: Cause
    }

    /// Why a candidate does not enter.
    package enum Obstacle: String, Sendable {
        /// Its name is listed, or one of its keys.
        case alreadyListed = "already listed"
        case unknownSubgroup = "unknown subgroup"
        /// It is not active, or its validity does not begin with the new epoch.
        case notValid = "not valid"
        case lowCredibility = "low credibility"
        case smallDeposit = "small deposit"
        case organizationFull = "organization full"
        /// The list changes enough at this boundary, or is full; another time.
        case noRoom = "no room"
    }

    /// A candidate that does not enter.
    package struct Refusal: Sendable, Hashable {
        package let name: String
        package let obstacle: Obstacle
    }

    /// The list of the next epoch.
    package let list: VerificationNodeList
    package let departed: [Departure]
    /// Nodes that should go and keep their seats for one epoch more, because the bounds of change are reached or too
    /// few would be left.
    package let deferred: [Departure]
    /// Names of the new nodes.
    package let joined: [String]
    package let refused: [Refusal]
}

extension VerificationNodeList {
    /// The most candidates at one boundary.
    package static let candidatesMax = 256

    /// The list of the next epoch, the same for everybody who has the same record and candidates.
    ///
    /// Nodes go first: the faulty, then those whose validity ends, then those of low credibility, then those who ask;
    /// of each the least credible first. Then candidates enter, the most credible first. Ties are decided by the bytes
    /// of the names.
    ///
    /// - Parameters:
    ///   - book: of this list's epoch.
    ///   - candidates: at most ``candidatesMax``, whose validity begins with the next epoch.
    /// - Returns: the list, and what became of whom.
    /// - Throws: `CONTEXT` for the record of another list, `FORMAT` for too many candidates, `DUPLICATE` for two of one
    ///   name; what forming the list throws.
    package func successor(
        after book: ConductBook,
        candidates: [VerificationNode]
    ) throws(ProtocolFailure) -> Succession {
        try require(book.listRoot == self.root, .context, "the record of another list")
        try require(candidates.count <= Self.candidatesMax, .format, "more than \(Self.candidatesMax) candidates")
        let names = Set(candidates.map { Array($0.name.utf8) })
        try require(names.count == candidates.count, .duplicate, "two candidates have one name")
        var boundary = EpochBoundary(self)
        try boundary.judge(book)
        boundary.admit(candidates)
        return try boundary.succession()
    }
}

/// The work of one boundary.
private struct EpochBoundary {
    private let old: VerificationNodeList
    private let epoch: UInt64
    private var budget: ChangeBudget
    private var nodes: [VerificationNode] = []
    private var departed: [Succession.Departure] = []
    private var deferred: [Succession.Departure] = []
    private var joined: [String] = []
    private var refused: [Succession.Refusal] = []

    init(_ old: VerificationNodeList) {
        self.old = old
        self.epoch = old.epoch + 1
        self.budget = ChangeBudget(of: old)
    }

    func succession() throws(ProtocolFailure) -> Succession {
        Succession(
            list: try VerificationNodeList(
                chain: self.old.chain,
                epoch: self.epoch,
                policy: self.old.policy,
                nodes: self.nodes
            ),
            departed: self.departed,
            deferred: self.deferred,
            joined: self.joined,
            refused: self.refused
        )
    }

    /// Updates credibility, and takes the seats of those who must go, as far as that is possible.
    ///
    /// Who had no seat any more is not listed again.
    mutating func judge(_ book: ConductBook) throws(ProtocolFailure) {
        var leaving: [Leaving] = []
        for node in self.old.nodes where node.isSeated(in: self.old.epoch) {
            let conduct = book.conduct(of: node.name)
            let standing = try self.standing(of: node, after: conduct)
            if let cause = self.cause(standing, conduct) {
                leaving.append(Leaving(node: standing, cause: cause))
            } else {
                self.nodes.append(standing)
            }
        }
        for leaving in leaving.sorted(by: Leaving.isMoreUrgent) { try self.dismiss(leaving) }
    }

    private func standing(
        of node: VerificationNode,
        after conduct: Conduct
    ) throws(ProtocolFailure) -> VerificationNode {
        let isFaulty = conduct.faults > 0 || node.status == .jailed
        // Work of the jailed does not count.
        let counted = Conduct(
            work: isFaulty ? 0 : conduct.work,
            missedSlots: conduct.missedSlots,
            faults: conduct.faults
        )
        return try node.with(
            credibility: node.credibility.after(counted),
            validUntil: node.validity.upperBound,
            status: isFaulty ? .jailed : node.status
        )
    }

    private func cause(_ node: VerificationNode, _ conduct: Conduct) -> Succession.Cause? {
        if node.status == .jailed { return .fault }
        if node.validity.upperBound <= self.epoch { return .expiry }
        if node.credibility < self.old.policy.exitCredibility { return .lowCredibility }
        return conduct.isLeaving ? .request : nil
    }

    private mutating func dismiss(_ leaving: Leaving) throws(ProtocolFailure) {
        let node = leaving.node
        let departure = Succession.Departure(name: node.name, cause: leaving.cause)
        guard let place = self.old.policy.place(of: node.subgroup) else { return }
        let goes = self.budget.vacate(place)
        let until = goes ? self.epoch : max(node.validity.upperBound, self.epoch + 1)
        let status = goes && leaving.cause != .fault ? VerificationNode.Status.left : node.status
        self.nodes.append(try node.with(credibility: node.credibility, validUntil: until, status: status))
        if goes { self.departed.append(departure) } else { self.deferred.append(departure) }
    }

    mutating func admit(_ candidates: [VerificationNode]) {
        let ordered = candidates.sorted {
            $0.credibility == $1.credibility ? $0.name.isBefore($1.name) : $0.credibility > $1.credibility
        }
        for candidate in ordered {
            if let obstacle = self.obstacle(candidate) {
                self.refused.append(Succession.Refusal(name: candidate.name, obstacle: obstacle))
            } else {
                self.nodes.append(candidate)
                self.joined.append(candidate.name)
            }
        }
    }

    /// What keeps a candidate out; when nothing does, its seat is taken.
    private mutating func obstacle(_ candidate: VerificationNode) -> Succession.Obstacle? {
        guard !(self.old.nodes + self.nodes).contains(where: { Self.collide($0, candidate) }) else {
            return .alreadyListed
        }
        guard let place = self.old.policy.place(of: candidate.subgroup) else { return .unknownSubgroup }
        if let obstacle = EntryRule(self.old.policy, self.epoch).obstacle(candidate) { return obstacle }
        let seats = self.nodes.count {
            $0.isSeated(in: self.epoch) && $0.organization.hasBytes(of: candidate.organization)
        }
        guard seats < Int(self.old.policy.organizationSeatsMax) else { return .organizationFull }
        guard self.nodes.count < VerificationNodeList.nodesMax, self.budget.occupy(place) else { return .noRoom }
        return nil
    }

    private static func collide(_ a: VerificationNode, _ b: VerificationNode) -> Bool {
        a.name.hasBytes(of: b.name) || a.keys.identity == b.keys.identity || a.keys.signature == b.keys.signature
    }
}

/// A node that has to go, with its new standing.
private struct Leaving {
    let node: VerificationNode
    let cause: Succession.Cause

    static func isMoreUrgent(_ a: Leaving, _ b: Leaving) -> Bool {
        if a.cause != b.cause { return a.cause < b.cause }
        if a.node.credibility != b.node.credibility { return a.node.credibility < b.node.credibility }
        return a.node.name.isBefore(b.node.name)
    }
}

/// What a node must bring to enter a list.
struct EntryRule {
    private let policy: ListPolicy
    private let epoch: UInt64

    init(_ policy: ListPolicy, _ epoch: UInt64) {
        self.policy = policy
        self.epoch = epoch
    }

    func obstacle(_ node: VerificationNode) -> Succession.Obstacle? {
        guard node.status == .active, node.validity.lowerBound == self.epoch else { return .notValid }
        guard node.credibility >= self.policy.entryCredibility else { return .lowCredibility }
        guard node.deposit >= self.policy.depositMin else { return .smallDeposit }
        return nil
    }
}
