/// What a faulty replica does besides the protocol.
package struct Misdeeds: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Says nothing at all.
    package static let mute = Self(rawValue: 1 << 0)
    /// Half of its messages never leave.
    package static let withhold = Self(rawValue: 1 << 1)
    /// As a leader it proposes two blocks for a height, and opens a view in two ways: one to each half.
    package static let equivocate = Self(rawValue: 1 << 2)
    /// Votes for every block it hears of, in both phases.
    package static let doubleVote = Self(rawValue: 1 << 3)
    /// Hides what it has prepared, sometimes what is committed, in view changes.
    package static let hidePrepared = Self(rawValue: 1 << 4)
    /// Claims a prepared block that nobody signed.
    package static let forgePrepared = Self(rawValue: 1 << 5)
    /// Sends view changes for views far away.
    package static let hugeViews = Self(rawValue: 1 << 6)
    /// As a leader it proposes blocks that execution refuses.
    package static let invalidBlocks = Self(rawValue: 1 << 7)
    /// Proposes when another one leads.
    package static let usurp = Self(rawValue: 1 << 8)
    /// Opens views with copies of its own view change.
    package static let fakeOpening = Self(rawValue: 1 << 9)
    /// Answers state transfer with blocks that nobody certified.
    package static let forgeBlocks = Self(rawValue: 1 << 10)
    /// Sends old messages of others again.
    package static let replay = Self(rawValue: 1 << 11)
    /// Opens a view without its own prepared blocks, and proposes others where blocks must be repeated.
    package static let skipRepeated = Self(rawValue: 1 << 12)
    /// As a leader it proposes blocks that do not follow from the one below.
    package static let wrongParent = Self(rawValue: 1 << 13)
    /// Runs the whole protocol but sends no proposals.
    package static let silentLeader = Self(rawValue: 1 << 14)
    /// Floods everybody with what it has heard, a hundred messages a tick.
    package static let storm = Self(rawValue: 1 << 15)

    /// Votes to commit with shares that are not its own over the block.
    package static let wrongShares = Self(rawValue: 1 << 16)

    /// Those that random runs draw from.
    static let all: [Misdeeds] = (0..<17).map { Misdeeds(rawValue: 1 << $0) }.filter { $0 != .storm }
}
