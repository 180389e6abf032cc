/// One code of a code system, as in FHIR `Coding`.
package struct Coding: Sendable, Hashable {
    package let system: String
    package let code: String
    package let display: String?

    package init(system: String, code: String, display: String? = nil) {
        self.system = system
        self.code = code
        self.display = display
    }

    /// LOINC.
    package static let loinc = "http://loinc.org"
    /// IEEE 11073-10101 nomenclature; codes are the numeric code (partition × 65536 + term).
    package static let mdc = "urn:iso:std:iso:11073:10101"
    /// UCUM.
    package static let ucum = "http://unitsofmeasure.org"
}

/// What is measured: the codes that a reading carries, resolved when its profile was loaded.
///
/// A class, because thousands of readings share a few dozen of them.
package final class Concept: Sendable, Hashable {
    /// A reading's lane: alarms and device events are never vital signs.
    package enum Category: String, Sendable {
        case vitalSigns = "vital-signs"
        /// Measured at the bedside, but outside the FHIR vital-signs profile (perfusion index, …).
        case measurement
        case alarm
        case deviceEvent = "device-event"
    }

    /// The catalogue's name, for example `heart-rate`; a profile's own concepts use their code.
    package let key: String
    /// LOINC first, then MDC.
    package let codings: [Coding]
    package let text: String
    package let category: Category
    /// The FHIR R4 vital-signs profile URL, when there is one.
    package let profileURL: String?
    /// The UCUM unit in which readings are given; nil when the value has no unit.
    package let unit: MeasuredUnit?

    package init(
        key: String,
        codings: [Coding],
        text: String,
        category: Category,
        profileURL: String? = nil,
        unit: MeasuredUnit? = nil
    ) {
        self.key = key
        self.codings = codings
        self.text = text
        self.category = category
        self.profileURL = profileURL
        self.unit = unit
    }

    package static func == (left: Concept, right: Concept) -> Bool {
        left === right || (left.key == right.key && left.codings == right.codings)
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(self.key) }
}

/// A UCUM unit as it is written into a FHIR Quantity.
package struct MeasuredUnit: Sendable, Hashable {
    /// The case-sensitive UCUM code, for example `mm[Hg]`.
    package let code: String
    /// What people read, for example `mmHg`.
    package let display: String

    package init(code: String, display: String) {
        self.code = code
        self.display = display
    }
}
