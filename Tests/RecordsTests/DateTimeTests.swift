import Testing
import Units

@testable import Records

@Suite struct DateTimeTests {
    @Test(
        "An RFC 3339 text is read and written back as FHIR dateTime",
        arguments: [
            ("1985-04-12T23:20:50.52Z", 482_196_050_520_000_000, "1985-04-12T23:20:50.52Z"),
            ("1996-12-19T16:39:57-08:00", 851_042_397_000_000_000, "1996-12-19T16:39:57-08:00"),
            ("1937-01-01T12:00:27.87+00:20", -1_041_337_172_130_000_000, "1937-01-01T12:00:27.87+00:20"),
            ("1970-01-01t00:00:00z", 0, "1970-01-01T00:00:00Z"),
            ("2019-02-01 22:46:01Z", 1_549_061_161_000_000_000, "2019-02-01T22:46:01Z"),
            ("1969-12-31T23:59:59.999Z", -1_000_000, "1969-12-31T23:59:59.999Z"),
            ("2024-02-29T00:00:00.000000001+05:45", 1_709_144_100_000_000_001, "2024-02-29T00:00:00.000000001+05:45"),
            ("2026-01-24T12:47:38.123456789123Z", 1_769_258_858_123_456_789, "2026-01-24T12:47:38.123456789Z"),
            ("2026-01-24T12:47:38+00:00", 1_769_258_858_000_000_000, "2026-01-24T12:47:38Z"),
            ("2026-01-24T12:47:38-00:00", 1_769_258_858_000_000_000, "2026-01-24T12:47:38Z"),
            ("1990-12-31T23:59:60Z", 662_687_999_999_999_999, "1990-12-31T23:59:59Z"),
            ("1990-12-31T15:59:60-08:00", 662_687_999_999_999_999, "1990-12-31T15:59:59-08:00"),
            ("2026-01-24T00:30:00+23:59", 1_769_128_260_000_000_000, "2026-01-24T00:30:00+23:59"),
        ]
    )
    func readsRFC3339(text: String, nanoseconds: Int64, written: String) throws {
        let instant = try #require(DateTime(rfc3339: text.utf8))
        #expect(instant.nanosecondsSinceEpoch == nanoseconds)
        #expect(instant.description == written)
    }

    @Test(
        "What is not an RFC 3339 date-time is refused",
        arguments: [
            "", "2026-01-24", "2026-01-24T12:47Z", "2026-01-24T12:47:38", "2026-1-24T12:47:38Z", "2026-13-01T00:00:00Z",
            "2026-02-29T00:00:00Z", "2026-00-10T00:00:00Z", "2026-04-31T00:00:00Z", "2026-01-24T24:00:00Z",
            "2026-01-24T12:60:00Z",
            "2026-01-24T12:00:61Z", "2026-01-24T12:00:60Z", "2026-01-24T12:00:00.Z", "2026-01-24T12:00:00+8:00",
            "2026-01-24T12:00:00+0800",
            "2026-01-24T12:00:00+24:00", "2026-01-24T12:00:00+08:60", "2026-01-24T12:00:00Zx", "2026-01-24_12:00:00Z",
            "0000-01-01T00:00:00Z",
            "1600-01-01T00:00:00Z", "2300-01-01T00:00:00Z", "+2026-01-24T12:00:00Z", "2026-01-24T12:00:00,5Z",
        ]
    )
    func refuses(text: String) {
        #expect(DateTime(rfc3339: text.utf8) == nil)
    }

    @Test("Every day from 1677 to 2262 has the number after that of the day before")
    func calendar() {
        let first = GregorianCalendar.dayNumber(year: 1677, month: 9, day: 22)
        var expected = (year: 1677, month: 9, day: 22)
        for number in first..<(first + 213_500) {
            let date = GregorianCalendar.date(dayNumber: number)
            guard date == expected else {
                Issue.record("day \(number) is \(date), not \(expected)")
                return
            }
            #expect(GregorianCalendar.dayNumber(year: date.year, month: date.month, day: date.day) == number)
            expected.day += 1
            if expected.day > GregorianCalendar.dayCount(year: date.year, month: date.month) {
                expected = date.month == 12 ? (date.year + 1, 1, 1) : (date.year, date.month + 1, 1)
            }
        }
        #expect(GregorianCalendar.weekday(dayNumber: 0) == 4)
        #expect(GregorianCalendar.weekday(dayNumber: -5) == 6)
    }

    @Test("A random instant survives being written and read")
    func roundTrip() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let instant = DateTime(
                nanosecondsSinceEpoch: Int64.random(
                    in: (.min + 100_000_000_000_000)...(.max - 100_000_000_000_000),
                    using: &generator
                ),
                offsetMinutes: Int16.random(in: -1439...1439, using: &generator),
                fractionDigits: 9
            )
            let read = try #require(DateTime(rfc3339: instant.description.utf8))
            #expect(read.isIdentical(to: instant), "\(instant)")
        }
    }

    @Test("Instants are equal whatever their zone; milliseconds round towards the past")
    func equality() throws {
        let berlin = try #require(DateTime(rfc3339: "2026-01-24T13:47:38.5+01:00".utf8))
        let utc = try #require(DateTime(rfc3339: "2026-01-24T12:47:38.500Z".utf8))
        #expect(berlin == utc)
        #expect(berlin.hashValue == utc.hashValue)
        #expect(!berlin.isIdentical(to: utc))
        #expect(berlin < utc.adding(nanoseconds: 1))
        #expect(berlin.adding(nanoseconds: .max).nanosecondsSinceEpoch == .max)
        #expect(DateTime(nanosecondsSinceEpoch: -1).millisecondsSinceEpoch == -1)
        #expect(DateTime(nanosecondsSinceEpoch: 1_999_999).millisecondsSinceEpoch == 1)
        #expect(berlin.shown(offsetMinutes: 0, fractionDigits: 0).description == "2026-01-24T12:47:38Z")
        #expect(
            DateTime(nanosecondsSinceEpoch: .min, offsetMinutes: .min, fractionDigits: 255).description.utf8.count == 35
        )
        #expect(
            DateTime(nanosecondsSinceEpoch: .max, offsetMinutes: .max, fractionDigits: 9).description.utf8.count == 35
        )
    }

    @Test(
        "A Unix time keeps its precision",
        arguments: [
            ("1577000000.50", DateTime.UnixUnit.seconds, "2019-12-22T07:33:20.50Z"),
            ("1577000000", .seconds, "2019-12-22T07:33:20Z"),
            ("1577000000123", .milliseconds, "2019-12-22T07:33:20.123Z"),
            ("1577000000123456", .microseconds, "2019-12-22T07:33:20.123456Z"),
            ("1577000000123456789", .nanoseconds, "2019-12-22T07:33:20.123456789Z"),
            ("-0.0000000001", .seconds, "1969-12-31T23:59:59.999999999Z"),
            ("1577000000.1234567899", .seconds, "2019-12-22T07:33:20.123456789Z"),
            ("1.577e9", .seconds, "2019-12-22T07:33:20Z"),
            ("0e6000", .seconds, "1970-01-01T00:00:00Z"),
        ]
    )
    func unix(count: String, unit: DateTime.UnixUnit, written: String) throws {
        let value = try #require(ExactDecimal(count))
        #expect(DateTime(unix: value, unit: unit)?.description == written)
    }

    @Test(
        "A Unix time beyond the range has no instant",
        arguments: ["1e10", "-1e10", "9223372037", "1e6144", "1e-6144"]
    )
    func unixRange(count: String) throws {
        let value = try #require(ExactDecimal(count))
        #expect(DateTime(unix: value, unit: .seconds) == nil)
    }

    /// Found by fuzzing: what was written in the first second of the range did not read back.
    @Test func theFirstInstantOfTheRangeReadsBack() throws {
        let first = DateTime(nanosecondsSinceEpoch: .min, fractionDigits: 9)
        let again = try #require(DateTime(rfc3339: Array(first.description.utf8)))
        #expect(again.nanosecondsSinceEpoch == .min)
    }
}
