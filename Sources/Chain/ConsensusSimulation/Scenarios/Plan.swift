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
    package var quality = LinkQuality()
    package var script: [ScriptedFault] = []
    /// Microseconds: from here on no more faults, every process runs, every link works.
    package var calmAt: UInt64
    /// Microseconds after ``calmAt`` until everything must be committed everywhere.
    package var patience: UInt64 = 60_000_000
    /// Whether ``Fault``s of the network end at ``calmAt``; a scenario may keep some for ever.
    package var healsAtCalm = true
    /// Of 100 events, followed by a rewrite of the log in its short form.
    package var compaction = 2
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
    /// Events processed.
    package internal(set) var steps = 0
    /// When each height was first committed, in microseconds.
    package internal(set) var commitTimes: [UInt64] = []
    /// The most messages that a correct validator kept for a later view.
    package internal(set) var mostBuffered = 0
    /// Microseconds of virtual time from the calm to the end.
    package internal(set) var settledAfter: UInt64 = 0
    /// A hash over everything that happened: equal for two runs of one plan.
    package internal(set) var trace: UInt64 = 0
    /// Heights of the chains of the correct validators, by number.
    package internal(set) var heights: [UInt16: Height] = [:]
    /// Validators that still do not vote because their log was lost.
    package internal(set) var silent: [UInt16] = []
    /// Highest epoch of a correct validator.
    package internal(set) var epoch: CommitteeEpoch = 0
}
