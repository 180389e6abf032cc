import Records
import Testing
import Units

@testable import Normalization

/// Observations and the JSON that was written for them by hand; ids as in ``ObservationIDTests``.
struct GoldenObservation: CustomTestStringConvertible, Sendable {
    let name: String
    let observation: Observation?
    let json: String
    var testDescription: String { self.name }
}

private let hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/// From the extension's start to the ordinal's end.
private func provenance(_ ordinal: Int = 0) -> String {
    #""extension":[{"url":"urn:wardline:fhir:provenance","extension":[{"url":"rawMessage","valueString":"\#(hash)"},"#
        + #"{"url":"profile","valueString":"acme-monitor@1.2.0"},{"url":"ordinal","valueInteger":\#(ordinal)}]}"#
}

private func identified(_ id: String) -> String {
    #"],"identifier":[{"system":"urn:wardline:observation","value":"\#(id)"}],"status":"final","#
}

private let vital =
    #""category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","#
    + #""code":"vital-signs"}]}],"#
private let rateCode =
    #""code":{"coding":[{"system":"http://loinc.org","code":"8867-4","display":"Heart rate"},"#
    + #"{"system":"urn:iso:std:iso:11073:10101","code":"147842"}],"text":"Heart rate"},"#
private let nobody =
    #""subject":{"type":"Patient","identifier":{"system":"urn:wardline:unassociated","value":"M-1"},"#
    + #""display":"unassociated"},"#
private let times =
    #""effectiveDateTime":"2026-11-21T06:00:00.000Z","issued":"2026-11-21T06:00:00.250Z","#
private let seventyTwo =
    #""valueQuantity":{"value":72,"unit":"beats/minute","system":"http://unitsofmeasure.org","code":"/min"},"#
private let device = #""device":{"identifier":{"system":"urn:wardline:device","value":"M-1"},"display":"Acme 3000"}"#

private func head(_ id: String, profile: String? = nil, tag: String? = nil) -> String {
    var meta: [String] = []
    if let profile { meta.append(#""profile":["http://hl7.org/fhir/StructureDefinition/\#(profile)"]"#) }
    if let tag { meta.append(#""tag":[{"system":"urn:wardline:tag","code":"\#(tag)"}]"#) }
    let block = meta.isEmpty ? "" : #""meta":{\#(meta.joined(separator: ","))},"#
    return #"{"resourceType":"Observation","id":"\#(id)",\#(block)"#
}

private func quality(_ codes: String...) -> String {
    codes.map { #",{"url":"urn:wardline:fhir:quality","valueCode":"\#($0)"}"# }.joined()
}

extension GoldenObservation {
    private static func one(_ reading: Reading, _ context: MessageContext = Samples.context()) -> Observation? {
        Samples.normalize([reading], context: context).first?.observation
    }

    static let all: [GoldenObservation] = values + contexts

    private static let values: [GoldenObservation] = [
        GoldenObservation(
            name: "heart rate",
            observation: one(Samples.rate()),
            json: head("fab2dd2a4646a07133b9c43a2b6ace7f", profile: "heartrate") + provenance()
                + identified("fab2dd2a4646a07133b9c43a2b6ace7f") + vital + rateCode + nobody + times + seventyTwo
                + device + "}\n"
        ),
        GoldenObservation(
            name: "37.60 keeps its precision; a body site; a device flag",
            observation: one(
                Reading(
                    concept: Samples.temperature,
                    value: .quantity(ExactDecimal(significand: 3760, exponent: -2), Samples.celsius),
                    deviceTime: Samples.time(),
                    flags: [.rescaled, QualityFlag("cuff-loose")],
                    bodySite: Coding(system: "http://snomed.info/sct", code: "34402009", display: "Rectum")
                )
            ),
            json: head("5805629f56a0d0ee3aefc479da5dd324", profile: "bodytemp") + provenance()
                + quality("rescaled", "cuff-loose") + identified("5805629f56a0d0ee3aefc479da5dd324") + vital
                + #""code":{"coding":[{"system":"http://loinc.org","code":"8310-5"}],"text":"Body temperature"},"#
                + nobody + times
                + #""valueQuantity":{"value":37.60,"unit":"°C","system":"http://unitsofmeasure.org","code":"Cel"},"#
                + #""bodySite":{"coding":[{"system":"http://snomed.info/sct","code":"34402009","display":"Rectum"}]},"#
                + device + "}\n"
        ),
        GoldenObservation(
            name: "blood pressure whose diastolic is missing",
            observation: one(
                Reading(
                    concept: Samples.bloodPressure,
                    value: .panel,
                    components: [
                        ReadingComponent(
                            concept: Samples.systolic,
                            value: .quantity(ExactDecimal(120), Samples.mmHg)
                        ),
                        ReadingComponent(
                            concept: Samples.diastolic,
                            value: .absent(.unknown),
                            flags: [.sentinel]
                        ),
                    ],
                    deviceTime: Samples.time()
                )
            ),
            json: head("1f8986aa1105643dbe0aa3d8bb0b10c0", profile: "bp") + provenance()
                + identified("1f8986aa1105643dbe0aa3d8bb0b10c0") + vital
                + #""code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}],"text":"Blood pressure"},"#
                + nobody + times + device
                + #","component":[{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}],"text":"Systolic"},"#
                + #""valueQuantity":{"value":120,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}},"#
                + #"{"extension":[{"url":"urn:wardline:fhir:quality","valueCode":"sentinel"}],"#
                + #""code":{"coding":[{"system":"http://loinc.org","code":"8462-4"}],"text":"Diastolic"},"#
                + #""dataAbsentReason":{"coding":["#
                + #"{"system":"http://terminology.hl7.org/CodeSystem/data-absent-reason","code":"unknown"}]}}]}"#
                + "\n"
        ),
        GoldenObservation(
            name: "samples with a gap",
            observation: one(
                Reading(
                    concept: Samples.wave,
                    value: .sampled(
                        SampledSeries(
                            origin: ExactDecimal(0),
                            unit: MeasuredUnit(code: "mV", display: "mV"),
                            periodMilliseconds: ExactDecimal(significand: 40, exponent: -1),
                            factor: ExactDecimal(significand: 5, exponent: -3),
                            samples: [ExactDecimal(12), nil, ExactDecimal(-3), ExactDecimal(0)]
                        )
                    ),
                    deviceTime: Samples.time()
                )
            ),
            json: head("232cea1908ad9687573bad4f0acb09a5") + provenance()
                + identified("232cea1908ad9687573bad4f0acb09a5")
                + #""category":[{"coding":[{"system":"urn:wardline:category","code":"measurement"}]}],"#
                + #""code":{"coding":[{"system":"urn:iso:std:iso:11073:10101","code":"131330"}],"text":"ECG lead II"},"#
                + nobody + times
                + #""valueSampledData":{"origin":{"value":0,"unit":"mV","#
                + #""system":"http://unitsofmeasure.org","code":"mV"},"#
                + #""period":4.0,"factor":0.005,"dimensions":1,"data":"12 E -3 0"},"# + device + "}\n"
        ),
        GoldenObservation(
            name: "a yes without a code system",
            observation: one(Reading(concept: Samples.probe, value: .boolean(true), deviceTime: Samples.time())),
            json: head("cfc3efe28106a1e473560e6350317f38") + provenance()
                + identified("cfc3efe28106a1e473560e6350317f38")
                + #""category":[{"coding":[{"system":"urn:wardline:category","code":"device-event"}]}],"#
                + #""code":{"text":"probe-state"},"# + nobody + times + #""valueBoolean":true,"# + device + "}\n"
        ),
    ]

    private static let alarmBody =
        #""category":[{"coding":[{"system":"urn:wardline:category","code":"alarm"}]}],"#
        + #""code":{"coding":[{"system":"urn:iso:std:iso:11073:10101","code":"196680"}],"text":"Apnoea"},"#
        + nobody + times + #""valueCodeableConcept":{"coding":[{"system":"urn:example:alarm","code":"start"}]},"#
        + device + "}\n"

    private static let contexts: [GoldenObservation] = [
        GoldenObservation(
            name: "live alarm",
            observation: one(Samples.alarm()),
            json: head("76a271d23581da52b8138d40b3272b1f", tag: "live-alarm") + provenance()
                + identified("76a271d23581da52b8138d40b3272b1f") + alarmBody
        ),
        GoldenObservation(
            name: "retained alarm",
            observation: one(Samples.alarm(), Samples.context(retained: true)),
            json: head("76a271d23581da52b8138d40b3272b1f", tag: "historical") + provenance()
                + quality("historical", "retained") + identified("76a271d23581da52b8138d40b3272b1f") + alarmBody
        ),
        GoldenObservation(
            name: "historical, with sequence and channel",
            observation: one(Samples.rate(channel: "pleth", sequence: "4711", historical: true)),
            json: head("d58606ef4cc66db60cea52c99bcd5207", profile: "heartrate", tag: "historical") + provenance()
                + quality("historical") + #",{"url":"urn:wardline:fhir:channel","valueString":"pleth"}"#
                + #",{"url":"urn:wardline:fhir:sequence","valueString":"4711"}"#
                + identified("d58606ef4cc66db60cea52c99bcd5207") + vital + rateCode + nobody + times + seventyTwo
                + device + "}\n"
        ),
        GoldenObservation(
            name: "no device time",
            observation: one(Samples.rate(at: nil)),
            json: head("061d21dfbe855e593384c6a996dfdf45", profile: "heartrate") + provenance()
                + quality("receive-time") + identified("061d21dfbe855e593384c6a996dfdf45") + vital + rateCode + nobody
                + #""effectiveDateTime":"2026-11-21T06:00:00.250Z","issued":"2026-11-21T06:00:00.250Z","#
                + seventyTwo + device + "}\n"
        ),
        GoldenObservation(
            name: "five hours fast, in the device's own zone and precision",
            observation: one(
                Samples.rate(
                    at: DateTime(
                        nanosecondsSinceEpoch: Samples.start + 18_000 * Samples.second,
                        offsetMinutes: 480,
                        fractionDigits: 0
                    )
                )
            ),
            json: head("2d441cc5895d8ad21228e8ee42fedebf", profile: "heartrate") + provenance()
                + quality("clock-corrected")
                + #",{"url":"urn:wardline:fhir:clock","extension":["#
                + #"{"url":"deviceTime","valueDateTime":"2026-11-21T19:00:00+08:00"},"#
                + #"{"url":"offsetSeconds","valueDecimal":-17999.750}]}"#
                + identified("2d441cc5895d8ad21228e8ee42fedebf") + vital + rateCode + nobody
                + #""effectiveDateTime":"2026-11-21T14:00:00+08:00","issued":"2026-11-21T06:00:00.250Z","#
                + seventyTwo + device + "}\n"
        ),
    ]
}
