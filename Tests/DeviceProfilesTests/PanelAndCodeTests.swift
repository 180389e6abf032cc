import Testing

@testable import DeviceProfiles

@Suite struct PanelTests {
    private let pressure = """
        - code: blood-pressure
          components:
            - {code: systolic-blood-pressure, value: $.sys, sentinels: [-1], flags: [{flag: weak, when: $.weak}]}
            - {code: diastolic-blood-pressure, value: $.dia, sentinels: [-1]}
            - {code: mean-blood-pressure, value: $.mean}
        """

    @Test(arguments: [
        (
            #"{"sys":120,"dia":80,"mean":93}"#,
            "blood-pressure {systolic-blood-pressure 120 mm[Hg], diastolic-blood-pressure 80 mm[Hg], mean-blood-pressure 93 mm[Hg]}"
        ),
        (
            #"{"sys":120,"weak":true}"#,
            "blood-pressure {systolic-blood-pressure 120 mm[Hg] [weak], diastolic-blood-pressure absent(unknown)}"
        ),
        (
            #"{"mean":93}"#,
            "blood-pressure {systolic-blood-pressure absent(unknown), diastolic-blood-pressure absent(unknown), mean-blood-pressure 93 mm[Hg]}"
        ),
        (
            #"{"sys":-1,"dia":80}"#,
            "blood-pressure {systolic-blood-pressure absent(unknown) [sentinel], diastolic-blood-pressure 80 mm[Hg]}"
        ),
    ])
    func aPanelIsCompleteAsItsProfileDemands(payload: String, wanted: String) throws {
        #expect(try ProfileBench(self.pressure).lines(payload) == [wanted])
    }

    @Test func aPanelWithoutAnyComponentIsNoReading() throws {
        #expect(try ProfileBench(self.pressure).lines("{}").first?.hasPrefix("! no-reading") == true)
        let required = self.pressure.replacing(
            "- code: blood-pressure",
            with: "- code: blood-pressure\n  required: true"
        )
        #expect(
            try ProfileBench(required).lines("{}")
                == ["! missing-value: readings[0] (blood-pressure): no component of the panel is there"]
        )
    }
}

@Suite struct CodeMapTests {
    private func lines(_ settings: String, _ payload: String) throws -> [String] {
        try ProfileBench("- {code: {by: $.c, name: $.n\(settings)}, value: $.v}").lines(payload)
    }

    @Test(arguments: [
        (#"{"c":"147842","n":"MDC_ECG_HEART_RATE","v":61}"#, "heart-rate = 61 /min"),
        (#"{"c":"147842","v":61}"#, "heart-rate = 61 /min"),
        (#"{"c":"147842","n":"Herzfrequenz","v":61}"#, "heart-rate = 61 /min"),
        (#"{"c":"150344","n":"MDC_TEMP_BODY","v":37}"#, "body-temperature = 37 Cel"),
    ])
    func codeAndNameThatAgreeAreUnderstood(payload: String, wanted: String) throws {
        #expect(try self.lines("", payload) == [wanted])
    }

    @Test(arguments: [
        (#"{"c":"150031","n":"MDC_PRESS_CUFF_SYS","v":120}"#, "150031 and the name MDC_PRESS_CUFF_SYS"),
        (#"{"c":"150017","n":"NONINV_SYS","v":120}"#, "150017 and the name NONINV_SYS"),
        (#"{"c":"150022","n":"MDC_PRESS_CUFF_SYS","v":120}"#, "150022 and the name MDC_PRESS_CUFF_SYS"),
    ])
    func aContradictionIsRefusedUnlessTheProfileDecides(payload: String, names: String) throws {
        #expect(
            try self.lines("", payload)
                == ["! code-conflict: readings[0] (code by message): the code \(names) contradict each other"]
        )
        #expect(
            try self.lines(", conflict: name", payload) == ["systolic-blood-pressure = 120 mm[Hg] [code-conflict]"]
        )
    }

    @Test func theNumberMayBeBelieved() throws {
        #expect(
            try self.lines(", conflict: number", #"{"c":"150022","n":"MDC_PRESS_CUFF_SYS","v":80}"#)
                == ["diastolic-blood-pressure = 80 mm[Hg] [code-conflict]"]
        )
        #expect(
            try self.lines(", conflict: number", #"{"c":"150031","n":"MDC_PRESS_CUFF_SYS","v":80}"#)
                == ["! unknown-code: readings[0] (code by message): no rule for the code 150031 MDC_PRESS_CUFF_SYS"]
        )
    }

    @Test func anUnknownCodeIsRefusedOrIgnored() throws {
        #expect(
            try self.lines("", #"{"c":"999","v":1}"#)
                == ["! unknown-code: readings[0] (code by message): no rule for the code 999 "]
        )
        #expect(
            try self.lines(", otherwise: ignore", #"{"c":"999","v":1}"#).first?.hasPrefix("! no-reading") == true
        )
    }

    @Test func aDevicesOwnCodesComeBeforeTheCatalogue() throws {
        let cases = ", cases: {HR: heart-rate, T1: MDC_TEMP}"
        #expect(try self.lines(cases, #"{"c":"T1","v":37}"#) == ["body-temperature = 37 Cel"])
        #expect(try self.lines(cases, #"{"c":"147842","v":61}"#).first?.hasPrefix("! unknown-code") == true)
        #expect(try self.lines(cases + ", catalogue: true", #"{"c":"147842","v":61}"#) == ["heart-rate = 61 /min"])
    }
}
