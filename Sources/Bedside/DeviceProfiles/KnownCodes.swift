internal import Records

/// What Wardline knows of single codes, for tools that hold other people's mappings against them.
package enum KnownCodes {
    /// One code with what it means.
    package struct Meaning: Sendable, Equatable {
        /// LOINC's long common name, or an MDC RefID.
        package let name: String
        /// A UCUM unit of what the code measures; nil when it has none or several.
        package let unit: String?
        /// The catalogue's concept of it, if there is one.
        package let concept: String?
    }

    /// Looks a LOINC code up; of several concepts with one code, the one that the code stands for alone is meant.
    package static func loinc(_ code: String) -> Meaning? {
        let rows = ConceptRow.all.filter { row in row.loinc.contains { $0.code == code } }
        if let row = rows.min(by: { $0.loinc.count < $1.loinc.count }),
            let display = row.loinc.first(where: { $0.code == code })?.display
        {
            return Meaning(name: display, unit: row.unit, concept: row.key)
        }
        return ReferenceTerms.loinc(code).map { Meaning(name: $0.display, unit: $0.unit, concept: nil) }
    }

    /// Looks an MDC number up.
    package static func mdc(_ number: String) -> Meaning? {
        if let entry = ConceptCatalogue.standard.entry(mdc: number), let refID = entry.refID {
            return Meaning(name: refID, unit: entry.concept.unit?.code, concept: entry.concept.key)
        }
        return ReferenceTerms.mdc(number).map { Meaning(name: $0.refID, unit: $0.unit, concept: nil) }
    }
}
