import StrictYAML
import Testing

@testable import DeviceProfiles

/// A good profile with one thing replaced, and the place and reason that the parser must give.
struct BadProfile: CustomTestStringConvertible, Sendable {
    let wanted: String
    let replaced: String
    let by: String

    init(_ wanted: String, _ replaced: String, _ by: String) {
        self.wanted = wanted
        self.replaced = replaced
        self.by = by
    }

    var testDescription: String { self.by }

    var text: String { Self.good.replacing(self.replaced, with: self.by, maxReplacements: 1) }

    static let good = """
        wardline: device-profile/1
        id: test
        version: 1.0.0
        name: Test
        topics: t/{serial}
        payload: {format: json}
        device: "{serial}"
        time: $.ts
        readings:
          - {code: heart-rate, value: $.hr, unit: /min}
        """
}

@Suite struct BadProfilesTests {
    @Test func theGoodProfileIsGood() throws {
        #expect(try ProfileParser.parse(BadProfile.good, file: "p.yaml").id == "test")
    }

    @Test(arguments: [
        BadProfile("1: wardline: must be device-profile/1, the version of this profile", "profile/1", "profile/2"),
        BadProfile("2: id: must be lower-case letters, digits and hyphens", "id: test", "id: Test"),
        BadProfile("3: version: must be three numbers such as 1.0.0", "1.0.0", "1.0"),
        BadProfile("4: nmae: unknown key 'nmae'; known here: bed, clock,", "name:", "nmae:"),
        BadProfile("4: name: the key is repeated", "name: Test", "name: Test\nname: Other"),
        BadProfile("1: 'name' is missing", "name: Test\n", ""),
        BadProfile("5: topics: expected }", "t/{serial}", "t/{serial}x"),
        BadProfile("5: topics: topic 2 must have the same {captures}", "t/{serial}", "[\"t/{serial}\", \"u/{bed}\"]"),
        BadProfile("7: device: unknown capture bed; the topic captures serial", "\"{serial}\"", "\"{bed}\""),
        BadProfile("8: clock: 'maybe' is not one of: correct, trust, receive-time", "time: $.ts", "clock: maybe"),
        BadProfile("1: 'readings' is empty", "\n  - {code: heart-rate, value: $.hr, unit: /min}", " []"),
        BadProfile("10: not YAML: found character that cannot start any token", "  - {code", "\t- {code"),
    ])
    func aBadHeadIsRefusedWithLineFieldAndReason(bad: BadProfile) { self.check(bad) }

    @Test(arguments: [
        BadProfile("6: payload.format: 'jsn' is not one of: json, json-lines,", "json}", "jsn}"),
        BadProfile("6: payload: at most three wrappings", "json}", "json, wrapping: [gzip, gzip, hex, hex]}"),
        BadProfile("6: payload.wrapping: 'zip' is not one of:", "json}", "json, wrapping: zip}"),
        BadProfile("6: payload.separator: belongs to format csv only", "json}", "json, separator: \";\"}"),
        BadProfile("6: payload.separator: must be one ASCII character, or tab", "json}", "csv, separator: ab}"),
        BadProfile("6: payload.header: must be first-line, none or a list", "json}", "csv, header: second-line}"),
        BadProfile("6: payload: 'characteristic' is missing", "json}", "gatt}"),
        BadProfile("6: payload.characteristic: '2aff' is no GATT", "json}", "gatt, characteristic: 2aff}"),
        BadProfile("6: payload.characteristic: belongs to format gatt only", "json}", "json, characteristic: 2a37}"),
        BadProfile("6: payload.nested[0]: 'at' is missing", "json}", "json, nested: [{as: x, format: cbor}]}"),
    ])
    func aBadPayloadIsRefused(bad: BadProfile) { self.check(bad) }

    @Test(arguments: [
        BadProfile("10: readings[0].value: expected a value at column 7", "$.hr", "$.hr +"),
        BadProfile("10: readings[0].value: unknown function sqrt at column 1", "$.hr", "sqrt($.hr)"),
        BadProfile("10: readings[0]: 'value' is missing", "value: $.hr, ", ""),
        BadProfile("10: readings[0].each: expected $ or @", "code: heart", "each: rows, code: heart"),
        BadProfile("10: readings[0].as: must be quantity, text, boolean, coded", "unit: /min", "as: numbr"),
        BadProfile("10: readings[0].required: must be true or false", "unit: /min", "required: yes"),
        BadProfile("10: readings[0].plausible: the lowest value is above", "unit: /min", "plausible: [300, 20]"),
        BadProfile("10: readings[0].plausible: must be [lowest, highest]", "unit: /min", "plausible: [300]"),
        BadProfile("10: readings[0].rescale.above: must be a number", "unit: /min", "rescale: {above: x, by: 1}"),
        BadProfile(
            "10: readings[0].sentinels[0].reason: 'broken' is not one of: unknown,",
            "unit: /min",
            "sentinels: [{value: 0, reason: broken}]"
        ),
        BadProfile(
            "10: readings[0].flags[0].flag: must be lower-case words",
            "unit: /min",
            "flags: [{flag: Bad Flag, when: \"true\"}]"
        ),
        BadProfile("10: readings[0]: a coded reading needs 'values'", "unit: /min", "as: coded"),
        BadProfile("10: readings[0].system: must be loinc, mdc, snomed or a URI", "unit: /min", "as: coded, system: x"),
        BadProfile("10: readings[0]: 'period_ms' is missing", "unit: /min", "as: sampled"),
        BadProfile(
            "10: readings[0].value: a panel has no value of its own",
            "code: heart-rate",
            "code: heart-rate, components: [{code: heart-rate, value: $.a}]"
        ),
        BadProfile(
            "10: readings[0]: a blood-pressure reading needs a component with code diastolic-blood-pressure",
            "code: heart-rate, value: $.hr, unit: /min",
            "code: blood-pressure, components: [{code: systolic-blood-pressure, value: $.s}]"
        ),
    ])
    func aBadReadingIsRefused(bad: BadProfile) { self.check(bad) }

    @Test(arguments: [
        BadProfile("10: readings[0].code: 'heartrate' is no concept of the catalogue", "heart-rate", "heartrate"),
        BadProfile("10: readings[0].code: a concept needs loinc, mdc, or system", "heart-rate", "{key: x, text: X}"),
        BadProfile(
            "10: readings[0].code.loinc: LOINC 8867-4 is the vital sign 'heart-rate': write code: heart-rate",
            "heart-rate",
            "{key: my-diastolic, text: Diastolic blood pressure, loinc: 8867-4}"
        ),
        BadProfile(
            "10: readings[0].code.loinc: '8867-5' is not a LOINC code: its check digit is wrong",
            "heart-rate",
            "{key: x, text: X, loinc: 8867-5}"
        ),
        BadProfile(
            "10: readings[0].code.system: write loinc: or mdc: instead, so that the code is checked",
            "heart-rate",
            "{key: x, text: Diastolic, system: \"http://loinc.org\", code: 8867-4}"
        ),
        BadProfile(
            "10: readings[0].code.mdc: MDC 147842 is the vital sign 'heart-rate': write code: 147842",
            "heart-rate",
            "{key: x, text: Diastolic, mdc: 147842}"
        ),
        BadProfile(
            "10: readings[0].code.mdc: MDC 147842 is 'heart-rate', not 'diastolic-blood-pressure'",
            "heart-rate",
            "{concept: diastolic-blood-pressure, mdc: 147842}"
        ),
        BadProfile(
            "10: readings[0].code.mdc: MDC 147842 is MDC_ECG_HEART_RATE, not MDC_TEMP",
            "heart-rate",
            "{concept: heart-rate, mdc: 147842, refid: MDC_TEMP}"
        ),
        BadProfile(
            "10: readings[0].code.mdc: MDC 157784 is MDC_FLOW_FLUID_PUMP, not MDC_PUMP_STAT",
            "heart-rate",
            "{key: x, text: X, mdc: 157784, refid: MDC_PUMP_STAT}"
        ),
        BadProfile(
            "10: readings[0].code.mdc: MDC_PUMP_STAT is MDC 184508, not 999",
            "heart-rate",
            "{key: x, text: X, mdc: 999, refid: MDC_PUMP_STAT}"
        ),
        BadProfile(
            "10: readings[0].code.mdc: MDC_TEMP is MDC 150344, not 999",
            "heart-rate",
            "{concept: heart-rate, mdc: 999, refid: MDC_TEMP}"
        ),
        BadProfile(
            "10: readings[0].code.refid: names an MDC number: write mdc as well",
            "heart-rate",
            "{key: x, text: X, loinc: 60832-3, refid: MDC_TEMP}"
        ),
        BadProfile(
            "10: readings[0].code.text: LOINC 14749-6 is 'Glucose [Moles/volume] in Serum or Plasma', which",
            "heart-rate",
            "{key: x, text: Diastolic blood pressure, loinc: 14749-6}"
        ),
        BadProfile(
            "10: readings[0].code: 'heart-rate' is a concept of the catalogue",
            "heart-rate",
            "{key: heart-rate, text: X, mdc: 1}"
        ),
        BadProfile(
            "10: readings[0].code.cases.a: a case must name one concept",
            "heart-rate",
            "{by: $.c, cases: {a: {by: $.d}}}"
        ),
        BadProfile(
            "10: readings[0].code.conflict: 'guess' is not one of: number, name, refuse",
            "heart-rate",
            "{by: $.c, conflict: guess}"
        ),
    ])
    func aWrongCodeIsRefused(bad: BadProfile) { self.check(bad) }

    @Test(arguments: [
        BadProfile("10: readings[0].unit: bpm is not a UCUM unit", "/min", "bpm"),
        BadProfile("10: readings[0].unit: kg (a mass) cannot be converted to /min (a rate)", "/min", "kg"),
        BadProfile(
            "10: readings[0].to: the FHIR profile http://hl7.org/fhir/StructureDefinition/heartrate allows /min only",
            "/min",
            "/min, to: kg"
        ),
        BadProfile(
            "10: readings[0].to: the FHIR profile http://hl7.org/fhir/StructureDefinition/bodytemp allows Cel, [degF]",
            "heart-rate, value: $.hr, unit: /min",
            "body-temperature, value: $.t, unit: Cel, to: K"
        ),
        BadProfile(
            "10: readings[0].to: readings of end-tidal-co2 cannot be given so: mm[Hg]",
            "heart-rate, value: $.hr, unit: /min",
            "end-tidal-co2, value: $.c, unit: kPa, to: kg"
        ),
        BadProfile("10: readings[0].to: needs 'unit', the unit in which the device sends", "unit: /min", "to: /min"),
        BadProfile(
            "10: readings[0].code.unit: LOINC 14749-6 (Glucose [Moles/volume] in Serum or Plasma) is measured in mmol/L",
            "heart-rate",
            "{key: x, text: Glucose in plasma, loinc: 14749-6, unit: mg/dL, molar_mass: 180.156}"
        ),
        BadProfile(
            "10: readings[0].code.unit: MDC 157784 (MDC_FLOW_FLUID_PUMP) is measured in mL/h or alike, not in kg",
            "heart-rate",
            "{key: x, text: Flow, mdc: 157784, unit: kg}"
        ),
        BadProfile("8: units.bpm: bpm is not a UCUM unit", "time: $.ts", "units: {bpm: bpm}"),
        BadProfile(
            "8: time.zone: The time zone Europe/Berln is not installed",
            "$.ts",
            "{value: $.t, zone: Europe/Berln}"
        ),
        BadProfile("8: time.format: must be rfc3339, hl7, unix-s,", "$.ts", "{value: $.t, format: iso}"),
        BadProfile(
            "8: time.format: QQ is not a field of a date pattern",
            "$.ts",
            "{value: $.t, format: \"pattern:QQ\"}"
        ),
        BadProfile("8: time.unusable: 'drop' is not one of: receive-time,", "$.ts", "{value: $.t, unusable: drop}"),
    ])
    func aBadUnitOrTimeIsRefused(bad: BadProfile) { self.check(bad) }

    @Test(arguments: [
        BadProfile(
            "10: readings[0].values.a.code: '8867-5' is not a LOINC code: its check digit is wrong",
            "unit: /min",
            "values: {a: {system: loinc, code: 8867-5}}"
        ),
        BadProfile(
            "10: readings[0].values.a.display: LOINC 8867-4 is 'Heart rate'",
            "unit: /min",
            "values: {a: {system: loinc, code: 8867-4, display: Diastolic blood pressure}}"
        ),
        BadProfile(
            "10: readings[0].values.a.code: 'HR' is no MDC number",
            "unit: /min",
            "values: {a: {system: mdc, code: HR}}"
        ),
        BadProfile(
            "10: readings[0].values.a.display: MDC 184508 is MDC_PUMP_STAT",
            "unit: /min",
            "values: {a: {system: mdc, code: 184508, display: MDC_PUMP_MODE}}"
        ),
    ])
    func aWrongCodedValueIsRefused(bad: BadProfile) { self.check(bad) }

    @Test(arguments: [
        "values: {a: {system: loinc, code: LA6626-1, display: Normal}}",
        "values: {a: {system: snomed, code: 128975004, display: Resting state}}",
        "values: {a: {system: mdc, code: 184508, display: MDC_PUMP_STAT}}",
    ])
    func aRightCodedValueIsTaken(values: String) throws {
        let text = BadProfile("", "unit: /min", values).text
        #expect(try ProfileParser.parse(text, file: "p.yaml").id == "test")
    }

    private func check(_ bad: BadProfile) {
        #expect(bad.text != BadProfile.good)
        do throws(YAMLProblem) {
            _ = try ProfileParser.parse(bad.text, file: "p.yaml")
            Issue.record("accepted")
        } catch {
            #expect(error.description.hasPrefix("p.yaml:\(bad.wanted)"), "\(error)")
        }
    }
}
