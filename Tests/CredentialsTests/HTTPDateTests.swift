import Testing

@testable import Credentials

@Suite struct HTTPDateTests {
    @Test(
        arguments: [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
            ("Tue, 29 Feb 2000 23:59:59 GMT", 951_868_799), ("Sun, 22 Nov 2026 20:57:11 GMT", 1_795_381_031),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
        ] as [(String, UInt64)]
    )
    func `a date of RFC 9110 is a time`(text: String, seconds: UInt64) { #expect(HTTPDate.seconds(text) == seconds) }

    @Test(arguments: [
        "", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET", "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1969 08:49:37 GMT", "Sun, 32 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT", "Sun, 06 Nov 1994 08:-9:37 GMT",
        "Sun, 06 Noe 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT x",
    ])
    func `another text is none`(text: String) { #expect(HTTPDate.seconds(text) == nil) }
}
