package import CanonicalBytes

/// Why a joint step is refused, and whose fault it is.
package struct PartyFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// The party that deviated: 0 for the KGC, then the privacy centers; nil when it is nobody's or the requester's.
    package let party: Int?
    package let failure: ProtocolFailure

    package init(party: Int?, _ failure: ProtocolFailure) {
        self.party = party
        self.failure = failure
    }

    package var description: String {
        guard let party = self.party else { return "\(self.failure)" }
        return "party \(party): \(self.failure)"
    }
}

/// What a step gives, with its failure laid to a party's charge.
func charging<Result>(
    _ party: Int?,
    _ step: () throws(ProtocolFailure) -> Result
) throws(PartyFailure) -> Result {
    do throws(ProtocolFailure) { return try step() } catch { throw PartyFailure(party: party, error) }
}
