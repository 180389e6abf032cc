import AccessPolicies
import CanonicalBytes
import Testing

@Suite struct PolicyDateTests {
    @Test(
        arguments: [
            ("1970-01-01", 0), ("1970-01-02", 1), ("1972-02-29", 789), ("2000-02-29", 11_016), ("2000-03-01", 11_017),
            ("2026-11-21", 20_778), ("2100-02-28", 47_540), ("2100-03-01", 47_541), ("2149-06-06", 65_535),
        ] as [(String, UInt16)]
    )
    func aDateIsItsDaysSince1970(_ date: String, _ days: UInt16) {
        #expect(PolicyDate.days(date.utf8) == days)
        #expect(PolicyDate.text(days) == date)
    }

    @Test(arguments: [
        "1969-12-31", "2149-06-07", "2026-02-29", "2100-02-29", "2026-00-10", "2026-13-01", "2026-11-31", "2026-11-00",
        "2026-1-01", "20261121", "2026-11-211", "2026/11/21", "+026-11-21", "",
    ])
    func whatIsNoDateOfTheRangeIsNone(_ text: String) { #expect(PolicyDate.days(text.utf8) == nil) }

    @Test func everyNumberIsADateAndBack() {
        #expect((0...UInt16.max).allSatisfy { PolicyDate.days(PolicyDate.text($0).utf8) == $0 })
    }

    @Test func canonicalTextAndDigestHaveTheNumber() throws {
        let written = try WrittenPolicy("role:nurse and valid-until >= 2026-11-21")
        #expect(written.policy.text == "(role:nurse and valid-until >= 20778)")
        #expect(try written.policy.digest == AccessPolicy("role:nurse and valid-until >= 20778").digest)
        #expect(written.dateNames == ["valid-until"])
        #expect(written.conditions().map(\.date) == [nil, "2026-11-21"])
        #expect(try WrittenPolicy(written.policy.text).dateNames == [])
    }

    @Test func theSpecificationsGrammarHasNoDates() throws {
        let failure = try #require(throws: ProtocolFailure.self) { try AccessPolicy("valid-until >= 2026-11-21") }
        #expect(failure.detail.contains("canonical text has days since 1970-01-01: 20778"))
        // Names and values may look like dates.
        #expect(
            try WrittenPolicy("2026-11-21:2026-11-22 or 2026-11-21 >= 5").policy.text
                == "(2026-11-21:2026-11-22 or 2026-11-21 >= 5)"
        )
    }
}
