extension ExactDecimal: CustomStringConvertible {
    /// Longest text without an exponent.
    static let longestPlainText = 40

    /// The number as FHIR writes a decimal, with its precision: `37.60`, `-0.5`, `200`.
    ///
    /// A text of more than 40 characters, or of more than 34 digits before the point, which could not be read back, has
    /// a JSON exponent instead: `1.50e-60`.
    package var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(Self.longestPlainText)
        self.write(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the ``description`` as bytes.
    package func write(to output: inout [UInt8]) {
        let digits = self.significand.magnitude
        if self.isNegative { output.append(UInt8(ascii: "-")) }
        if self.exponent <= 0, self.exponent >= -18 {
            Self.write(digits, places: -self.exponent, to: &output)
            return
        }
        let count = max(PowersOfTen.digitCount(digits), 1)
        let signLength = self.isNegative ? 1 : 0
        if self.exponent > 0, digits == 0 || count + self.exponent <= Self.maximumDigits {
            Self.write(digits, places: 0, to: &output)
            if digits != 0 { output.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: self.exponent)) }
        } else if self.exponent < 0, signLength + max(count, 1 - self.exponent) + 1 <= Self.longestPlainText {
            Self.write(digits, places: -self.exponent, to: &output)
        } else {
            self.writeScientific(digits, count: count, to: &output)
        }
    }

    private func writeScientific(_ digits: UInt128, count: Int, to output: inout [UInt8]) {
        Self.write(digits, places: count - 1, to: &output)
        let power = self.exponent + count - 1
        output.append(UInt8(ascii: "e"))
        if power < 0 { output.append(UInt8(ascii: "-")) }
        Self.write(UInt128(power.magnitude), places: 0, to: &output)
    }

    /// Appends `digits * 10^-places`, at most 40 characters, from the last digit to the first.
    private static func write(_ digits: UInt128, places: Int, to output: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: self.longestPlainText) { buffer in
            // Divisions by ten are done in groups of 18 digits: one above 64 bits costs ten times as much.
            var (upper, group) = PowersOfTen.divide(digits, by: 1_000_000_000_000_000_000)
            var rest = UInt64(group)
            var start = buffer.count
            var written = 0
            while rest != 0 || upper != 0 || written <= places {
                if written == places, places > 0 {
                    start -= 1
                    buffer[start] = UInt8(ascii: ".")
                }
                let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
                start -= 1
                buffer[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit)
                rest = quotient
                written += 1
                if written % 18 == 0, upper != 0 {
                    (upper, group) = PowersOfTen.divide(upper, by: 1_000_000_000_000_000_000)
                    rest = UInt64(group)
                }
            }
            output.append(contentsOf: UnsafeBufferPointer(rebasing: buffer[start...]))
        }
    }
}
