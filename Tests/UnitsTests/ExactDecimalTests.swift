import Testing
import Units

@Suite struct ExactDecimalTests {
    @Test(
        "A JSON number keeps its digits and its precision",
        arguments: [
            ("98.6", "98.6"), ("37.60", "37.60"), ("-0.5", "-0.5"), ("0", "0"), ("-0", "0"), ("0.000", "0.000"),
            ("2e2", "200"), ("1.50E-3", "0.00150"), ("1e+3", "1000"),
            ("12345678901234567890.5", "12345678901234567890.5"),
            ("1234567890123456789012345678901234", "1234567890123456789012345678901234"), ("0e7", "0"),
            ("0.0000000000000000000000000000000001", "0.0000000000000000000000000000000001"),
            ("1e-39", "1e-39"), ("1.50e-60", "1.50e-60"), ("-123e100", "-1.23e102"), ("1e33", "1" + .zeros(33)),
            ("1e34", "1e34"), ("-12e33", "-1.2e34"), ("100000000000000000000", "100000000000000000000"),
        ]
    )
    func keepsDigits(text: String, written: String) throws {
        let value = try #require(ExactDecimal(text))
        #expect(value.description == written)
        let again = try #require(ExactDecimal(written))
        #expect(again == value)
    }

    @Test(
        "What is not a JSON number, or too long, is refused",
        arguments: [
            "", "-", "+1", "01", "-01", ".5", "5.", "1e", "1e+", "1.2.3", " 1", "1 ", "0x10", "NaN", "Infinity",
            "1_000", "--1",
            "12345678901234567890123456789012345", "1e6145", "1e-6145", "0.1e-6144", "1e99999999999999999999999", "1,5",
        ]
    )
    func refuses(text: String) {
        #expect(ExactDecimal(text) == nil)
    }

    @Test("Every kind of byte collection is read alike")
    func collections() {
        let bytes = Array("x98.60y".utf8)
        let expected = ExactDecimal(significand: 9860, exponent: -2)
        #expect(ExactDecimal(parsing: bytes[1..<6])?.isIdentical(to: expected) == true)
        #expect(ExactDecimal(parsing: Array(bytes[1..<6]))?.isIdentical(to: expected) == true)
        #expect(ExactDecimal(parsing: bytes[1..<6].lazy.map { $0 })?.isIdentical(to: expected) == true)
        let raw = bytes.withUnsafeBytes { ExactDecimal(parsing: UnsafeRawBufferPointer(rebasing: $0[1..<6])) }
        #expect(raw?.isIdentical(to: expected) == true)
    }

    @Test("Equality, order and hash are numeric; identity is not")
    func numericEquality() throws {
        let short = try #require(ExactDecimal("37.6"))
        let long = try #require(ExactDecimal("37.60"))
        #expect(short == long)
        #expect(short.hashValue == long.hashValue)
        #expect(!short.isIdentical(to: long))
        #expect(ExactDecimal("0") == ExactDecimal("0.00"))
        #expect(ExactDecimal("0")?.hashValue == ExactDecimal("0e9")?.hashValue)
        #expect(ExactDecimal("1e6144") == ExactDecimal("1.0e6144"))
        #expect(ExactDecimal("1e6144")?.hashValue == ExactDecimal("1.0e6144")?.hashValue)
    }

    @Test("Order holds over the whole range of exponents")
    func order() throws {
        let ascending = [
            "-9e6144", "-10", "-9.99", "-1e-6144", "0", "1e-6144", "1.5e-6143", "0.1", "0.11", "1",
            "9.999999999999999999999999999999999", "10", "1e33", "1.000000000000000000000000000000001e33", "1e6144",
        ]
        let values = try ascending.map { try #require(ExactDecimal($0)) }
        for (left, right) in zip(values, values.dropFirst()) {
            #expect(left < right)
            #expect(!(right < left))
            #expect(left != right)
        }
        #expect(values.shuffled().sorted() == values)
    }

    @Test("Whole values convert to integers, others do not")
    func integers() {
        #expect(ExactDecimal("120.00")?.integer == 120)
        #expect(ExactDecimal("12e1")?.integer == 120)
        #expect(ExactDecimal("-0.0")?.integer == 0)
        #expect(ExactDecimal("120.5")?.integer == nil)
        #expect(ExactDecimal("1e30")?.integer == nil)
        #expect(ExactDecimal("1e30")?.isInteger == true)
        #expect(ExactDecimal("1e6144")?.integer == nil)
        #expect(ExactDecimal(Int.min).integer == Int.min)
        #expect(ExactDecimal("37.60")?.normalized.description == "37.6")
        #expect(ExactDecimal("200")?.normalized.exponent == 2)
    }

    @Test(
        "A binary number becomes the shortest decimal that reads back as itself",
        arguments: [
            (98.6, "98.6"), (37, "37"), (-0.1, "-0.1"), (1e22, "1" + .zeros(22)), (.leastNonzeroMagnitude, "5e-324"),
            (0, "0"),
        ]
    )
    func shortest(double: Double, written: String) {
        #expect(ExactDecimal(double)?.description == written)
    }

    @Test("A random binary number survives the way to decimal and back")
    func roundTrip() throws {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<2000 {
            let double = Double(bitPattern: generator.next())
            guard double.isFinite else { continue }
            let value = try #require(ExactDecimal(double))
            #expect(Double(value.description) == double)
        }
        #expect(ExactDecimal(Double.nan) == nil)
        #expect(ExactDecimal(-Float.infinity) == nil)
        #expect(ExactDecimal(Float(36.6))?.description == "36.6")
    }

    @Test("The exact value of a binary number is given when 34 digits hold it")
    func exactBinary() {
        #expect(ExactDecimal(exactly: 0.5)?.description == "0.5")
        #expect(ExactDecimal(exactly: -1536.0)?.description == "-1536")
        #expect(ExactDecimal(exactly: 0.0009765625)?.description == "0.0009765625")
        #expect(ExactDecimal(exactly: 0.1) == nil)
        #expect(ExactDecimal(exactly: 1e300) == nil)
        #expect(ExactDecimal(exactly: Double.leastNonzeroMagnitude) == nil)
        #expect(ExactDecimal(exactly: Float(0.1))?.description == "0.100000001490116119384765625")
    }
}

extension String {
    static func zeros(_ count: Int) -> String { String(repeating: "0", count: count) }
}

/// SplitMix64, so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        var word = self.state
        word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
        return word ^ word >> 31
    }
}
