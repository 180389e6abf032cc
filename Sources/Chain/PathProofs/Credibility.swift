package import CanonicalBytes

/// How well a verification node has worked so far, in millionths: an integer, so that every chain computes the same.
package struct Credibility: Sendable, Hashable, Comparable {
    /// The highest value.
    package static let full = Credibility(unchecked: Self.scale)

    /// Millionths of the distance to ``full`` that one unit of good work gains.
    package static let gainPerWork: UInt32 = 10_000
    /// Millionths of the value that one missed slot costs.
    package static let lossPerMiss: UInt32 = 50_000
    /// What a proven fault leaves is one part in this many.
    package static let faultDivisor: UInt32 = 8
    /// Units of good work that count in one epoch; so many reach ``full`` at once.
    package static let workMax: UInt32 = 100

    static let scale: UInt32 = 1_000_000

    /// 0 to 1,000,000.
    package let value: UInt32

    /// - Throws: `FORMAT` above 1,000,000.
    package init(_ value: UInt32) throws(ProtocolFailure) {
        try require(value <= Self.scale, .format, "a credibility above 1,000,000")
        self.init(unchecked: value)
    }

    private init(unchecked value: UInt32) { self.value = value }

    package static func < (a: Credibility, b: Credibility) -> Bool { a.value < b.value }

    /// The value after good work: `value + (1,000,000 - value) · 10,000 · work / 1,000,000`.
    ///
    /// One division, rounded down at the end, so that a higher value never falls behind a lower one.
    ///
    /// More units than ``workMax`` count as so many.
    package func afterWork(_ work: UInt32) -> Credibility {
        let distance = UInt64(Self.scale - self.value)
        let gain = distance * UInt64(Self.gainPerWork) * UInt64(min(work, Self.workMax)) / UInt64(Self.scale)
        return Credibility(unchecked: self.value + UInt32(gain))
    }

    /// The value after missed slots, each of which takes `value · 50,000 / 1,000,000`, rounded down.
    package func afterMissedSlots(_ count: UInt32) -> Credibility {
        var value = self.value
        for _ in 0..<count {
            let loss = UInt64(value) * UInt64(Self.lossPerMiss) / UInt64(Self.scale)
            // Below 20 nothing is lost any more, however many slots were missed.
            if loss == 0 { break }
            value -= UInt32(loss)
        }
        return Credibility(unchecked: value)
    }

    /// The value after proven faults, each of which divides it by eight.
    package func afterFaults(_ count: UInt32) -> Credibility {
        var value = self.value
        for _ in 0..<min(count, 8) { value /= Self.faultDivisor }
        return Credibility(unchecked: value)
    }

    /// The value after an epoch: work, then missed slots, then faults, so that no work makes up for a fault.
    package func after(_ conduct: Conduct) -> Credibility {
        self.afterWork(conduct.work).afterMissedSlots(conduct.missedSlots).afterFaults(conduct.faults)
    }
}
