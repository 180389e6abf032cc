/// Rules of the protocol that a test of the simulator switches off, to see that the simulator notices.
///
/// Production code has no way to one of these: ``Replica/init(id:chain:genesis:configuration:signer:scheme:)``
/// breaks none, and only the simulation's mutants use the other initializer.
package struct BrokenRules: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// A quorum is one vote smaller.
    package static let fullQuorum = Self(rawValue: 1 << 0)
    /// Commits for one block add up across views.
    package static let viewBoundCommits = Self(rawValue: 1 << 1)
    /// A new view repeats the prepared block of the lowest view.
    package static let highestViewChosen = Self(rawValue: 1 << 2)
    /// A new leader may propose what it likes where a prepared block must be repeated.
    package static let repeatedBlocks = Self(rawValue: 1 << 3)
    /// View changes tell nothing of prepared blocks.
    package static let preparedInViewChange = Self(rawValue: 1 << 4)
    /// Commits leave in any order.
    package static let orderedCommits = Self(rawValue: 1 << 5)
    /// The first view change of another replica drags this one along.
    package static let joinNeedsOneCorrect = Self(rawValue: 1 << 6)
    /// A leader's second proposal for a slot replaces the first one.
    package static let oneVotePerSlot = Self(rawValue: 1 << 7)
    /// A proposal is accepted from anybody.
    package static let proposalFromLeader = Self(rawValue: 1 << 8)
    /// A proposal is accepted before the ledger has found it valid.
    package static let validBeforeVote = Self(rawValue: 1 << 9)
    /// Votes are sent before they are persisted.
    package static let persistBeforeSend = Self(rawValue: 1 << 10)
    /// A prepared certificate in a view change is not checked.
    package static let checkedPreparedSet = Self(rawValue: 1 << 11)
    /// A view change may be repeated to fill a new view's quorum.
    package static let distinctViewChanges = Self(rawValue: 1 << 12)
    /// After a restart the replica forgets that it has left a view.
    package static let viewsSurviveRestart = Self(rawValue: 1 << 13)
    /// A proposal's parent is not compared.
    package static let parentMatches = Self(rawValue: 1 << 14)
    /// Nothing lost is ever sent again.
    package static let retransmission = Self(rawValue: 1 << 15)
    /// Time-outs never grow and a stalled leader is never suspected.
    package static let suspicion = Self(rawValue: 1 << 16)
    /// Certificates of blocks in state transfer are not checked.
    package static let checkedTransfer = Self(rawValue: 1 << 17)
    /// Blocks are proposed past a change of membership.
    package static let membershipBarrier = Self(rawValue: 1 << 18)
    /// After a restart the replica forgets its votes of the view.
    package static let votesSurviveRestart = Self(rawValue: 1 << 19)
    /// A replica that lost its log votes at once.
    package static let silenceAfterLoss = Self(rawValue: 1 << 20)

    /// A certificate is joined from shares that nobody checked.
    package static let checkedShares = Self(rawValue: 1 << 21)

    /// All of them with their names.
    package static let all: [(name: String, rule: BrokenRules)] = [
        ("full-quorum", .fullQuorum), ("view-bound-commits", .viewBoundCommits),
        ("highest-view-chosen", .highestViewChosen), ("repeated-blocks", .repeatedBlocks),
        ("prepared-in-view-change", .preparedInViewChange), ("ordered-commits", .orderedCommits),
        ("join-needs-one-correct", .joinNeedsOneCorrect), ("one-vote-per-slot", .oneVotePerSlot),
        ("proposal-from-leader", .proposalFromLeader), ("valid-before-vote", .validBeforeVote),
        ("persist-before-send", .persistBeforeSend), ("checked-prepared-set", .checkedPreparedSet),
        ("distinct-view-changes", .distinctViewChanges), ("views-survive-restart", .viewsSurviveRestart),
        ("parent-matches", .parentMatches), ("retransmission", .retransmission), ("suspicion", .suspicion),
        ("checked-transfer", .checkedTransfer), ("membership-barrier", .membershipBarrier),
        ("votes-survive-restart", .votesSurviveRestart), ("silence-after-loss", .silenceAfterLoss),
        ("checked-shares", .checkedShares),
    ]
}
