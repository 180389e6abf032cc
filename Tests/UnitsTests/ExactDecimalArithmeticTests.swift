import Testing
import Units

@Suite struct ExactDecimalArithmeticTests {
    @Test(
        "Sums are exact, or rounded half to even at 34 digits",
        arguments: [
            ("98.6", "0.4", "99.0"), ("1", "-1.00", "0.00"), ("0", "1e-3", "0.001"), ("1e10", "1", "10000000001"),
            ("9999999999999999999999999999999999", "1", "1e34"),
            ("1e33", "0.5", "1000000000000000000000000000000000"),
            ("1000000000000000000000000000000001", "0.5", "1000000000000000000000000000000002"),
            (
                "1000000000000000000000000000000000", "0.50000000000000000000000000000001",
                "1000000000000000000000000000000001"
            ),
            ("1e6000", "-1e-6000", "1e6000"), ("1e40", "-1", "1e40"), ("1e-6144", "-1e-6144", "0"),
        ]
    )
    func sums(left: String, right: String, sum: String) throws {
        let (left, right, sum) = try (decimal(left), decimal(right), decimal(sum))
        #expect(left + right == sum)
        #expect(right + left == sum)
        #expect((-left) - right == -sum)
    }

    @Test(
        "Products are exact, or rounded half to even at 34 digits",
        arguments: [
            ("2.50", "4", "10.00"), ("-3", "0.5", "-1.5"), ("0", "1e6144", "0"),
            ("12345678901234567890", "98765432109876543210", "1219326311370217952237463801111263.526900e6"),
            (
                "9999999999999999999999999999999999", "9999999999999999999999999999999999",
                "9999999999999999999999999999999998e34"
            ),
            ("1e-6144", "1e-6144", "0"), ("1e4000", "1e4000", "9999999999999999999999999999999999e6144"),
            ("-1e4000", "1e4000", "-9999999999999999999999999999999999e6144"), ("1e6144", "1e10", "1e6154"),
        ]
    )
    func products(left: String, right: String, product: String) throws {
        let expected =
            product == "1e6154"
            ? ExactDecimal(significand: 10_000_000_000, exponent: 6144)
            : try self.rounded(product)
        #expect(try decimal(left) * decimal(right) == expected)
        #expect(try decimal(right) * decimal(left) == expected)
    }

    private func rounded(_ text: String) throws -> ExactDecimal {
        // More than 34 digits are not parsed, so the one long expectation is put together from two parts.
        guard let dot = text.firstIndex(of: "."), text.count > 40 else { return try decimal(text) }
        return try decimal(String(text[..<dot]) + "e6") + decimal("526900")
    }

    @Test(
        "Quotients that end are exact, others have 34 digits",
        arguments: [
            ("1", "8", "0.125"), ("10", "4", "2.5"), ("1", "3", "0.3333333333333333333333333333333333"),
            ("2", "3", "0.6666666666666666666666666666666667"), ("0", "7", "0"), ("-7", "2", "-3.5"),
            ("1e6144", "1e-6144", "9999999999999999999999999999999999e6144"), ("1e-6144", "1e6144", "0"),
            ("1", "9999999999999999999999999999999999", "1.000000000000000000000000000000000e-34"),
        ]
    )
    func quotients(numerator: String, denominator: String, quotient: String) throws {
        #expect(try decimal(numerator).dividing(by: decimal(denominator)) == decimal(quotient))
    }

    @Test("Division by zero has no result")
    func divisionByZero() throws {
        #expect(try decimal("1").dividing(by: decimal("0.00")) == nil)
    }

    @Test(
        "Rounding is half to even and can add zeros",
        arguments: [
            ("2.5", 0, "2"), ("3.5", 0, "4"), ("-2.5", 0, "-2"), ("2.51", 0, "3"), ("37.456", -2, "37.46"),
            ("37", -2, "37.00"),
            ("149", 2, "100"), ("151", 2, "200"), ("0.4", 3, "0"), ("0", -3, "0.000"),
            ("1", -6144, "1" + "." + .zeros(33)),
            ("9.99", -1, "10.0"),
        ]
    )
    func rounding(text: String, exponent: Int, written: String) throws {
        #expect(try decimal(text).rounded(toExponent: exponent).description == written)
    }

    @Test("Values made from any parts stay in range")
    func range() {
        #expect(ExactDecimal(significand: .max, exponent: 0).digitCount == 34)
        #expect(ExactDecimal(significand: .min, exponent: .max).exponent == ExactDecimal.maximumExponent)
        #expect(ExactDecimal(significand: .max, exponent: .min).isZero)
        #expect(ExactDecimal(significand: 5, exponent: -6145).isZero)
        #expect(ExactDecimal(significand: 15, exponent: -6145) == ExactDecimal(significand: 2, exponent: -6144))
        #expect(ExactDecimal(significand: 1, exponent: 6150) == ExactDecimal(significand: 1_000_000, exponent: 6144))
    }

    @Test("Sums and products of small numbers agree with integer arithmetic")
    func agreesWithIntegers() {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<2000 {
            let left = Int.random(in: -1_000_000...1_000_000, using: &generator)
            let right = Int.random(in: -1_000_000...1_000_000, using: &generator)
            let places = Int.random(in: 0...4, using: &generator)
            let power = [1, 10, 100, 1000, 10_000][places]
            let small = ExactDecimal(significand: Int128(right), exponent: -places)
            let sum = ExactDecimal(significand: Int128(left * power + right), exponent: -places)
            #expect(ExactDecimal(left) + small == sum)
            #expect(ExactDecimal(left) * small == ExactDecimal(significand: Int128(left * right), exponent: -places))
            #expect((ExactDecimal(left) < small) == (left * power < right))
        }
    }

    @Test("A quotient times the divisor returns the dividend within 33 digits")
    func quotientTimesDivisor() throws {
        var generator = SeededGenerator(seed: 6)
        for _ in 0..<500 {
            let left = ExactDecimal(Int.random(in: 1...Int.max, using: &generator))
            let right = ExactDecimal(significand: Int128(Int.random(in: 1...Int.max, using: &generator)), exponent: -9)
            let back = try #require(left.dividing(by: right)) * right
            let error = (back - left).magnitude
            #expect(error <= left * ExactDecimal(significand: 1, exponent: -32))
        }
    }

    private func decimal(_ text: String) throws -> ExactDecimal {
        try #require(ExactDecimal(text))
    }
}
