import Testing

@testable import Units

@Suite struct UCUMUnitTests {
    @Test(
        "Units of the bedside are understood",
        arguments: [
            "%", "1", "/min", "{beats}/min", "/min{beat}", "mm[Hg]", "kPa", "Cel", "[degF]", "kg/m2", "mmol/L", "mg/dL",
            "10*3/uL", "10^3/uL", "m[IU]/L", "cm[H2O]", "dyn.s/(cm5.m2)", "dyn.s.cm-5.m-2", "ug/(8.h.kg)", "mV", "Hz",
            "L/(min.m2)", "[in_i'Hg]", "4.[pi].10*-7.N/A2", "B[10.nV]", "[m/s2/Hz^(1/2)]", "g%", "mo", "m", "Pa", "dar",
            "s+2", "{cfu}", "kg{body_wt}", "umol/2.h", "ug{a(b)/c}", "cal_[15]", "10*-3/ul", "mosm/kg", "KiBy", "[pH]",
        ]
    )
    func accepts(code: String) throws {
        #expect(try UCUMUnit(code).code == code)
    }

    @Test(
        "Codes outside the grammar or the tables are refused with their reason",
        arguments: [
            ("", UnitError.empty),
            ("mmHg", .unknownUnit(symbol: "mmHg", code: "mmHg")),
            ("bpm", .unknownUnit(symbol: "bpm", code: "bpm")),
            ("degC", .unknownUnit(symbol: "degC", code: "degC")),
            ("mmin", .notMetric(prefix: "m", unit: "min", code: "mmin")),
            ("m/", .incomplete(code: "m/")), ("(m", .incomplete(code: "(m")), ("m{x", .incomplete(code: "m{x")),
            ("m[Hg", .incomplete(code: "m[Hg")), ("m-", .incomplete(code: "m-")),
            (".", .unexpected(character: ".", position: 0, code: ".")),
            ("g/12h", .unexpected(character: "h", position: 4, code: "g/12h")),
            ("10+3/ul", .unexpected(character: "+", position: 2, code: "10+3/ul")),
            ("{a}rad2", .unexpected(character: "r", position: 3, code: "{a}rad2")),
            ("m)", .unexpected(character: ")", position: 1, code: "m)")),
            ("m(s)", .unexpected(character: "(", position: 1, code: "m(s)")),
            ("m s", .unexpected(character: "byte 0x20", position: 1, code: "m s")),
            ("m{é}", .unexpected(character: "byte 0xC3", position: 2, code: "m{é}")),
            ("m100", .numberTooLarge(code: "m100")),
            ("1234567890123456789", .numberTooLarge(code: "1234567890123456789")),
            ("Ym99.Ym99", .numberTooLarge(code: "Ym99.Ym99")),
            ("Cel/min", .notRatio(unit: "Cel", code: "Cel/min")), ("Cel2", .notRatio(unit: "Cel", code: "Cel2")),
            ("/[degF]", .notRatio(unit: "[degF]", code: "/[degF]")), ("2.dB", .notRatio(unit: "B", code: "2.dB")),
        ]
    )
    func refuses(code: String, reason: UnitError) {
        #expect(throws: reason) { try UCUMUnit(code) }
        #expect(reason.description.hasSuffix("."))
    }

    @Test("Length and depth of a code are bounded")
    func bounds() throws {
        let nested = { String(repeating: "(", count: $0) + "m" + String(repeating: ")", count: $0) }
        _ = try UCUMUnit(nested(16))
        #expect(throws: UnitError.tooDeep(code: nested(17))) { try UCUMUnit(nested(17)) }
        _ = try UCUMUnit("m{" + String(repeating: "x", count: 253) + "}")
        #expect(throws: UnitError.tooLong(bytes: 257)) { try UCUMUnit(String(repeating: "x", count: 257)) }
    }

    @Test("Every symbol of the tables has a meaning, and every row of them is read")
    func tables() throws {
        for symbol in UCUMAtom.symbols { _ = try UCUMUnit(symbol) }
        let rows = [UCUMAtom.scientific, UCUMAtom.clinical, UCUMAtom.customary].map { $0.split(separator: "\n").count }
        #expect(UCUMAtom.symbols.count == rows.reduce(0, +) + 7)
    }

    @Test(
        "Units are shown as people write them",
        arguments: [
            ("mm[Hg]", "mmHg"), ("cm[H2O]", "cmH₂O"), ("Cel", "°C"), ("[degF]", "°F"), ("/min", "/min"), ("%", "%"),
            ("uV", "µV"), ("kg/m2", "kg/m²"), ("10*3/uL", "10³/µL"), ("{beats}/min", "beats/min"), ("[lb_av]", "lb"),
            ("[iU]/L", "IU/L"), ("ug/(kg.min)", "µg/(kg·min)"), ("dyn.s.cm-5", "dyn·s·cm⁻⁵"), ("1", "1"),
            ("{steps}", "steps"),
            ("kg{body_wt}", "kg"), ("mmol/L", "mmol/L"), ("[in_i]", "in"), ("Ohm", "Ω"),
        ]
    )
    func display(code: String, shown: String) throws {
        #expect(try UCUMUnit(code).display == shown)
    }

    @Test("What is measured is named in words or base units")
    func dimension() throws {
        #expect(try UCUMUnit("mm[Hg]").dimension == "a pressure")
        #expect(try UCUMUnit("/min").dimension == "a rate")
        #expect(try UCUMUnit("%").dimension == "a plain number")
        #expect(try UCUMUnit("m[IU]/L").dimension == "m-3.[iU]")
        #expect(try UCUMUnit("{beats}/min").isCommensurable(with: UCUMUnit("Hz")))
        #expect(try !UCUMUnit("[iU]").isCommensurable(with: UCUMUnit("[arb'U]")))
    }
}
