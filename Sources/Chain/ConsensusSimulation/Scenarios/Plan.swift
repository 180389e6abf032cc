package import Consensus

/// Everything that determines a run: with equal plans two runs are equal, event by event.
package struct Plan: Sendable {
    package var name: String
    package var seed: UInt64
    /// Validators of the first committee, numbered from 0.
    package var size: Int
    /// More validators, outside the first committee, with the numbers after it.
    package var spare = 0
    package var configuration: ReplicaConfiguration
    package var blocksPerLeader: UInt64 = 0
    package var barred: [UInt16] = []
    package var transactionsPerBlock = 5
    /// Faulty validators with what they do.
    package var faulty: [UInt16: Misdeeds] = [:]
    /// Faulty validators that run as two processes with one key.
    package var twins: [UInt16] = []
    /// A correct validator whose log rots: it counts as faulty, since it may never start again.
    package var damaged: UInt16?
    package var quality = LinkQuality()
    package var script: [ScriptedFault] = []
    /// Microseconds: from here on no more faults, every process runs, every link works.
    package var calmAt: UInt64
    /// Microseconds after ``calmAt``, and after every commit that follows, until the next one or until everything is
    /// committed everywhere.
    ///
    /// A bound on the whole would be one on the work that had piled up: a dead validator that has its turn in a
    /// rotation costs a time-out each round.
    package var patience: UInt64 = 20_000_000
    /// Whether ``Fault``s of the network end at ``calmAt``; a scenario may keep some for ever.
    package var healsAtCalm = true
    /// Of 100 events, followed by a rewrite of the log in its short form.
    package var compaction = 2
    /// Blocks between two snapshots, after which older blocks are pruned; 0: never.
    package var snapshotEvery: Height = 0
    /// Whether the outcome holds every signed message that a correct validator sent.
    package var keepsArchive = false
    package var signatures = SignatureChoice.fast
    package var broken: BrokenRules = []

    package init(name: String, seed: UInt64, size: Int, calmAtMilliseconds: UInt64) {
        self.name = name
        self.seed = seed
        self.size = size
        self.calmAt = calmAtMilliseconds * 1_000
        var configuration = ReplicaConfiguration()
        configuration.window = 4
        configuration.progressTimeout = 200
        configuration.tick = 60
        configuration.silentTicks = 8
        configuration.doublings = 4
        self.configuration = configuration
    }

    /// Adds a fault.
    package mutating func at(_ milliseconds: UInt64, _ fault: Fault) {
        self.script.append(ScriptedFault(milliseconds: milliseconds, fault))
    }

    /// Adds transactions, one batch every `period` milliseconds.
    package mutating func submit(_ batch: Int, every period: UInt64, from start: UInt64, to end: UInt64) {
        for time in stride(from: start, to: end, by: UInt64.Stride(period)) { self.at(time, .submit(batch)) }
    }
}

/// How a run ended.
package struct Outcome: Sendable {
    package let plan: Plan
    package internal(set) var violation: Violation?
    /// Blocks committed by the correct validators.
    package internal(set) var height: Height = 0
    package internal(set) var transactions = 0
    /// View changes that correct validators started.
    package internal(set) var viewChanges = 0
    package internal(set) var evidence: [Evidence] = []
    package internal(set) var alarms: [Alarm] = []
    /// Signed messages of the correct validators, each once, when the plan asks for them.
    package internal(set) var archive: [Message] = []
    /// Events processed.
    package internal(set) var steps = 0
    /// When each height was first committed, in microseconds.
    package internal(set) var commitTimes: [UInt64] = []
    /// The most messages that a correct validator kept for a later view.
    package internal(set) var mostBuffered = 0
    /// Microseconds of virtual time from the calm to the end.
    package internal(set) var settledAfter: UInt64 = 0
    /// The longest time after the calm without a commit, in microseconds.
    package internal(set) var longestStall: UInt64 = 0
    /// A hash over everything that happened: equal for two runs of one plan.
    package internal(set) var trace: UInt64 = 0
    /// A hash over the chain and every correct validator's ledger and view at the end.
    package internal(set) var stateHash: UInt64 = 0
    /// Heights of the chains of the correct validators, by number.
    package internal(set) var heights: [UInt16: Height] = [:]
    /// Validators that still do not vote because their log was lost.
    package internal(set) var silent: [UInt16] = []
    /// Snapshots that correct validators took from a peer in place of pruned blocks.
    package internal(set) var snapshotsInstalled = 0
    /// Half-written snapshots that were passed over at a start.
    package internal(set) var snapshotsIgnored = 0
    /// Correct validators that refused to start, with what they said.
    package internal(set) var refusals: [(number: UInt16, reason: String)] = []
    /// Highest epoch of a correct validator.
    package internal(set) var epoch: CommitteeEpoch = 0
}
