package import CanonicalBytes

/// Why a step of a ceremony is refused, and whose step it is.
package struct CeremonyFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The two halves of a ceremony.
    package enum Phase: String, Sendable {
        /// Powers of τ, for all circuits up to a size.
        case powers
        /// δ, for one circuit.
        case circuit
    }

    package let phase: Phase
    /// Place in the phase, from 0; the number of accepted contributions for a missing one.
    package let index: Int
    /// Who says to have made the contribution; nil where that cannot be read.
    package let author: CeremonyAuthor?
    package let failure: ProtocolFailure

    package var description: String {
        let author = self.author.map { " by \($0)" } ?? ""
        return "\(self.phase.rawValue) phase, contribution \(self.index)\(author): \(self.failure)"
    }
}
