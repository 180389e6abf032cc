import Testing

@testable import DeviceProfiles

/// A good profile with one thing replaced, and the warnings that it must then have.
struct LintCase: CustomTestStringConvertible, Sendable {
    let replaced: String
    let by: String
    let warning: String?

    init(_ replaced: String, _ by: String, _ warning: String?) {
        self.replaced = replaced
        self.by = by
        self.warning = warning
    }

    var testDescription: String { self.by }

    func warnings() throws -> [String] {
        let text = BadProfile.good.replacing(self.replaced, with: self.by, maxReplacements: 1)
        return try ProfileParser.parse(text, file: "p.yaml").warnings
    }
}

@Suite struct LintTests {
    @Test(arguments: [
        LintCase("$.ts", "$.ts", nil),
        LintCase("time: $.ts\n", "", "readings[0]: no time: the gateway's receive time becomes the effective time"),
        LintCase("time: $.ts\n", "clock: receive-time\n", nil),
        LintCase("$.ts", "{value: $.ts, format: hl7}", "readings[0].time: no zone:"),
        LintCase("$.ts", "{value: $.ts, format: hl7, zone: utc}", nil),
        LintCase(", unit: /min", "", "readings[0]: no unit:"),
    ])
    func timesAndUnitsAreAskedFor(lint: LintCase) throws { try self.check(lint) }

    @Test(arguments: [
        LintCase("code: heart", "each: \"$.r[*]\", code: heart", "readings[0]: several elements may give one code"),
        LintCase("code: heart", "each: \"$.r[*]\", channel: \"{@.n}\", code: heart", nil),
        LintCase("code: heart", "each: \"$.r[*]\", time: \"@.t\", code: heart", nil),
        LintCase("code: heart", "each: \"$.r[*]\", time: \"concat('20', @.t)\", code: heart", nil),
        LintCase("code: heart", "each: \"$.r[*]\", sequence: \"@.n\", code: heart", nil),
        LintCase("time: $.ts", "time: $.ts\nsequence: $.n", nil),
    ])
    func elementsMustBeToldApart(lint: LintCase) throws { try self.check(lint) }

    @Test(arguments: [
        LintCase(
            "heart-rate",
            "{by: $.c, cases: {\"150456\": heart-rate}}",
            "readings[0]: code.cases.150456: the code is known as 'oxygen-saturation', and read as 'heart-rate'"
        ),
        LintCase(
            "heart-rate",
            "{by: $.c, cases: {8462-4: heart-rate}}",
            "readings[0]: code.cases.8462-4: the code is known as 'diastolic-blood-pressure', and read as 'heart-rate'"
        ),
        LintCase("heart-rate", "{by: $.c, cases: {\"147842\": heart-rate, HR: heart-rate}}", nil),
        LintCase("heart-rate", "{by: $.c, cases: {8867-4: pulse-rate-oximetry}}", nil),
    ])
    func aCodeThatMeansSomethingElseIsNamed(lint: LintCase) throws { try self.check(lint) }

    private func check(_ lint: LintCase) throws {
        let warnings = try lint.warnings()
        if let wanted = lint.warning {
            #expect(warnings.count == 1)
            #expect(warnings.first?.hasPrefix(wanted) == true, "\(warnings)")
        } else {
            #expect(warnings == [])
        }
    }
}
