import Records
import Testing

@testable import DeviceProfiles

@Suite struct TimeTests {
    private func time(_ rule: String, _ value: String) throws -> String {
        let bench = try ProfileBench(
            "- {code: heart-rate, value: $.hr, unit: /min}",
            head: "time: {value: $.t, \(rule)}"
        )
        let lines = bench.lines("{\"hr\":61,\"t\":\(value)}")
        return (lines.first ?? "").replacing("heart-rate = 61 /min", with: "").trimmingPrefix(" ").description
    }

    @Test(arguments: [
        ("format: rfc3339", #""2026-11-20T08:14:00.007Z""#, "at=2026-11-20T08:14:00.007Z"),
        ("format: rfc3339", #""2026-11-20T08:14:00+08:00""#, "at=2026-11-20T08:14:00+08:00"),
        ("zone: \"+08:00\"", #""2026-11-20T08:14:00""#, "[zone-assumed] at=2026-11-20T08:14:00+08:00"),
        ("format: hl7", #""20261120081400+0800""#, "at=2026-11-20T08:14:00+08:00"),
        ("format: hl7", #""20261120081400.0000+0800""#, "at=2026-11-20T08:14:00.0000+08:00"),
        ("format: hl7", #""20261120081400007+0800""#, "[irregular-time] at=2026-11-20T08:14:00.007+08:00"),
        ("format: hl7, zone: utc", #""20261120081400""#, "[zone-assumed] at=2026-11-20T08:14:00Z"),
        ("format: unix-s", "1795162440", "at=2026-11-20T08:14:00Z"),
        ("format: unix-s", "\"1795162440\"", "at=2026-11-20T08:14:00Z"),
        ("format: unix-s", "1795162440.25", "at=2026-11-20T08:14:00.25Z"),
        ("format: unix-ms", "1795162440007", "at=2026-11-20T08:14:00.007Z"),
        ("format: unix-us", "1795162440007001", "at=2026-11-20T08:14:00.007001Z"),
        ("format: unix-ns", "1795162440007001002", "at=2026-11-20T08:14:00.007001002Z"),
        (
            "format: \"pattern:dd.MM.yyyy HH:mm:ss\", zone: Europe/Berlin", #""20.11.2026 09:14:00""#,
            "[zone-assumed] at=2026-11-20T09:14:00+01:00"
        ),
        (
            "format: \"pattern:dd.MM.yyyy HH:mm:ss\", zone: Europe/Berlin", #""20.07.2026 09:14:00""#,
            "[zone-assumed] at=2026-07-20T09:14:00+02:00"
        ),
    ])
    func everyFormatIsRead(rule: String, value: String, wanted: String) throws {
        #expect(try self.time(rule, value) == wanted)
    }

    @Test(arguments: [
        // Summer time ends on 2026-10-25 at 03:00: 02:30 comes twice. It begins on 2026-03-29: 02:30 never comes.
        (#""2026-10-25T02:30:00""#, "[zone-assumed,ambiguous-time] at=2026-10-25T02:30:00+02:00"),
        (#""2026-03-29T02:30:00""#, "[zone-assumed,ambiguous-time] at=2026-03-29T03:30:00+02:00"),
        (#""2026-10-25T03:30:00""#, "[zone-assumed] at=2026-10-25T03:30:00+01:00"),
    ])
    func theHoursOfTheClockChangeAreFlagged(value: String, wanted: String) throws {
        #expect(try self.time("zone: Europe/Berlin", value) == wanted)
    }

    @Test(arguments: [
        ("format: rfc3339", #""2026-11-20T08:14:00""#, "has no zone, and the profile gives none"),
        ("format: rfc3339", #""yesterday""#, "is not written as the profile says"),
        ("format: rfc3339", "17", "is not written as the profile says"),
        ("format: rfc3339, zone: utc", #""0000-04-17T20:41:59""#, "has no year"),
        ("format: hl7, zone: utc", #""20261301081400""#, "is not written as the profile says"),
        ("format: unix-s", #""soon""#, "is not a number of seconds since 1970"),
        ("format: unix-s", "99999999999999", "lies outside of 1678 to 2261"),
    ])
    func anUnusableTimeIsFlaggedOrRefused(rule: String, value: String, why: String) throws {
        #expect(try self.time(rule, value) == "[device-time-unusable]")
        #expect(
            try self.time("\(rule), unusable: refuse", value)
                == "! bad-time: readings[0] (heart-rate): the time \(why)"
        )
    }

    @Test(arguments: ["null", "\"\""])
    func aMissingTimeIsNoFailure(value: String) throws {
        #expect(try self.time("format: rfc3339, unusable: refuse", value) == "")
    }

    @Test func aReadingsOwnTimeTakesWhatItLeavesOutFromTheProfile() throws {
        let bench = try ProfileBench(
            """
            - {code: heart-rate, value: $.hr}
            - {code: body-temperature, value: $.t, time: $.cuff}
            """,
            head: "time: {value: $.ts, format: hl7, zone: \"+08:00\"}\nmessage_time: $.sent"
        )
        let payload = #"{"hr":61,"t":37,"ts":"20260606112039","cuff":"20260606110012","sent":"20260606112040"}"#
        #expect(
            bench.lines(payload) == [
                "heart-rate = 61 /min [zone-assumed] at=2026-06-06T11:20:39+08:00",
                "body-temperature = 37 Cel [zone-assumed] at=2026-06-06T11:00:12+08:00",
            ]
        )
        #expect(bench.message(payload)?.messageTime?.description == "2026-06-06T11:20:40+08:00")
    }
}
