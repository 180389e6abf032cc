import Testing

@testable import DeviceProfiles

@Suite struct UnitTests {
    @Test(arguments: [
        ValueCase(
            "- {code: body-temperature, value: $.v, unit: \"[degF]\"}",
            #"{"v":98.6}"#,
            "body-temperature = 37.0 Cel"
        ),
        ValueCase(
            "- {code: body-temperature, value: $.v, unit: \"[degF]\", to: \"[degF]\"}",
            #"{"v":98.6}"#,
            "body-temperature = 98.6 [degF]"
        ),
        ValueCase("- {code: body-weight, value: $.v, unit: g}", #"{"v":3500}"#, "body-weight = 3.500 kg"),
        ValueCase("- {code: heart-rate, value: $.v, unit: 264864}", #"{"v":61}"#, "heart-rate = 61 /min"),
        ValueCase("- {code: heart-rate, value: $.v, unit: MDC_DIM_BEAT_PER_MIN}", #"{"v":61}"#, "heart-rate = 61 /min"),
        ValueCase("- {code: heart-rate, value: $.v, unit: bpm}", #"{"v":61}"#, "heart-rate = 61 /min"),
    ])
    func aFixedUnitIsConverted(value: ValueCase) throws { try value.check(head: "units: {bpm: /min}") }

    @Test(arguments: [
        ValueCase("- {code: heart-rate, value: $.v, unit: \"{$.u}\"}", #"{"v":61,"u":"bpm"}"#, "heart-rate = 61 /min"),
        ValueCase(
            "- {code: heart-rate, value: $.v, unit: \"{$.u}\"}",
            #"{"v":61,"u":"264864"}"#,
            "heart-rate = 61 /min"
        ),
        ValueCase(
            "- {code: heart-rate, value: $.v, unit: \"{coalesce($.u, '/min')}\"}",
            #"{"v":61}"#,
            "heart-rate = 61 /min"
        ),
        ValueCase("- {code: step-count, value: $.v, unit: \"{steps}\"}", #"{"v":2}"#, "step-count = 2 {steps}"),
        ValueCase(
            "- {code: oxygen-saturation, value: $.v, unit: \"{$.u}\"}",
            #"{"v":0.97,"u":"/"}"#,
            "oxygen-saturation = 97 %"
        ),
        ValueCase(
            "- {code: heart-rate, value: $.v, unit: \"{$.u}\"}",
            #"{"v":61}"#,
            "! unknown-unit: readings[0] (heart-rate): the message states no unit"
        ),
        ValueCase(
            "- {code: heart-rate, value: $.v, unit: \"{$.u}\"}",
            #"{"v":61,"u":"kg"}"#,
            "! unknown-unit: readings[0] (heart-rate): kg (a mass) cannot be converted to /min (a rate)."
        ),
    ])
    func aStatedUnitIsConverted(value: ValueCase) throws {
        try value.check(head: "units: {bpm: /min, \"/\": \"1\"}")
    }

    @Test func pressuresInKilopascalBecomeMillimetresOfMercury() throws {
        let bench = try ProfileBench("- {code: mean-blood-pressure, value: $.v, unit: \"{$.u}\"}")
        #expect(bench.lines(#"{"v":13.3,"u":"kPa"}"#).first?.hasPrefix("mean-blood-pressure = 99.7") == true)
        #expect(bench.lines(#"{"v":100,"u":"MDC_DIM_MMHG"}"#) == ["mean-blood-pressure = 100 mm[Hg]"])
    }

    /// One evaluator keeps conversions; what it keeps for glucose must not serve cholesterol.
    @Test func substancesOfOneUnitKeepTheirOwnMolarMass() throws {
        let bench = try ProfileBench(
            """
            - {code: blood-glucose, value: $.glucose, unit: "{$.u}"}
            - {code: {key: cholesterol, loinc: 14647-2, text: Cholesterol, unit: mmol/L, molar_mass: 386.65}, value: $.cholesterol, unit: "{$.u}"}
            """
        )
        let lines = bench.lines(#"{"glucose":180.156,"cholesterol":386.65,"u":"mg/dL"}"#)
        #expect(lines.count == 2)
        #expect(lines.first?.hasPrefix("blood-glucose = 10.0") == true, "\(lines)")
        #expect(lines.last?.hasPrefix("cholesterol = 10 ") == true, "\(lines)")
    }
}
