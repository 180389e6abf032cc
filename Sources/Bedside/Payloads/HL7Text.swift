internal import Units

extension HL7Message {
    /// The text of a range with its escape sequences resolved (HL7 v2.6 §2.7).
    ///
    /// `\F\ \S\ \T\ \R\ \E\` are the delimiters, `\Xhh…\` bytes in the message's character set, `\.br\` and
    /// `\.sp\` line ends; highlighting (`\H\ \N\`) and other formatting is dropped. What is no sequence stays as it
    /// is: monitors write backslashes without escaping them.
    func unescaped(_ range: Range<Int>) throws(DecodeFailure) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(range.count)
        var hasBytes = false
        var position = range.lowerBound
        while position < range.upperBound {
            let byte = self.bytes[position]
            position += 1
            guard byte == self.delimiters.escape,
                let end = self.bytes[position..<range.upperBound].firstIndex(of: byte)
            else {
                text.append(byte)
                continue
            }
            if self.resolve(position..<end, into: &text, hasBytes: &hasBytes) {
                position = end + 1
            } else {
                text.append(contentsOf: self.bytes[position - 1..<end])
                position = end
            }
        }
        if hasBytes, text.withUnsafeBytes({ UTF8Validation.firstInvalid($0) }) != nil {
            throw DecodeFailure(
                .badEncoding,
                "a hexadecimal escape does not give UTF-8 text",
                offset: range.lowerBound
            )
        }
        return text
    }

    /// Appends what one escape sequence stands for; false when `body` is none.
    private func resolve(_ body: Range<Int>, into text: inout [UInt8], hasBytes: inout Bool) -> Bool {
        guard let first = body.first.map({ self.bytes[$0] }) else { return false }
        if body.count == 1 {
            switch first {
            case UInt8(ascii: "F"): text.append(self.delimiters.field)
            case UInt8(ascii: "S"): text.append(self.delimiters.component)
            case UInt8(ascii: "T"): text.append(self.delimiters.subcomponent)
            case UInt8(ascii: "R"): text.append(self.delimiters.repetition)
            case UInt8(ascii: "E"): text.append(self.delimiters.escape)
            case UInt8(ascii: "H"), UInt8(ascii: "N"): break
            default: return false
            }
            return true
        }
        let rest = body.dropFirst()
        if first == UInt8(ascii: "X") { return self.appendHexadecimal(rest, to: &text, &hasBytes) }
        guard first == UInt8(ascii: "."), self.bytes[rest].allSatisfy(Self.isOfFormatting) else { return false }
        let command = self.bytes[rest.prefix(2)]
        if command.elementsEqual("br".utf8) || command.elementsEqual("sp".utf8) { text.append(0x0A) }
        return true
    }

    private func appendHexadecimal(_ digits: Range<Int>, to text: inout [UInt8], _ hasBytes: inout Bool) -> Bool {
        guard digits.count % 2 == 0, self.bytes[digits].allSatisfy({ Self.nibble($0) != nil }) else { return false }
        var position = digits.lowerBound
        while position < digits.upperBound {
            let high = Self.nibble(self.bytes[position]) ?? 0
            let low = Self.nibble(self.bytes[position + 1]) ?? 0
            self.characterSet.append(high << 4 | low, to: &text)
            position += 2
        }
        hasBytes = true
        return true
    }

    private static func isOfFormatting(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func nibble(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}

extension HL7Message {
    /// The number of an NM value with its precision (HL7 v2.6 chapter 2A, data type NM).
    ///
    /// `+1`, `.5` and `072` are numbers there, unlike in JSON; an exponent, which some monitors send, is read as well.
    ///
    /// - Returns: nil for anything else, and for more than 34 significant digits.
    func number(_ range: Range<Int>) -> ExactDecimal? {
        let text = self.bytes[self.trimmed(range)]
        let isNegative = text.first == UInt8(ascii: "-")
        var rest = isNegative || text.first == UInt8(ascii: "+") ? text.dropFirst() : text
        var magnitude: Int128 = 0
        let whole = Self.takeDigits(&rest, into: &magnitude)
        var fraction = 0
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            fraction = Self.takeDigits(&rest, into: &magnitude)
        }
        guard whole + fraction > 0, magnitude >= 0, let power = Self.power(&rest), rest.isEmpty else { return nil }
        return ExactDecimal(significand: isNegative ? -magnitude : magnitude, exponent: power - fraction)
    }

    /// The largest significand of an ``ExactDecimal`` plus one.
    private static let magnitudeLimit: Int128 = 10_000_000_000_000_000_000_000_000_000_000_000

    /// Moves digits from the front of `text` into `magnitude`, which becomes -1 when there are too many.
    private static func takeDigits(_ text: inout Slice<UnsafeRawBufferPointer>, into magnitude: inout Int128) -> Int {
        var count = 0
        while let byte = text.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            text = text.dropFirst()
            count += 1
            guard magnitude >= 0 else { continue }
            magnitude = magnitude * 10 + Int128(byte - UInt8(ascii: "0"))
            if magnitude >= self.magnitudeLimit { magnitude = -1 }
        }
        return count
    }

    /// The power of ten of an exponent at the front of `text`: 0 when there is none, nil when it is broken.
    private static func power(_ text: inout Slice<UnsafeRawBufferPointer>) -> Int? {
        guard text.first == UInt8(ascii: "e") || text.first == UInt8(ascii: "E") else { return 0 }
        text = text.dropFirst()
        let isNegative = text.first == UInt8(ascii: "-")
        if isNegative || text.first == UInt8(ascii: "+") { text = text.dropFirst() }
        var power: Int128 = 0
        let count = self.takeDigits(&text, into: &power)
        guard (1...3).contains(count) else { return nil }
        return isNegative ? -Int(power) : Int(power)
    }
}
