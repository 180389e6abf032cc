internal import Consensus

/// One thing that a script does to the simulated consortium.
package enum Fault: Hashable, Sendable {
    /// Only replicas of the same group reach each other; unnamed ones reach nobody.
    case partition([[UInt16]])
    /// Every link works again.
    case heal
    /// Messages in this direction are lost.
    case cut(from: UInt16, to: UInt16)
    /// Messages in this direction take longer.
    case slow(from: UInt16, to: UInt16, microseconds: UInt64)
    case quality(LinkQuality)
    /// Kill the process before its n-th effect from now; restart it after that many microseconds, or never.
    case crash(UInt16, afterEffects: Int, restartAfter: UInt64?)
    case restart(UInt16)
    /// The log is deleted; the next start knows that.
    case loseLog(UInt16)
    /// A bit of the log turns over, in a record that is not the last one.
    case flipBit(UInt16, choice: UInt64)
    /// Kill the process while it writes its next snapshot.
    case crashInSnapshot(UInt16, restartAfter: UInt64)
    /// Clients send that many transactions to everybody.
    case submit(Int)
    /// Governance wants another committee.
    case change(CommitteeChange)
    /// Which replicas see the first, and which the second, of two processes with one key (bit masks by number).
    case twinSides(UInt16, first: UInt32, second: UInt32)
    /// This replica's block builder leaves out the next so many transactions that clients submit.
    case censor(UInt16, count: UInt64)
    /// Processes (in the order of their creation; twins are two) reach only those of their group.
    case split([UInt8])
}

/// A fault and when it happens, in microseconds of virtual time.
package struct ScriptedFault: Hashable, Sendable {
    package let time: UInt64
    package let fault: Fault

    package init(milliseconds: UInt64, _ fault: Fault) {
        self.time = milliseconds * 1_000
        self.fault = fault
    }
}
