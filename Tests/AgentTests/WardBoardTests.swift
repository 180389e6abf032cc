import Dashboard
import Normalization
import Testing

@testable import Agent

@Suite("What the dashboard knows of beds and devices")
struct WardBoardTests {
    private static func observation(
        _ code: String,
        _ value: String,
        second: Int,
        device: String = "M1",
        patient: String? = nil,
        name: String = "Heart rate",
        extensions: String = ""
    ) -> [UInt8] {
        let system = patient == nil ? "urn:wardline:unassociated" : "urn:wardline:patient"
        let text = """
            {"resourceType":"Observation","id":"00\(second)","extension":[{"url":"urn:wardline:fhir:provenance",\
            "extension":[{"url":"profile","valueString":"monitor@1.0.0"}]}\(extensions)],\
            "code":{"coding":[{"code":"\(code)","display":"x"}],"text":"\(name)"},\
            "subject":{"identifier":{"system":"\(system)","value":"\(patient ?? device)"}},\
            "effectiveDateTime":"2026-11-21T06:00:\(second < 10 ? "0" : "")\(second)Z",\(value),\
            "device":{"identifier":{"value":"\(device)"},"display":"Simulated monitor"}}

            """
        return Array(text.utf8)
    }

    private static func quantity(_ number: Double, _ unit: String = "/min") -> String {
        #""valueQuantity":{"value":\#(number),"unit":"\#(unit)"}"#
    }

    private static func samples(_ data: String, period: Double = 1_000) -> String {
        #""valueSampledData":{"origin":{"value":1,"unit":"mV"},"period":\#(period),"factor":0.5,"data":"\#(data)"}"#
    }

    private static let now: Int64 = 1_795_000_000_000

    @Test("a bed stands for its patient, who is not named; a device without one for itself")
    func beds() throws {
        var board = WardBoard()
        board.use(beds: [("secret-pseudonym", "icu/3")])
        board.take(Self.observation("8867-4", Self.quantity(71), second: 1, patient: "secret-pseudonym"))
        board.take(Self.observation("8867-4", Self.quantity(80), second: 1, device: "M2"))
        let ward = board.ward(salt: [1], at: Self.now)
        #expect(ward.beds.map(\.name) == ["icu/3", "M2"])
        #expect(ward.beds.map(\.isBed) == [true, false])
        #expect(!"\(ward)".contains("secret-pseudonym"))
    }

    @Test("handles tell nothing of the bed, stay, and differ with the salt")
    func handles() throws {
        var board = WardBoard()
        board.take(Self.observation("8867-4", Self.quantity(71), second: 1))
        let first = try #require(board.ward(salt: [1], at: Self.now).beds.first?.handle)
        #expect(first.utf8.count == 16 && !first.contains("M1"))
        #expect(board.ward(salt: [1], at: Self.now).beds.first?.handle == first)
        #expect(board.ward(salt: [2], at: Self.now).beds.first?.handle != first)
    }

    @Test("readings have value, unit, trend, flags and the Observation that they are of; late ones are passed over")
    func readings() throws {
        var board = WardBoard()
        for second in 1...45 {
            board.take(Self.observation("8867-4", Self.quantity(Double(60 + second)), second: second))
        }
        board.take(Self.observation("8867-4", Self.quantity(9), second: 5))
        let flag = #",{"url":"urn:wardline:fhir:quality","valueCode":"questionable"}"#
        board.take(Self.observation("2708-6", Self.quantity(97.25, "%"), second: 6, name: "SpO2", extensions: flag))
        let bed = try #require(board.ward(salt: [], at: Self.now).beds.first)
        #expect(bed.observations == 47)
        #expect(bed.readings.map(\.short) == ["HR", "SpO2"])
        let rate = try #require(bed.readings.first)
        #expect(rate.text == "105" && rate.unit == "/min" && rate.observation == "0045")
        #expect(rate.trend.count == WardBoard.trendMax && rate.trend.last == 105)
        #expect(bed.readings.last?.text == "97.2" && bed.readings.last?.flags == ["questionable"])
    }

    @Test(
        "values of other kinds are text",
        arguments: [
            (
                #""component":[{"code":{"coding":[{"code":"8480-6"}]},"valueQuantity":{"value":121,"unit":"mm[Hg]"}},{"code":{"coding":[{"code":"8462-4"}]},"dataAbsentReason":{}}]"#,
                "121/-"
            ),
            (#""valueCodeableConcept":{"coding":[{"code":"x","display":"Lead off"}]}"#, "Lead off"),
            (#""valueString":"<b>""#, "<b>"), (#""valueBoolean":true"#, "yes"),
            (#""dataAbsentReason":{"coding":[{"code":"not-performed"}]}"#, "(not-performed)"),
            (#""valueQuantity":{"value":1e300}"#, "1e+300"),
        ]
    )
    func values(_ json: String, _ text: String) throws {
        var board = WardBoard()
        board.take(Self.observation("85354-9", json, second: 1))
        #expect(board.ward(salt: [], at: Self.now).beds.first?.readings.first?.text == text)
    }

    @Test("a strip keeps its last seconds, shows gaps as gaps, and passes late blocks over")
    func waves() throws {
        var board = WardBoard()
        func take(_ data: String, second: Int) {
            board.take(Self.observation("131329", Self.samples(data), second: second, name: "ECG"))
        }
        take("0 2", second: 1)
        take("E 4", second: 3)
        take("6", second: 6)
        take("9", second: 2)
        let wave = try #require(board.ward(salt: [], at: Self.now).beds.first?.waves.first)
        #expect(wave.samples == [1, 2, nil, 3, nil, 4])
        #expect(wave.unit == "mV" && wave.observation == "006")
        take("0 0 0 0 0 0 0 0 0", second: 20)
        let later = try #require(board.ward(salt: [], at: Self.now).beds.first?.waves.first)
        #expect(later.samples.count <= 9 && later.samples.allSatisfy { $0 == 1 })
    }

    @Test("samples of no possible rate are no strip", arguments: [0.0, -1, 1e-300, 1e300])
    func impossibleRates(_ period: Double) throws {
        var board = WardBoard()
        board.take(Self.observation("131329", Self.samples("1 2", period: period), second: 1))
        #expect(board.ward(salt: [], at: Self.now).beds.first?.waves.isEmpty == true)
    }

    @Test("devices have kind, profile, bed and battery, beside what is known of their clocks")
    func fleet() throws {
        var board = WardBoard()
        board.use(beds: [("p", "icu/3")])
        board.take(Self.observation("8867-4", Self.quantity(71), second: 1, patient: "p"))
        board.take(Self.observation("67996", Self.quantity(15, "%"), second: 2, patient: "p"))
        let fleet = board.fleet(clocks: [], at: Self.now)
        let device = try #require(fleet.devices.first)
        #expect(device.name == "M1" && device.kind == "Simulated monitor" && device.profile == "monitor@1.0.0")
        #expect(device.bed == "icu/3" && device.batteryPercent == 15 && device.lastSeen == nil)
    }

    @Test("lines that are no Observations are passed over, and rows are bounded")
    func bounds() throws {
        var board = WardBoard()
        board.take(Array("{}\nnot json\n\n".utf8))
        for number in 0..<(WardBoard.rowsMax + 3) {
            board.take(Self.observation("8867-4", Self.quantity(71), second: 1, device: "M\(number)"))
        }
        let ward = board.ward(salt: [], at: Self.now)
        #expect(ward.beds.count == WardBoard.rowsMax && ward.left == 3)
    }
}
