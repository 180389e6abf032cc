extension VerificationNodeList {
    /// What any certificate of the list is worth at least: the mean, rounded down, over the least credible of its seats,
    /// as many as signatures are needed.
    ///
    /// Who certifies a hop is not known before it is certified. Whoever signs, they are so many or more, and no such set has
    /// a lower mean than the least credible ones. A jailed node counts nothing.
    package var credibility: Credibility {
        let values = self.seats.joined()
            .map { $0.status == .jailed ? UInt64(0) : UInt64($0.credibility.value) }
            .sorted()
        // The list's own rules: it has so many seats, and needs one signature at least.
        let least = values.prefix(max(1, Int(self.policy.threshold)))
        guard !least.isEmpty else { return Credibility.full.afterFaults(8) }
        let mean = least.reduce(0, +) / UInt64(least.count)
        return (try? Credibility(UInt32(clamping: mean))) ?? .full
    }
}
