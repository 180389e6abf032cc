import Foundation
import Testing
import Units

@Suite struct UnitConversionTests {
    @Test(
        "The precision of a result follows from the source",
        arguments: [
            ("98.6", "[degF]", "Cel", "37.0"), ("37.0", "Cel", "[degF]", "98.60"), ("250", "g", "kg", "0.250"),
            ("1200", "uV", "mV", "1.200"), ("0.97", "1", "%", "97"), ("70", "[in_i]", "cm", "177.80"),
            ("157", "[lb_av]", "kg", "71.2140"), ("120", "mm[Hg]", "kPa", "15.9986"),
            ("16.0", "kPa", "mm[Hg]", "120.010"),
            ("310.15", "K", "Cel", "37.00"), ("0", "Cel", "K", "273.15"), ("72", "/min", "Hz", "1.20"),
            ("1", "d", "wk", "0.142857"), ("100.0", "[degF]", "Cel", "37.7778"), ("32", "[degF]", "Cel", "0"),
            ("-40.0", "[degF]", "Cel", "-40.0"), ("4.50", "m[IU]/L", "u[iU]/mL", "4.50"), ("3", "dB", "B", "0.3"),
            ("10", "mL/min/kg", "L/h/kg", "0.60"), ("0.0", "mm[Hg]", "kPa", "0.0"), ("1", "[HPF]", "1", "1"),
        ]
    )
    func precision(value: String, from: String, to: String, written: String) throws {
        let convert = try UnitConversion(from: UCUMUnit(from), to: UCUMUnit(to))
        #expect(try convert(#require(ExactDecimal(value))).description == written)
    }

    @Test("Mass and amount of substance convert with a molar mass, both ways")
    func molarMass() throws {
        let glucose = try #require(ExactDecimal("180.156"))
        let (mass, amount) = try (UCUMUnit("mg/dL"), UCUMUnit("mmol/L"))
        let toAmount = try UnitConversion(from: mass, to: amount, molarMass: glucose)
        #expect(toAmount(ExactDecimal(100)).description == "5.55074")
        let toMass = try UnitConversion(from: amount, to: mass, molarMass: glucose)
        #expect(try toMass(#require(ExactDecimal("5.5"))).description == "99.0858")
        #expect(throws: UnitError.molarMassMissing(from: "mg/dL", to: "mmol/L")) {
            try UnitConversion(from: mass, to: amount)
        }
        for invalid in [ExactDecimal(0), ExactDecimal(-180)] {
            #expect(throws: UnitError.molarMassNotPositive(invalid)) {
                try UnitConversion(from: mass, to: amount, molarMass: invalid)
            }
        }
        #expect(throws: UnitError.self) { try UnitConversion(from: mass, to: UCUMUnit("/L"), molarMass: glucose) }
    }

    @Test("Annotations do not matter, and equal units convert to themselves")
    func identity() throws {
        let identical = [("{beat}/min", "/min"), ("mL", "ml"), ("[IU]", "[iU]"), ("Cel", "Cel"), ("U", "umol/min")]
        for (from, to) in identical {
            let convert = try UnitConversion(from: UCUMUnit(from), to: UCUMUnit(to))
            #expect(convert.isIdentity)
            #expect(try convert(#require(ExactDecimal("72.0"))).description == "72.0")
        }
        #expect(try !UnitConversion(from: UCUMUnit("K"), to: UCUMUnit("Cel")).isIdentity)
    }

    @Test(
        "Units of different dimensions do not convert",
        arguments: [
            ("mm[Hg]", "mm"), ("Cel", "J"), ("[iU]", "mg"), ("[iU]", "1"), ("[pH]", "mol/L"), ("B[SPL]", "B"),
            ("/min", "min"),
            ("mmol/L", "mmol"), ("[arb'U]", "[iU]"),
        ]
    )
    func mismatch(from: String, to: String) throws {
        let (source, target) = try (UCUMUnit(from), UCUMUnit(to))
        let expected = UnitError.incommensurable(
            from: from,
            fromDimension: source.dimension,
            to: to,
            toDimension: target.dimension
        )
        #expect(throws: expected) { try UnitConversion(from: source, to: target) }
    }

    @Test("A conversion there and back returns the source to its last digit")
    func roundTrip() throws {
        let pairs = [
            ("mm[Hg]", "kPa"), ("[degF]", "Cel"), ("Cel", "K"), ("[lb_av]", "kg"), ("[in_i]", "cm"), ("/min", "Hz"),
            ("mL/h", "L/d"),
            ("deg", "rad"), ("wk", "mo"), ("cm[H2O]", "mm[Hg]"),
        ]
        var generator = SeededGenerator(seed: 2)
        for (from, to) in pairs {
            let (source, target) = try (UCUMUnit(from), UCUMUnit(to))
            let (there, back) = try (
                UnitConversion(from: source, to: target), UnitConversion(from: target, to: source)
            )
            for _ in 0..<200 {
                let places = Int.random(in: 0...3, using: &generator)
                let digits = Int128(Int.random(in: -50_000...50_000, using: &generator))
                let value = ExactDecimal(significand: digits, exponent: -places)
                #expect(back(there(value)).rounded(toExponent: -places) == value, "\(value) \(from) via \(to)")
            }
        }
    }

    @Test("Extreme values neither trap nor hang")
    func extremes() throws {
        let convert = try UnitConversion(from: UCUMUnit("[degF]"), to: UCUMUnit("Cel"))
        for text in ["1e6144", "-1e6144", "1e-6144", "9999999999999999999999999999999999e6144", "1e-30"] {
            let value = try #require(ExactDecimal(text))
            #expect(convert(value).digitCount <= ExactDecimal.maximumDigits)
        }
    }

    @Test("The clinical cases come out as computed by hand")
    func clinicalCases() throws {
        let cases = try CSVFile(Self.fixtures.appending(path: "clinical.csv"))
        #expect(cases.rows.count == 10)
        for row in cases.rows {
            #expect(try Self.relativeError(row, expected: "expected_rel_1e-4") <= 1e-4, "\(row)")
        }
    }

    @Test("The functional tests of UCUM for conversion pass", .enabled(if: CSVFile.ucumTests != nil))
    func functionalConversions() throws {
        let cases = try CSVFile(#require(CSVFile.ucumTests).appending(path: "conversion.csv"))
        for row in cases.rows { #expect(try Self.relativeError(row, expected: "expected") < 6e-3, "\(row)") }
    }

    @Test("The functional tests of UCUM for validation pass", .enabled(if: CSVFile.ucumTests != nil))
    func functionalValidations() throws {
        let cases = try CSVFile(#require(CSVFile.ucumTests).appending(path: "validation.csv"))
        for row in cases.rows {
            let code = try #require(row["unit"])
            #expect(((try? UCUMUnit(code)) != nil) == (row["valid"] == "true"), "\(row)")
        }
    }

    private static let fixtures = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures/ucum")

    private static func relativeError(_ row: [String: String], expected: String) throws -> Double {
        func cell(_ name: String) throws -> String { try #require(row[name]) }
        let (source, target) = try (UCUMUnit(cell("src")), UCUMUnit(cell("dst")))
        let value = try ExactDecimal(cell("value"))
        let result = try UnitConversion(from: source, to: target)(#require(value))
        let (converted, wanted) = try (Double(result.description), Double(cell(expected)))
        return try abs(#require(converted) / #require(wanted) - 1)
    }
}

/// A table of comma-separated values without quotations.
struct CSVFile {
    let rows: [[String: String]]

    /// The folder of the functional tests of UCUM, which are not ours to distribute.
    static let ucumTests = ProcessInfo.processInfo.environment["WARDLINE_UCUM_TESTS"].map { URL(filePath: $0) }

    init(_ file: URL) throws {
        let lines = try String(contentsOf: file, encoding: .utf8).split(whereSeparator: \.isNewline)
        let names = try #require(lines.first).split(separator: ",").map(String.init)
        self.rows = lines.dropFirst().map { line in
            let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            return Dictionary(uniqueKeysWithValues: zip(names, cells))
        }
    }
}
