/// How it stands with a gateway between two chains.
package struct RelayView: Sendable, Equatable {
    /// One of the two chains.
    package struct Chain: Sendable, Equatable {
        package var name: String
        package var height: UInt64
        /// Blocks that were not looked at yet.
        package var behind: UInt64
        /// Everything up to this block is with the other chain.
        package var settled: UInt64
        /// When it was last reached, ms since 1970; 0: never.
        package var reached: Int64
        /// The newest committee, and the one that the other chain knows; nil: not read yet.
        package var committee: UInt64?
        package var committeeKnown: UInt64?
        /// Whether the other chain's trust in it is more than a third of its period old.
        package var isTrustOld: Bool

        package init(
            name: String,
            height: UInt64,
            behind: UInt64,
            settled: UInt64,
            reached: Int64,
            committee: UInt64?,
            committeeKnown: UInt64?,
            isTrustOld: Bool
        ) {
            self.name = name
            self.height = height
            self.behind = behind
            self.settled = settled
            self.reached = reached
            self.committee = committee
            self.committeeKnown = committeeKnown
            self.isTrustOld = isTrustOld
        }
    }

    /// A verification node that is asked for signatures.
    package struct Attester: Sendable, Equatable {
        package var address: String
        /// As its chain's list names it; nil: it was not reached.
        package var node: String?
        /// Empty: it signed last.
        package var trouble: String

        package init(address: String, node: String?, trouble: String) {
            self.address = address
            self.node = node
            self.trouble = trouble
        }
    }

    /// What fails at one step of the way.
    package struct Trouble: Sendable, Equatable {
        package var step: String
        package var text: String
        package var count: UInt64
        /// Of the last time, ms since 1970.
        package var time: Int64

        package init(step: String, text: String, count: UInt64, time: Int64) {
            self.step = step
            self.text = text
            self.count = count
            self.time = time
        }
    }

    /// ms since 1970.
    package var now: Int64
    /// In whose name the gateway works.
    package var account: String
    /// `mine`, `another` or `none`.
    package var lease: String
    /// Whether nothing is left to carry.
    package var isQuiet: Bool
    /// Messages on their way; of these, those that nobody tried yet.
    package var held: Int
    package var fresh: Int
    /// Questions and submissions that wait for an answer.
    package var underWay: Int
    /// Messages that a contract refuses for now.
    package var refused: Int
    /// Since the start: brought, found brought by somebody else, given up.
    package var accepted: UInt64
    package var found: UInt64
    package var abandoned: UInt64
    package var chains: [Chain]
    package var attesters: [Attester]
    package var troubles: [Trouble]
    /// Messages that a contract refused for good, the newest last.
    package var abandonedMessages: [String]
    /// Who certifies messages of the two chains, as the relay chain has it now.
    package var credibility: NodeCredibilityView

    package init(
        now: Int64,
        account: String,
        lease: String,
        isQuiet: Bool,
        held: Int,
        fresh: Int,
        underWay: Int,
        refused: Int,
        accepted: UInt64,
        found: UInt64,
        abandoned: UInt64,
        chains: [Chain],
        attesters: [Attester],
        troubles: [Trouble],
        abandonedMessages: [String],
        credibility: NodeCredibilityView
    ) {
        self.now = now
        self.account = account
        self.lease = lease
        self.isQuiet = isQuiet
        self.held = held
        self.fresh = fresh
        self.underWay = underWay
        self.refused = refused
        self.accepted = accepted
        self.found = found
        self.abandoned = abandoned
        self.chains = chains
        self.attesters = attesters
        self.troubles = troubles
        self.abandonedMessages = abandonedMessages
        self.credibility = credibility
    }
}
