import Foundation
import Testing

@testable import Records

@Suite struct TimeZoneRulesTests {
    @Test(
        "Fixed offsets need no database",
        arguments: [
            ("utc", 0), ("UTC", 0), ("Z", 0), ("+08:00", 480), ("-0530", -330), ("+00:00", 0), ("-23:59", -1439),
        ]
    )
    func fixed(name: String, minutes: Int) throws {
        #expect(try TimeZoneRules(name, directory: "/nowhere").offsetMinutes(atUTC: 0) == minutes)
    }

    @Test(
        "Names that are no zone, or would leave the database, are refused",
        arguments: [
            "", "../../etc/passwd", "/etc/passwd", "Europe/../Berlin", "Europe//Berlin", "Europe/", ".", "+8", "+24:00",
            "+08:60", "a b", "-x",
            "Europe/Berlin\0", String(repeating: "a", count: 65),
        ]
    )
    func refusesNames(name: String) {
        #expect(throws: TimeZoneError.invalidName(name)) { try TimeZoneRules(name) }
    }

    @Test("A zone that is missing, and a file that is no TZif, are told apart")
    func refusesFiles() {
        let missing = TimeZoneError.notInstalled(name: "Mars/Olympus", directory: "/usr/share/zoneinfo")
        #expect(throws: missing) { try TimeZoneRules("Mars/Olympus") }
        #expect(throws: TimeZoneError.notInstalled(name: "Europe", directory: "/usr/share/zoneinfo")) {
            try TimeZoneRules("Europe")
        }
        #expect(throws: TimeZoneError.damaged(name: "hostname")) { try TimeZoneRules("hostname", directory: "/etc") }
    }

    @Test(
        "Wall-clock times at a change of the clocks have a defined instant",
        arguments: [
            ("Europe/Berlin", "2026-03-29T01:59:59", "2026-03-29T01:59:59+01:00", TimeZoneRules.Ambiguity.none),
            ("Europe/Berlin", "2026-03-29T02:00:00", "2026-03-29T03:00:00+02:00", .gap),
            ("Europe/Berlin", "2026-03-29T02:30:00.5", "2026-03-29T03:30:00.5+02:00", .gap),
            ("Europe/Berlin", "2026-03-29T03:00:00", "2026-03-29T03:00:00+02:00", .none),
            ("Europe/Berlin", "2026-10-25T01:59:59", "2026-10-25T01:59:59+02:00", .none),
            ("Europe/Berlin", "2026-10-25T02:00:00", "2026-10-25T02:00:00+02:00", .overlap),
            ("Europe/Berlin", "2026-10-25T02:59:59", "2026-10-25T02:59:59+02:00", .overlap),
            ("Europe/Berlin", "2026-10-25T03:00:00", "2026-10-25T03:00:00+01:00", .none),
            ("America/New_York", "2026-03-08T02:30:00", "2026-03-08T03:30:00-04:00", .gap),
            ("America/New_York", "2026-11-01T01:30:00", "2026-11-01T01:30:00-04:00", .overlap),
            ("America/New_York", "2026-07-04T12:00:00", "2026-07-04T12:00:00-04:00", .none),
            ("Asia/Kathmandu", "2026-07-04T12:00:00", "2026-07-04T12:00:00+05:45", .none),
            ("Australia/Lord_Howe", "2026-10-04T02:15:00", "2026-10-04T02:45:00+11:00", .gap),
            ("America/Santiago", "2080-01-01T00:00:00", "2080-01-01T00:00:00-03:00", .none),
            ("Europe/Berlin", "2026-10-25T02:00:00+01:00", "2026-10-25T02:00:00+01:00", .none),
        ]
    )
    func resolves(zone: String, wall: String, written: String, ambiguity: TimeZoneRules.Ambiguity) throws {
        let civil = try #require(CivilDateTime(rfc3339OrLocal: wall.utf8))
        let resolved = try #require(try TimeZoneRules(zone).resolve(civil))
        #expect(resolved.0.description == written)
        #expect(resolved.ambiguity == ambiguity)
    }

    @Test(
        "Offsets agree with Foundation from 1990 to 2090",
        arguments: [
            "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Sydney", "America/Santiago",
            "Africa/Cairo", "Asia/Tokyo",
            "Europe/Dublin", "America/Sao_Paulo", "Pacific/Apia", "Asia/Tehran", "America/St_Johns", "Etc/GMT+5",
        ]
    )
    func agreesWithFoundation(zone: String) throws {
        let rules = try TimeZoneRules(zone)
        let foundation = try #require(TimeZone(identifier: zone))
        for _ in 0..<2000 {
            let seconds = Int64.random(in: 631_152_000...3_786_912_000)
            let expected = foundation.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))
            #expect(rules.offsetMinutes(atUTC: seconds) * 60 == expected, "\(zone) at \(seconds)")
        }
    }

    @Test("Instants at the ends of 64 bits have an offset", arguments: [Int64.min, .max])
    func extremes(seconds: Int64) throws {
        let offset = try TimeZoneRules("Europe/Berlin").offsetMinutes(atUTC: seconds)
        #expect((0...120).contains(offset))
    }

    @Test("An instant's own wall clock leads back to it outside of overlaps")
    func roundTrip() throws {
        let rules = try TimeZoneRules("Europe/Berlin")
        for _ in 0..<1000 {
            let seconds = Int64.random(in: 631_152_000...3_786_912_000)
            let offset = rules.offsetMinutes(atUTC: seconds)
            let instant = DateTime(
                nanosecondsSinceEpoch: seconds * 1_000_000_000,
                offsetMinutes: Int16(offset),
                fractionDigits: 0
            )
            let civil = try #require(CivilDateTime(rfc3339OrLocal: instant.description.prefix(19).utf8))
            let resolved = try #require(rules.resolve(civil))
            #expect(resolved.0 == instant || resolved.ambiguity == .overlap)
        }
    }

    @Test("A cut or changed TZif file never traps")
    func damagedFiles() throws {
        let whole = try #require(TimeZoneFile.read("/usr/share/zoneinfo/Europe/Berlin"))
        #expect(TimeZoneTable(tzif: whole) != nil)
        for length in 0..<whole.count { #expect(TimeZoneTable(tzif: Array(whole[..<length])) == nil) }
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<3000 {
            var bytes = whole
            bytes[Int.random(in: 0..<bytes.count, using: &generator)] = .random(in: 0...255, using: &generator)
            _ = TimeZoneTable(tzif: bytes)?.offsetSeconds(atUTC: .random(in: -5_000_000_000...5_000_000_000))
        }
    }

    @Test(
        "A POSIX rule that is malformed is refused",
        arguments: [
            "", "CE-1", "CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.0.0,M10.5.0",
            "<+03-3", "CET-1x,J1,J2",
        ]
    )
    func refusesRules(text: String) {
        #expect(PosixTimeZone(Array(text.utf8)[...]) == nil)
    }

    @Test("The three forms of a day in a POSIX rule are understood")
    func ruleDays() throws {
        let rule = try #require(PosixTimeZone(Array("<-03>3<-02>,J60/-1,59/25:30:15".utf8)[...]))
        #expect(rule.offsetSeconds(atUTC: 0) == -10_800)
        // In 2028, a leap year, J60 is 1 March and 59 is 29 February; summer time spans the new year.
        let before = GregorianCalendar.dayNumber(year: 2028, month: 2, day: 29) * 86_400 + 23 * 3600 + 10_800
        #expect(rule.offsetSeconds(atUTC: before) == -7200)
    }
}
