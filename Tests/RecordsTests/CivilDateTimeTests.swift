import Records
import Testing

@Suite struct CivilDateTimeTests {
    @Test(
        "HL7 times are read at every precision, with and without zone",
        arguments: [
            ("2026", "2026-01-01T00:00:00+08:00", CivilDateTime.Precision.year),
            ("202603", "2026-03-01T00:00:00+08:00", .month),
            ("20260124", "2026-01-24T00:00:00+08:00", .day), ("2026012412", "2026-01-24T12:00:00+08:00", .hour),
            ("202601241247", "2026-01-24T12:47:00+08:00", .minute),
            ("20260124124738", "2026-01-24T12:47:38+08:00", .second),
            ("20260124124738.0000", "2026-01-24T12:47:38.0000+08:00", .second),
            ("20260124124738.5-0530", "2026-01-24T12:47:38.5-05:30", .second),
            ("20260124124738000+0100", "2026-01-24T12:47:38.000+01:00", .second),
            ("20260124124738123", "2026-01-24T12:47:38.123+08:00", .second),
            ("202601241247+0000", "2026-01-24T12:47:00Z", .minute),
        ]
    )
    func hl7(text: String, written: String, precision: CivilDateTime.Precision) throws {
        let civil = try #require(CivilDateTime(hl7: text.utf8))
        #expect(civil.precision == precision)
        #expect(civil.resolved(offsetMinutes: 480)?.description == written)
    }

    @Test(
        "What is not an HL7 time is refused",
        arguments: [
            "", "20", "20261", "2026013", "20260132", "20261301", "2026012424", "202601241260", "20260124124738.",
            "2026.5", "20260124124738+08:00",
            "20260124124738+2400", "20260124124738Z", "2026012412473800", "202601241247380000", "2026-01-24",
            "20260124124738 ",
        ]
    )
    func refusesHL7(text: String) {
        #expect(CivilDateTime(hl7: text.utf8) == nil)
    }

    @Test("A local RFC 3339 time has no zone until one is given, and a written zone has precedence")
    func local() throws {
        let local = try #require(CivilDateTime(rfc3339OrLocal: "2019-02-01T22:46:01.25".utf8))
        #expect(local.offsetMinutes == nil)
        #expect(local.resolved(offsetMinutes: 60)?.description == "2019-02-01T22:46:01.25+01:00")
        let written = try #require(CivilDateTime(rfc3339OrLocal: "2019-02-01T22:46:01Z".utf8))
        #expect(written.resolved(offsetMinutes: 60)?.description == "2019-02-01T22:46:01Z")
        #expect(local.resolved(offsetMinutes: 1440) == nil)
    }

    @Test(
        "An unknown year is kept but has no instant",
        arguments: ["00000000000000", "0000", "00000101120000"]
    )
    func unknownYear(text: String) throws {
        let civil = try #require(CivilDateTime(hl7: text.utf8))
        #expect(civil.year == 0)
        #expect(civil.resolved(offsetMinutes: 0) == nil)
        #expect(try TimeZoneRules("utc").resolve(civil) == nil)
    }

    @Test(
        "A custom pattern reads what it describes",
        arguments: [
            ("dd.MM.yyyy HH:mm:ss", "24.01.2026 12:47:38", "2026-01-24T12:47:38Z"),
            ("yyyy-MM-ddTHH:mm:ss.SSSXXX", "2026-01-24T12:47:38.120+05:30", "2026-01-24T12:47:38.120+05:30"),
            ("yyyyMMddHHmmssXX", "20260124124738-0500", "2026-01-24T12:47:38-05:00"),
            ("MM/dd/yyyy", "01/24/2026", "2026-01-24T00:00:00Z"),
            ("yyyy'Y'MM'M'dd 'o''clock'", "2026Y01M24 o'clock", "2026-01-24T00:00:00Z"),
            ("yyyy-MM-dd HH:mm:ss.SSSSSSSSSXXX", "2026-01-24 12:47:38.123456789Z", "2026-01-24T12:47:38.123456789Z"),
        ]
    )
    func pattern(pattern: String, text: String, written: String) throws {
        let compiled = try DateTimePattern(pattern)
        let civil = try #require(CivilDateTime(pattern: compiled, text: text.utf8))
        #expect(civil.resolved(offsetMinutes: 0)?.description == written)
        #expect(CivilDateTime(pattern: compiled, text: (text + " ").utf8) == nil)
        #expect(CivilDateTime(pattern: compiled, text: text.dropLast().utf8) == nil)
    }

    @Test(
        "A pattern that cannot work is refused with its reason",
        arguments: [
            ("yy-MM-dd", DateTimePatternError.unknownField("yy")), ("yyyy-MM", .missingField("dd")),
            ("", .missingField("yyyy")),
            ("yyyy-MM-dd MM", .repeatedField("MM")), ("yyyy-MM-dd 'x", .unterminatedQuote),
            ("yyyy-MM-ddZ", .unknownField("Z")),
            ("yyyy-MM-dd SSSSSSSSSS", .unknownField("SSSSSSSSSS")),
            ("yyyy-MM-dd'" + String(repeating: ".", count: 60) + "'", .tooLong(bytes: 72)),
        ]
    )
    func refusesPattern(pattern: String, reason: DateTimePatternError) {
        #expect(throws: reason) { try DateTimePattern(pattern) }
        #expect(reason.description.hasSuffix("."))
    }
}
