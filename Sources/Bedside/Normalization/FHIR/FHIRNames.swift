/// Code systems and extension URLs of the Observations that we write.
package enum FHIRNames {
    package static let observationCategory = "http://terminology.hl7.org/CodeSystem/observation-category"
    package static let dataAbsentReason = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
    /// Categories that HL7 does not define: `measurement`, `alarm`, `device-event`.
    package static let category = "urn:wardline:category"
    /// `meta.tag`: `historical`, `live-alarm`.
    package static let tag = "urn:wardline:tag"
    package static let patient = "urn:wardline:patient"
    /// Record numbers of an unknown assigner; otherwise a colon and the assigner follow.
    package static let recordNumber = "urn:wardline:record-number"
    package static let unassociated = "urn:wardline:unassociated"
    package static let device = "urn:wardline:device"

    /// One `valueCode` per ``QualityFlag``; on the Observation or on a component.
    package static let quality = "urn:wardline:fhir:quality"
    /// `rawMessage` (SHA-256, hexadecimal), `profile` (`id@version`), `ordinal` in the message.
    package static let provenance = "urn:wardline:fhir:provenance"
    /// `deviceTime` as the device gave it, `offsetSeconds` added to it.
    package static let clock = "urn:wardline:fhir:clock"
    package static let channel = "urn:wardline:fhir:channel"
    package static let sequence = "urn:wardline:fhir:sequence"
    /// Where a block of samples stands in its series: `position` in its run, `deviationSeconds` of its time from the
    /// run's grid, samples `lost` before it; and `rate` or `gain` where their quotients are not exact.
    package static let samples = "urn:wardline:fhir:samples"
}
