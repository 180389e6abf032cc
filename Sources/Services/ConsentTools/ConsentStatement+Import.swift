package import CanonicalBytes

/// Whether a statement that was written elsewhere can be stated now.
extension ConsentStatement {
    /// By how much the clock of whoever wrote it may go ahead, milliseconds.
    package static let aheadMax: UInt64 = 300_000

    /// Refuses what is over, and what shall begin later: the chain lets a statement begin with its block.
    ///
    /// - Parameter now: milliseconds since 1970.
    /// - Throws: `TIME` with the FHIR path of the element.
    package func requireTimely(at now: UInt64) throws(ProtocolFailure) {
        try require(
            self.stated <= now || self.stated - now <= Self.aheadMax,
            .time,
            "Consent.dateTime lies ahead, and a consent begins when it is stated: import it then"
        )
        try require(self.validUntil > now, .time, "Consent.provision.period.end is over: nothing is imported")
    }

    /// Whether another statement says the same about the same; when each was stated does not count, nor whether it was
    /// withdrawn.
    package func saysSame(as other: ConsentStatement) -> Bool {
        self.id == other.id && self.author.utf8.elementsEqual(other.author.utf8) && self.rule == other.rule
            && self.scopes == other.scopes && self.label == other.label
            && self.purpose.utf8.elementsEqual(other.purpose.utf8) && self.validUntil == other.validUntil
    }
}
