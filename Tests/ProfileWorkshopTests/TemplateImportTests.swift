import DeviceProfiles
import ProfileWorkshop
import Records
import Testing

/// Templates of our own, one question each.
struct TemplateImportTests {
    private static func content(_ body: String) -> String {
        #"{"templateType": "CollectionContent", "template": [\#(body)]}"#
    }

    private static func device(
        type: String = "JsonPathContent",
        name: String = "hr",
        match: String = "$..[?(@pulse)]",
        value: String = #""$.pulse""#,
        more: String = ""
    ) -> String {
        """
        {"templateType": "\(type)", "template": {"typeName": "\(name)", "typeMatchExpression": "\(match)",
         "deviceIdExpression": "$.dev", "timestampExpression": "$.at"\(more),
         "values": [{"required": "true", "valueExpression": \(value), "valueName": "v"}]}}
        """
    }

    private static func mapping(
        name: String = "hr",
        code: String = "8867-4",
        system: String = "http://loinc.org",
        display: String = "Heart rate",
        unit: String = "/min"
    ) -> String {
        """
        {"templateType": "CodeValueFhir", "template": {"typeName": "\(name)",
         "codes": [{"code": "\(code)", "system": "\(system)", "display": "\(display)"}],
         "value": {"valueName": "v", "valueType": "Quantity", "unit": "\(unit)"}}}
        """
    }

    private static func imported(_ device: String, _ mapping: String?) -> TemplateImport {
        Workshop.imported(
            [Workshop.source("d.json", self.content(device))] + (mapping.map { [Workshop.source("m.json", $0)] } ?? [])
        )
    }

    @Test func elementsOfAnArrayAreReadWithTheirOwnTimes() throws {
        let result = Self.imported(Self.device(), Self.mapping())
        let draft = try #require(result.draft)
        let payload = """
            {"Body": [{"pulse": "78", "at": "2026-11-20T10:00:00Z", "dev": "a"},
                      {"pulse": "81", "at": "2026-11-20T10:01:00Z", "dev": "a"}]}
            """
        #expect(try Workshop.readings(draft, payload) == ["heart-rate 78 /min", "heart-rate 81 /min"])
        let times = try Workshop.message(draft, payload).readings.compactMap(\.deviceTime)
        #expect(times.count == 2)
        #expect(times.first != times.last)
    }

    @Test func calculatedContentReadsTheMatchedTokenAndTheMessage() throws {
        let device = """
            {"templateType": "CalculatedContent", "template": {"typeName": "hr",
             "typeMatchExpression": "$..[?(@unit == 'inches')]",
             "deviceIdExpression": "$.Body.dev", "timestampExpression": "$.matchedToken.at",
             "values": [{"required": true, "valueName": "v", "valueExpression":
               {"value": "multiply(to_number(matchedToken.height), `2.54`)", "language": "JmesPath"}}]}}
            """
        let mapping = Self.mapping(code: "8302-2", display: "Body height", unit: "cm")
        let draft = try #require(Self.imported(device, mapping).draft)
        let payload = """
            {"Body": {"dev": "scale", "items": [{"height": "70", "unit": "inches", "at": "2026-11-20T10:00:00Z"},
                                                {"height": "180", "unit": "cm", "at": "2026-11-20T10:00:00Z"}]}}
            """
        #expect(try Workshop.readings(draft, payload) == ["body-height 177.80 cm"])
        #expect(try Workshop.message(draft, payload).deviceID == "scale")
    }

    @Test(arguments: [
        ("to_array(@)[?pulse]", "matchedToken.pulse", "fromUnixTimestampMs(matchedToken.at)", "1763632800000"),
        (
            "Body.items[?pulse && kind=='p']", "matchedToken.pulse || matchedToken.hr",
            "fromUnixTimestamp(matchedToken.at)", "1763632800"
        ),
    ])
    func jmesPathIsTranslated(match: String, value: String, time: String, at: String) throws {
        let device = """
            {"templateType": "CalculatedContent", "template": {"typeName": "hr", "defaultExpressionLanguage": "JmesPath",
             "typeMatchExpression": "\(match)", "deviceIdExpression": "insertString('1', 'dev', `0`)",
             "timestampExpression": "\(time)", "values": [{"valueName": "v", "valueExpression": "\(value)"}]}}
            """
        let result = Self.imported(device, Self.mapping())
        let draft = try #require(result.draft, "\(result.findings)")
        let payload = #"{"Body": {"items": [{"pulse": 70, "kind": "p", "at": \#(at)}]}}"#
        #expect(try Workshop.readings(draft, payload) == ["heart-rate 70 /min"])
        let message = try Workshop.message(draft, payload)
        #expect(message.deviceID == "dev1")
        #expect(message.readings.first?.deviceTime?.description.hasPrefix("2025-11-20T10:00:00") == true)
    }

    @Test(arguments: [
        // A check digit, a display that says what is meant.
        ("8867-5", "Heart rate", "/min", "'8867-5' is no LOINC code: its check digit is wrong", "heart-rate"),
        // Display and unit against the code.
        (
            "8867-4", "Body temperature", "Cel",
            "LOINC 8867-4 is 'Heart rate', but display 'Body temperature' and unit 'Cel' say otherwise",
            "body-temperature"
        ),
        // The display alone against code, unit and names: the code is believed.
        (
            "8867-4", "Respiratory rate", "/min",
            "LOINC 8867-4 is 'Heart rate', its display 'Respiratory rate' means respiratory-rate (LOINC 9279-1)",
            "heart-rate"
        ),
    ])
    func wrongCodesAreSettledByDisplayUnitAndNames(
        code: String,
        display: String,
        unit: String,
        what: String,
        concept: String
    ) throws {
        let result = Self.imported(Self.device(), Self.mapping(code: code, display: display, unit: unit))
        let finding = try #require(result.findings.first { $0.weight == .error })
        #expect(finding.what == what)
        #expect(finding.file == "m.json")
        let draft = try #require(result.draft)
        let readings = try Workshop.readings(draft, #"{"pulse": 37, "dev": "a", "at": "2026-11-20T10:00:00Z"}"#)
        #expect(readings == ["\(concept) 37 \(unit)"])
    }

    @Test(arguments: [
        ("8867-9", "Something", "/min", "no code of it can be used"),
        (
            "8867-4", "Heart rate", "mg/dL",
            "'mg/dL' does not measure heart-rate (LOINC 8867-4), which is measured in /min or alike"
        ),
        ("8867-4", "Heart rate", "furlong", "'furlong' is no UCUM code, and not known here"),
    ])
    func whatCannotBeSettledIsLeftOut(code: String, display: String, unit: String, what: String) {
        let result = Self.imported(
            Self.device(name: "x", match: "$..[?(@x)]", value: #""$.x""#),
            Self.mapping(name: "x", code: code, display: display, unit: unit)
        )
        #expect(result.draft == nil)
        #expect(result.findings.contains { $0.what == what && $0.leavesOut })
    }

    @Test func anMDCNumberIsHeldAgainstItsName() throws {
        let result = Self.imported(
            Self.device(),
            Self.mapping(code: "147842", system: "urn:iso:std:iso:11073:10101", display: "MDC_PULS_OXIM_SAT_O2")
        )
        #expect(result.findings.map(\.what) == ["MDC 147842 is MDC_ECG_HEART_RATE, not MDC_PULS_OXIM_SAT_O2"])
        #expect(result.draft?.readings.first?.code == .catalogue("heart-rate"))
    }

    @Test func withoutAMappingNamesSayWhatIsMeasured() throws {
        let result = Self.imported(Self.device(name: "heartRate"), nil)
        #expect(result.draft?.readings.first?.code == .catalogue("heart-rate"))
        #expect(result.findings.map(\.weight) == [.warning])
    }

    @Test(arguments: [
        #"{"templateType": "CollectionContent"}"#, #"{"template": []}"#, "[]", "", "{",
        #"{"templateType": "Nonsense"}"#,
        #"{"templateType": "JsonPathContent", "template": {"typeName": "x"}}"#,
        #"{"templateType": "CodeValueFhir", "template": {"typeName": "x", "codes": []}}"#,
        #"{"templateType": "CollectionContent", "template": [{"templateType": "CollectionContent", "template": []}]}"#,
    ])
    func brokenFilesGiveAFindingAndNoProfile(text: String) {
        let result = Workshop.imported([Workshop.source("x.json", text)])
        #expect(result.draft == nil)
        #expect(result.findings.allSatisfy { $0.weight == .error })
        #expect(!result.findings.isEmpty)
    }

    @Test(arguments: [
        "$..[?(@x =~ /a/)]", "$.a[1:2]", "$..[?(@x]", "$.", "$..[?(1 == )]", "$[",
        "$" + String(repeating: "[?(@a", count: 40), "$..[?(" + String(repeating: "!", count: 4_000) + "@a)]",
    ])
    func pathsThatAreNotReadAreRefusedWithTheirPlace(path: String) {
        let result = Self.imported(Self.device(match: path), Self.mapping())
        #expect(result.draft == nil)
        #expect(result.findings.contains { $0.place.hasSuffix("typeMatchExpression") && $0.leavesOut })
    }

    /// A few characters that denote a filter of 4,000 levels, or an expression that is written 2^24 times.
    @Test(arguments: [
        ("to_array(@)[?" + String(repeating: "!", count: 4_000) + "pulse]", "a", "nested too deeply"),
        (
            "to_array(@)[?pulse]",
            String(repeating: "insertString(", count: 24) + "a" + String(repeating: ", 'b', `0`)", count: 24),
            "too long when it is written out"
        ),
    ])
    func jmesPathThatGrowsIsRefused(match: String, value: String, words: String) {
        let device = """
            {"templateType": "CalculatedContent", "template": {"typeName": "hr", "defaultExpressionLanguage": "JmesPath",
             "typeMatchExpression": "\(match)", "deviceIdExpression": "dev", "timestampExpression": "at",
             "values": [{"valueName": "v", "valueExpression": "\(value)"}]}}
            """
        let result = Self.imported(device, Self.mapping())
        #expect(result.draft == nil)
        #expect(result.findings.contains { $0.what.contains(words) }, "\(result.findings.map(\.what))")
    }

    /// Two files of some hundred kilobytes that would make a million readings of each other.
    @Test func templatesTimesComponentsAreBounded() throws {
        let codes = #"[{"code": "8867-4", "system": "http://loinc.org", "display": "Heart rate"}]"#
        let component =
            #"{"codes": \#(codes), "#
            + #""value": {"valueName": "v", "valueType": "Quantity", "unit": "/min"}}"#
        let mapping = """
            {"templateType": "CodeValueFhir", "template": {"typeName": "hr", "codes": \(codes),
             "components": [\(Array(repeating: component, count: 1_000).joined(separator: ","))]}}
            """
        let result = Self.imported(Array(repeating: Self.device(), count: 1_000).joined(separator: ","), mapping)
        let draft = try #require(result.draft)
        #expect((4_097...8_192).contains(draft.readings.reduce(0) { $0 + max($1.components.count, 1) }))
        #expect(result.findings.contains { $0.what.contains("readings in one profile") })
    }

    @Test func callsThatWriteAnArgumentTwiceAreNestedALittle() throws {
        let value = "insertString(insertString(insertString(pulse, 'b', `1`), 'c', `1`), 'd', `1`)"
        let device = """
            {"templateType": "CalculatedContent", "template": {"typeName": "hr", "defaultExpressionLanguage": "JmesPath",
             "typeMatchExpression": "to_array(@)[?pulse]", "deviceIdExpression": "\(value)", "timestampExpression": "at",
             "values": [{"valueName": "v", "valueExpression": "hr"}]}}
            """
        let draft = try #require(Self.imported(device, Self.mapping()).draft)
        let payload = #"{"pulse": "xyz", "hr": "70", "at": "2026-11-20T10:00:00Z"}"#
        #expect(try Workshop.message(draft, payload).deviceID == "xdcbyz")
    }

    @Test func numbersOfPatientsThatAreTheDevicesAreNotTaken() throws {
        let result = Self.imported(Self.device(more: #", "patientIdExpression": "$.dev""#), Self.mapping())
        #expect(result.draft?.patient == nil)
        #expect(result.findings.contains { $0.what == "the patient's number is the device's" })
    }

    @Test func mappingsThatNothingUsesAreNamed() {
        let result = Self.imported(
            Self.device(),
            #"{"templateType": "CollectionFhir", "template": [\#(Self.mapping()), \#(Self.mapping(name: "other"))]}"#
        )
        #expect(result.findings.map(\.what) == ["no device template gives the type 'other'"])
    }
}
