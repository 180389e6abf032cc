/// A character that begins no token, and what its writer may have meant.
struct ForeignCharacter {
    private let source: PolicySource
    private let start: Int
    /// The bytes from the character on, a few of them.
    private let ahead: ArraySlice<UInt8>

    init(_ source: PolicySource, at start: Int) {
        self.source = source
        self.start = start
        self.ahead = source.bytes[start..<min(start + 3, source.bytes.count)]
    }

    var mistake: PolicyRemark {
        for (writing, meaning) in Self.writings where self.ahead.starts(with: writing.utf8) {
            return self.mistake(writing.utf8.count, "`\(writing)` is no part of a policy", meaning)
        }
        if self.ahead.starts(with: [UInt8(ascii: ":")]) { return self.colon }
        if let byte = self.ahead.first, byte < 0x20 || byte == 0x7F {
            return self.mistake(1, "a control character (code \(byte)) is no part of a policy", nil)
        }
        let length = self.characterLength
        let quotation = self.source.quotation(self.start..<self.start + length)
        return self.mistake(
            length,
            "`\(quotation)` is no part of a policy",
            "names and values consist of letters a to z and A to Z, digits, `_`, `.` and `-`"
        )
    }

    private var colon: PolicyRemark {
        let (bytes, next) = (self.source.bytes, self.start + 1)
        let hasName = self.start > 0 && PolicyWord.isCharacter(bytes[self.start - 1])
        let hasValue = next < bytes.count && PolicyWord.isCharacter(bytes[next])
        let message =
            hasName
            ? (hasValue ? "a second colon is no part of `name:value`" : "a value is missing behind the colon")
            : "a name is missing before the colon"
        return self.mistake(1, message, "an attribute is written `name:value`, without spaces")
    }

    private func mistake(_ length: Int, _ message: String, _ hint: String?) -> PolicyRemark {
        PolicyRemark(self.source, self.start..<self.start + length, message, hint: hint)
    }

    /// Bytes of the character: itself and what continues it.
    private var characterLength: Int {
        1 + self.source.bytes[(self.start + 1)...].prefix(3).prefix { $0 & 0xC0 == 0x80 }.count
    }

    /// The longer of two that begin alike comes first.
    private static let writings: [(String, String)] = [
        ("&&", "write `and`"), ("&", "write `and`"), ("||", "write `or`"), ("|", "write `or`"),
        ("!=", "a policy cannot exclude a number; name the ranges below and above it"),
        ("!", "a policy cannot negate; name the attributes that may read"),
        ("\"", "names and values have no quotation marks"), ("'", "names and values have no quotation marks"),
        ("\u{201C}", "names and values have no quotation marks"),
        ("\u{201D}", "names and values have no quotation marks"),
        ("\u{2265}", "write `>=`"), ("\u{2264}", "write `<=`"),
        ("[", "write `(`"), ("{", "write `(`"), ("]", "write `)`"), ("}", "write `)`"),
        (";", "conditions are joined by `and` or `or`, branches of `k of (...)` by commas"),
        ("\u{2013}", "write a plain hyphen, `-`"), ("\u{2212}", "write a plain hyphen, `-`"),
    ]
}
