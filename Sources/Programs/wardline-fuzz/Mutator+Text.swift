/// Changes that only mean something in text: numbers, nesting, character encoding, keywords.
extension Mutator {
    private static let numbers = [
        "0", "-0", "-1", "00", "1e9999", "1e-9999", "9e999999999999999999", "1E+6144", "1E-6177", "0.1e1", "37.60",
        "1.",
        ".5", "-", "+1", "NaN", "Infinity", "-Infinity", "1e", "0x10", "127", "128", "255", "256", "32767", "-32768",
        "65536",
        "2147483647", "-2147483649", "4294967296", "9007199254740993", "9223372036854775807", "-9223372036854775808",
        "18446744073709551616", "9999999999999999999999999999999999", "12345678901234567890123456789012345",
        "170141183460469231731687303715884105728", "0.0000000000000000000000000000000001", "1,5", "１２", "1_000",
    ]
    private static let openers = [
        "[", "{\"a\":", "[{\"n\":[", "(", "-", "!", "if(", "$[?", "@[?@", "$..", "\u{81}", "~", "&", "^", "\\", "\"",
        "{", "((", "- ", "? ",
        "[*]", "abs(", "((", "a:\n ",
    ]
    private static let binaryOpeners: [[UInt8]] = [
        [0x81], [0x9F], [0xA1, 0x61, 0x61], [0xBF, 0x61, 0x61], [0xC1], [0xD8, 0x18], [0x82, 0x01], [0xC4, 0x82],
        [0x12, 0x7F], [0x0B], [0x5F], [0x7F],
    ]
    private static let words = [
        "null", "true", "false", "NaN", "\"\"", "{}", "[]", "\\u0000", "\\uD800", "\\uDFFF\\uD800", "\\ud83d\\ude00",
        "\\", "\"", "''",
        "\r\n", "\r", "\n\n", "\u{0B}", "\u{1C}\r", "|", "^~\\&", "\\X0D\\", "\\H\\", "\\F\\", "\\.br\\", "~", "&",
        "MSH|^~\\&|", "OBX|1|NM|",
        "OBR|1", "PID|", "2026-02-29", "2026-12-31T23:59:60Z", "+99:99", "-00:00", "24:00:00", "0000", "9999", "$", "@",
        "..", "[*]",
        "[?", "[::-1]", "[-1]", "[9007199254740991]", "&&", "||", "==", "<=", "1/0", "{serial}", "{a...}", "+", "#",
        "/", "//", "$share/",
        "match(@,'(a*)*b')", "search(@,'[^a-z]{1,900}')", "length(@)", "count($..*)", "concat(", "substring(", "mm[Hg]",
        "10*", "%[abc]",
        "kg.m/s2", "(", ")", "u", "[degF]", "\u{FEFF}", "\u{202E}", "\u{0}", "é", "心", "🫀", "&a ", "*a", "<<: ",
        "!!binary ", "---\n",
        "bn", "bt", "bv", "bs", "bver", "ut", "vd", "vb", "vs", "i", "u ", "t", ",", ";", "\t", "=", "\\ ", "\\,",
        "\"\"\"",
    ]

    /// Replaces a run of digits, or makes it very long.
    static func editNumber(_ bytes: inout [UInt8], _ random: inout Randomness) {
        guard let range = self.digits(in: bytes, from: random.below(bytes.count + 1)) else {
            return bytes.append(contentsOf: random.pick(self.numbers).utf8)
        }
        switch random.below(6) {
        case 0, 1: bytes.replaceSubrange(range, with: Array(random.pick(self.numbers).utf8))
        case 2:
            let digit = UInt8(ascii: "0") + UInt8(random.below(10))
            bytes.insert(contentsOf: Array(repeating: digit, count: 1 + random.small(2_000)), at: range.upperBound)
        case 3: bytes.insert(contentsOf: Array("e\(random.below(20_000) - 10_000)".utf8), at: range.upperBound)
        case 4: bytes.insert(UInt8(ascii: "."), at: range.lowerBound + random.below(range.count))
        default: bytes[range.lowerBound + random.below(range.count)] = UInt8(ascii: "0") + UInt8(random.below(10))
        }
    }

    /// The first run of digits at or after a position, or else the first of all.
    private static func digits(in bytes: [UInt8], from position: Int) -> Range<Int>? {
        func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
        guard let start = bytes[position...].firstIndex(where: isDigit) ?? bytes.firstIndex(where: isDigit) else {
            return nil
        }
        let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count
        return start..<end
    }

    /// Repeats an opening bracket, mostly around the depth at which decoders must refuse.
    static func nest(_ bytes: inout [UInt8], _ random: inout Randomness) {
        let opener = random.once(in: 3) ? random.pick(self.binaryOpeners) : Array(random.pick(self.openers).utf8)
        let depth = random.once(in: 8) ? 1 + random.below(6_000) : 1 + random.below(80)
        var nested: [UInt8] = []
        for _ in 0..<depth { nested += opener }
        bytes.insert(contentsOf: nested, at: random.once(in: 2) ? 0 : random.below(bytes.count + 1))
    }

    /// Makes text that is not UTF-8, or characters that look like others.
    static func damageText(_ bytes: inout [UInt8], _ random: inout Randomness) {
        let damage: [[UInt8]] = [
            [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFF], [0x80], [0xE2, 0x82],
            [0xF0, 0x9F, 0xAB],
            [0xEF, 0xBB, 0xBF], [0xC3, 0xA9], [0xB0], [0xA1, 0xE6], [0x1B, 0x24, 0x42], [0xE2, 0x80, 0xA8],
        ]
        bytes.insert(contentsOf: random.pick(damage), at: random.below(bytes.count + 1))
    }

    /// Inserts a word that some format gives a meaning, or puts it in the place of another.
    static func insertWord(_ bytes: inout [UInt8], _ random: inout Randomness) {
        let start = random.below(bytes.count + 1)
        let end = random.once(in: 2) ? start : min(bytes.count, start + random.small(12))
        bytes.replaceSubrange(start..<end, with: Array(random.pick(self.words).utf8))
    }

    /// Grows a payload past the bounds on bytes, values, rows or columns.
    static func inflate(_ bytes: inout [UInt8], _ random: inout Randomness) {
        let target = random.pick([70_000, 300_000, 1 << 20, 1_200_000])
        let range = self.chunk(of: bytes, &random)
        var unit = Array(bytes[range])
        if unit.isEmpty || random.once(in: 2) {
            unit = Array(random.pick(["0,", "[],", "a\n", "1 ", "{}\n", "|", "\r"]).utf8)
        }
        var filling: [UInt8] = []
        filling.reserveCapacity(target + unit.count)
        while filling.count < target { filling += unit }
        bytes.insert(contentsOf: filling, at: range.upperBound)
    }
}
