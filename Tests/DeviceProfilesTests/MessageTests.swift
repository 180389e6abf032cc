import Records
import Testing

@testable import DeviceProfiles

@Suite struct MessageTests {
    private let rows = """
        - {each: "$.rows[*]", code: body-temperature, value: "@.t", unit: Cel, channel: "{@.probe}", sequence: "@.n", historical: "@.old == true", site: "@.site"}
        """

    @Test func everyElementGivesAReadingWithItsChannelSequenceAndAge() throws {
        #expect(
            try ProfileBench(self.rows).lines(
                #"{"rows":[{"t":36.6,"probe":"1","n":7,"site":"skin"},{"t":36.6,"probe":"2","n":8,"old":true}]}"#
            )
                == [
                    "body-temperature = 36.6 Cel channel=1 sequence=7 site=skin",
                    "body-temperature = 36.6 Cel channel=2 sequence=8 historical",
                ]
        )
    }

    @Test func oneBadElementDoesNotTakeTheOthersWithIt() throws {
        #expect(
            try ProfileBench(self.rows).lines(#"{"rows":[{"t":"x"},{"t":37}]}"#)
                == [
                    "body-temperature = 37 Cel",
                    "! wrong-type: readings[0] (body-temperature): the value is not a number",
                ]
        )
    }

    @Test func aMessageMayBeHistoricalAndNumberedAsAWhole() throws {
        let bench = try ProfileBench(
            "- {code: heart-rate, value: $.hr}",
            head: "sequence: $.seq\nhistorical: $.backfill == true"
        )
        #expect(bench.lines(#"{"hr":61,"seq":9,"backfill":true}"#) == ["heart-rate = 61 /min sequence=9 historical"])
        #expect(bench.lines(#"{"hr":61}"#) == ["heart-rate = 61 /min"])
    }

    @Test func whenDecidesWhetherARuleApplies() throws {
        let bench = try ProfileBench("- {code: heart-rate, value: $.hr, when: '$.mode == \"live\"'}")
        #expect(bench.lines(#"{"hr":61,"mode":"live"}"#) == ["heart-rate = 61 /min"])
        #expect(bench.lines(#"{"hr":61}"#).first?.hasPrefix("! no-reading") == true)
    }

    @Test func ignoreIsAskedBeforeRefuse() throws {
        let bench = try ProfileBench(
            "- {code: heart-rate, value: $.hr}",
            head: """
                ignore: [{when: '$.type == "status"', reason: a status message}]
                refuse: [{when: $.checksum == 0, reason: the checksum is zero}]
                """
        )
        #expect(bench.lines(#"{"type":"status","checksum":0}"#) == ["ignored: a status message"])
        #expect(bench.lines(#"{"hr":61,"checksum":0}"#) == ["undecodable: malformed"])
        #expect(bench.lines(#"{"hr":61,"checksum":1}"#) == ["heart-rate = 61 /min"])
    }

    @Test(arguments: [#"{"hr":61}"#, #"{"hr":61,"id":""}"#, #"{"hr":61,"id":null}"#])
    func aMessageThatNamesNoDeviceIsRefused(payload: String) throws {
        let bench = try ProfileBench("- {code: heart-rate, value: $.hr}", head: "device: \"{$.id}\"")
        #expect(
            bench.lines(payload) == ["! missing-device: device: the message does not say which device it comes from"]
        )
    }

    @Test func deviceBedAndPatientAreRead() throws {
        let bench = try ProfileBench(
            "- {code: heart-rate, value: $.hr}",
            head: "bed: \"{$.ward}/{$.bed}\"\npatient: {id: $.pid, assigner: $.by}"
        )
        let message = bench.message(#"{"hr":61,"ward":"icu","bed":4,"pid":"4711","by":"H"}"#)
        #expect(message?.deviceID == "A1")
        #expect(message?.bed == "icu/4")
        #expect(message?.patient == PatientIdentifier(assigner: "H", recordNumber: "4711"))
        let bare = bench.message(#"{"hr":61,"pid":""}"#)
        #expect(bare?.bed == nil)
        #expect(bare?.patient == nil)
    }

    @Test func tooManyElementsAreRefused() throws {
        let bench = try ProfileBench("- {each: '$.a[*]', code: heart-rate, value: '@'}")
        let payload = "{\"a\":[" + Array(repeating: "1", count: 70_000).joined(separator: ",") + "]}"
        #expect(
            bench.lines(payload)
                == [
                    "! too-many-elements: readings[0] (heart-rate): the message holds too many elements for one rule"
                ]
        )
    }

    @Test func anotherTopicIsNotRead() throws {
        #expect(try ProfileBench("- {code: heart-rate, value: $.hr}").lines("{}", topic: "u/A1") == ["no profile"])
    }
}

@Suite struct NestedPayloadTests {
    private let rule = "- {code: heart-rate, value: $.inner.heart_rate, unit: /min}"

    @Test func aPayloadInAPayloadIsDecoded() throws {
        let bench = try ProfileBench(
            self.rule,
            payload: "{format: json, nested: [{at: $.v, as: inner, wrapping: hex, format: gatt, characteristic: $.c}]}"
        )
        #expect(bench.lines(#"{"c":"2a37","v":"0055"}"#) == ["heart-rate = 85 /min"])
        #expect(bench.lines(#"{"c":"0x2A37","v":"00 55"}"#).isEmpty == false)
        #expect(bench.lines(#"{"c":"2a37","v":"00"}"#) == ["undecodable: truncated"])
        #expect(bench.lines(#"{"c":"2aff","v":"0055"}"#) == ["undecodable: unsupported"])
        #expect(bench.lines(#"{"c":"2a37"}"#).first?.hasPrefix("! no-reading") == true)
    }

    @Test func wrappingsAreTakenOffFromTheOutside() throws {
        let bench = try ProfileBench(
            "- {code: heart-rate, value: $.hr}",
            payload: "{format: json, wrapping: [base64, hex]}"
        )
        // base64 of the hexadecimal text of {"hr":61}
        #expect(bench.lines("N2IyMjY4NzIyMjNhMzYzMTdk") == ["heart-rate = 61 /min"])
        #expect(bench.lines("{\"hr\":61}").first?.hasPrefix("undecodable") == true)
    }
}

@Suite struct WaveformTests {
    private let rule = """
        - {code: ecg-lead-i, as: sampled, value: $.adc, period_ms: 1000 / $.fs, factor: 1 / $.gain, origin: 0, gaps: [-32768]}
        """

    @Test func gapsStayGaps() throws {
        #expect(
            try ProfileBench(self.rule).lines(#"{"fs":250,"gain":2000,"adc":[1,-32768,null,-4]}"#)
                == ["ecg-lead-i = 0+x*0.0005 mV every 4 ms: 1 gap gap -4"]
        )
    }

    @Test(arguments: [
        (#"{"fs":250,"gain":0,"adc":[1]}"#, "missing-value"), (#"{"gain":1,"adc":[1]}"#, "missing-value"),
        (#"{"fs":-1,"gain":1,"adc":[1]}"#, "missing-value"), (#"{"fs":250,"gain":1,"adc":["x"]}"#, "wrong-type"),
        (#"{"fs":250,"gain":1,"adc":"1 2"}"#, "wrong-type"),
    ])
    func whatIsNoSeriesIsRefused(payload: String, reason: String) throws {
        #expect(try ProfileBench(self.rule).lines(payload).first?.hasPrefix("! \(reason):") == true)
    }
}
