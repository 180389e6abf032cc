import Testing

@testable import DeviceProfiles

/// A rule, a payload, and the lines that must come out.
struct ValueCase: CustomTestStringConvertible, Sendable {
    let rule: String
    let payload: String
    let wanted: [String]

    init(_ rule: String, _ payload: String, _ wanted: String...) {
        self.rule = rule
        self.payload = payload
        self.wanted = wanted
    }

    var testDescription: String { "\(self.rule) \(self.payload)" }

    func check(head: String = "") throws {
        #expect(try ProfileBench(self.rule, head: head).lines(self.payload) == self.wanted)
    }
}

private let noReading =
    "! no-reading: readings: none of the profile's 1 rules found a value; add a rule, or an ignore rule"

@Suite struct ValueTests {
    @Test(arguments: [
        ValueCase("- {code: body-temperature, value: $.t, unit: Cel}", #"{"t":37.60}"#, "body-temperature = 37.60 Cel"),
        ValueCase(
            "- {code: body-temperature, value: $.t, unit: Cel}",
            #"{"t":"37.60"}"#,
            "body-temperature = 37.60 Cel"
        ),
        ValueCase("- {code: heart-rate, value: $.hr}", #"{"hr":61}"#, "heart-rate = 61 /min"),
        ValueCase("- {code: heart-rate, value: $.hr}", #"{"hr":null}"#, noReading),
        ValueCase("- {code: heart-rate, value: $.hr}", #"{}"#, noReading),
        ValueCase(
            "- {code: heart-rate, value: $.hr, required: true}",
            #"{}"#,
            "! missing-value: readings[0] (heart-rate): the value is missing"
        ),
        ValueCase(
            "- {code: heart-rate, value: $.hr}",
            #"{"hr":"ERR"}"#,
            "! wrong-type: readings[0] (heart-rate): the value is not a number"
        ),
        ValueCase(
            "- {code: heart-rate, value: $.hr}",
            #"{"hr":true}"#,
            "! wrong-type: readings[0] (heart-rate): the value is not a number"
        ),
        ValueCase("- {code: device-event, as: boolean, value: $.w}", #"{"w":false}"#, "device-event = false"),
        ValueCase("- {code: device-event, as: text, value: $.w}", #"{"w":"worn"}"#, #"device-event = "worn""#),
        ValueCase(
            "- {code: device-event, as: boolean, value: $.w}",
            #"{"w":"no"}"#,
            "! wrong-type: readings[0] (device-event): the value is not true or false"
        ),
        ValueCase(
            "- {code: device-event, value: $.w, values: {a: {system: snomed, code: 1}}}",
            #"{"w":"a"}"#,
            "device-event = http://snomed.info/sct|1"
        ),
        ValueCase(
            "- {code: device-event, value: $.w, values: {a: {system: snomed, code: 1}}}",
            #"{"w":"b"}"#,
            "! unknown-enumeration: readings[0] (device-event): the device's code is not among the profile's values"
        ),
        ValueCase(
            "- {code: device-event, as: coded, system: mdc, value: $.w}",
            #"{"w":"196680"}"#,
            "device-event = urn:iso:std:iso:11073:10101|196680"
        ),
    ])
    func aValueIsReadAsItsRuleSays(value: ValueCase) throws { try value.check() }

    @Test(arguments: [
        ValueCase(
            "- {code: heart-rate, value: $.hr, sentinels: [-1]}",
            #"{"hr":-1.0}"#,
            "heart-rate = absent(unknown) [sentinel]"
        ),
        ValueCase(
            "- {code: heart-rate, value: $.hr, sentinels: [-1]}",
            #"{"hr":"-1"}"#,
            "heart-rate = absent(unknown) [sentinel]"
        ),
        ValueCase(
            "- {code: heart-rate, value: $.hr, sentinels: [\"---\"]}",
            #"{"hr":"---"}"#,
            "heart-rate = absent(unknown) [sentinel]"
        ),
        ValueCase(
            "- {code: heart-rate, value: $.hr, sentinels: [{value: 0, reason: not-performed, flag: sensor-off}]}",
            #"{"hr":0}"#,
            "heart-rate = absent(not-performed) [sensor-off]"
        ),
        ValueCase(
            "- {code: heart-rate, value: $.hr, sentinels: [{when: '$.s == \"X\"', reason: error}]}",
            #"{"hr":61,"s":"X"}"#,
            "heart-rate = absent(error) [sentinel]"
        ),
        ValueCase(
            "- {code: heart-rate, value: $.hr, required: true, sentinels: [{when: '$.s == \"X\"', reason: error}]}",
            #"{"s":"X"}"#,
            "heart-rate = absent(error) [sentinel]"
        ),
        ValueCase(
            "- {code: heart-rate, value: $.hr, sentinels: [{when: '$.s == \"X\"', reason: error}]}",
            #"{"hr":61,"s":"F"}"#,
            "heart-rate = 61 /min"
        ),
        ValueCase(
            "- {code: heart-rate, value: $.hr, sentinels: [-1]}",
            #"{"hr":-10}"#,
            "heart-rate = -10 /min [implausible-low]"
        ),
    ])
    func aSentinelIsNoValue(value: ValueCase) throws { try value.check() }

    @Test(arguments: [
        ValueCase(
            "- {code: body-temperature, value: $.t, rescale: {above: 200, by: 0.1}}",
            #"{"t":384.5}"#,
            "body-temperature = 38.45 Cel [rescaled]"
        ),
        ValueCase(
            "- {code: body-temperature, value: $.t, rescale: {above: 200, by: 0.1}}",
            #"{"t":200}"#,
            "body-temperature = 200 Cel [implausible-high]"
        ),
        ValueCase(
            "- {code: body-temperature, value: $.t, rescale: [{above: 2000, by: 0.01}, {above: 200, by: 0.1}]}",
            #"{"t":3760}"#,
            "body-temperature = 37.60 Cel [rescaled]"
        ),
        ValueCase(
            "- {code: body-temperature, value: $.t, sentinels: [999], rescale: {above: 200, by: 0.1}}",
            #"{"t":999}"#,
            "body-temperature = absent(unknown) [sentinel]"
        ),
        ValueCase("- {code: heart-rate, value: $.hr}", #"{"hr":301}"#, "heart-rate = 301 /min [implausible-high]"),
        ValueCase("- {code: heart-rate, value: $.hr, plausible: [0, 400]}", #"{"hr":301}"#, "heart-rate = 301 /min"),
        ValueCase("- {code: heart-rate, value: $.hr}", #"{"hr":300}"#, "heart-rate = 300 /min"),
        ValueCase(
            "- {code: heart-rate, value: $.hr}",
            #"{"hr":-3e9}"#,
            "heart-rate = -3000000000 /min [implausible-low]"
        ),
    ])
    func scalesAndRangesFlagAndNeverDrop(value: ValueCase) throws { try value.check() }

    @Test func flagsStandOnTheReadingInOrder() throws {
        let bench = try ProfileBench(
            """
            - {code: heart-rate, value: $.hr, unit: /min, flags: [{flag: weak, when: "$.q < 3"}, {flag: paced, when: $.paced}]}
            """,
            head: "flags: [{flag: battery-low, when: \"$.battery < 10\"}]"
        )
        #expect(
            bench.lines(#"{"hr":12,"q":2,"battery":9}"#) == ["heart-rate = 12 /min [implausible-low,battery-low,weak]"]
        )
        #expect(bench.lines(#"{"hr":61,"paced":true}"#) == ["heart-rate = 61 /min [paced]"])
    }

    @Test func notANumberBecomesAReasonByItself() throws {
        let bench = try ProfileBench("- {code: heart-rate, value: $.hr, required: true}", payload: "{format: cbor}")
        // {"hr": NaN} and {"hr": Infinity} as half floats.
        #expect(bench.lines([0xA1, 0x62, 0x68, 0x72, 0xF9, 0x7E, 0x00]) == ["heart-rate = absent(not-a-number)"])
        #expect(bench.lines([0xA1, 0x62, 0x68, 0x72, 0xF9, 0x7C, 0x00]) == ["heart-rate = absent(positive-infinity)"])
    }
}
