/// Why a text is not JSON that this program takes, with the place.
package struct JSONProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// Bytes before the problem.
    package let offset: Int
    package let reason: String

    package var description: String { "\(self.reason) at byte \(self.offset)" }
}

/// Reads JSON (RFC 8259) strictly: UTF-8, no name twice in an object, nothing behind the value, bounded nesting.
package struct JSONReader {
    /// Arrays and objects inside each other.
    package static let depthMax = 64

    private let bytes: [UInt8]
    private var offset = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Reads one value that fills `bytes`.
    package static func value(of bytes: [UInt8]) throws(JSONProblem) -> JSONValue {
        var reader = JSONReader(bytes)
        reader.skipSpace()
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.offset == bytes.count else { throw reader.problem("something follows the value") }
        return value
    }

    private mutating func value(depth: Int) throws(JSONProblem) -> JSONValue {
        guard depth <= Self.depthMax else { throw self.problem("nested too deeply") }
        guard let first = self.peek else { throw self.problem("the text ends") }
        switch first {
        case UInt8(ascii: "{"): return .object(try self.object(depth: depth))
        case UInt8(ascii: "["): return .array(try self.array(depth: depth))
        case UInt8(ascii: "\""): return .text(JSONText(try self.string()))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try self.number()
        case UInt8(ascii: "t"): return try self.word("true", .bool(true))
        case UInt8(ascii: "f"): return try self.word("false", .bool(false))
        case UInt8(ascii: "n"): return try self.word("null", .null)
        default: throw self.problem("not a value")
        }
    }

    private mutating func object(depth: Int) throws(JSONProblem) -> JSONObject {
        let start = self.offset
        var members: [(name: JSONText, value: JSONValue)] = []
        try self.list(until: UInt8(ascii: "}")) { (reader) throws(JSONProblem) in
            guard reader.peek == UInt8(ascii: "\"") else { throw reader.problem("a name is missing") }
            let name = try reader.string()
            reader.skipSpace()
            try reader.expect(UInt8(ascii: ":"), "a colon is missing")
            reader.skipSpace()
            members.append((JSONText(name), try reader.value(depth: depth + 1)))
        }
        guard let object = JSONObject(members: members) else {
            throw JSONProblem(offset: start, reason: "a name occurs twice in the object")
        }
        return object
    }

    private mutating func array(depth: Int) throws(JSONProblem) -> [JSONValue] {
        var values: [JSONValue] = []
        try self.list(until: UInt8(ascii: "]")) { (reader) throws(JSONProblem) in
            values.append(try reader.value(depth: depth + 1))
        }
        return values
    }

    /// Reads the opening character, elements with commas between them and the closing character.
    private mutating func list(
        until end: UInt8,
        element: (inout JSONReader) throws(JSONProblem) -> Void
    ) throws(JSONProblem) {
        self.offset += 1
        self.skipSpace()
        if self.take(end) { return }
        while true {
            try element(&self)
            self.skipSpace()
            if self.take(end) { return }
            try self.expect(UInt8(ascii: ","), "a comma is missing")
            self.skipSpace()
        }
    }

    private mutating func number() throws(JSONProblem) -> JSONValue {
        let start = self.offset
        let isNegative = self.take(UInt8(ascii: "-"))
        let integerStart = self.offset
        try self.digits()
        guard self.bytes[integerStart] != UInt8(ascii: "0") || self.offset == integerStart + 1 else {
            throw self.problem("a number with a leading zero")
        }
        var isInteger = !isNegative
        if self.take(UInt8(ascii: ".")) {
            isInteger = false
            try self.digits()
        }
        if self.take(UInt8(ascii: "e")) || self.take(UInt8(ascii: "E")) {
            isInteger = false
            if !self.take(UInt8(ascii: "+")) { _ = self.take(UInt8(ascii: "-")) }
            try self.digits()
        }
        let text = String(decoding: self.bytes[start..<self.offset], as: UTF8.self)
        guard isInteger, let integer = UInt64(text) else { return .otherNumber(text) }
        return .integer(integer)
    }

    private mutating func digits() throws(JSONProblem) {
        let start = self.offset
        while let byte = self.peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { self.offset += 1 }
        guard self.offset > start else { throw self.problem("a digit is missing") }
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONProblem) -> JSONValue {
        let end = self.offset + word.utf8CodeUnitCount
        let matches =
            end <= self.bytes.count
            && word.withUTF8Buffer { $0.elementsEqual(self.bytes[self.offset..<end]) }
        guard matches else { throw self.problem("not a value") }
        self.offset = end
        return value
    }
}

extension JSONReader {
    private mutating func string() throws(JSONProblem) -> String {
        self.offset += 1
        var content: [UInt8] = []
        while let byte = self.peek {
            self.offset += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: content, as: UTF8.self) else {
                    throw self.problem("a text that is not UTF-8 ends")
                }
                return text
            case UInt8(ascii: "\\"): content += Array(String(try self.escaped()).utf8)
            case ..<0x20: throw self.problem("a control character in a text")
            default: content.append(byte)
            }
        }
        throw self.problem("a text does not end")
    }

    private mutating func escaped() throws(JSONProblem) -> Character {
        guard let escape = self.peek else { throw self.problem("the text ends") }
        self.offset += 1
        switch escape {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return Character(try self.scalar())
        default: throw self.problem("an unknown escape")
        }
    }

    /// The digits behind `\u`, with those of a second escape for the planes above the first.
    private mutating func scalar() throws(JSONProblem) -> Unicode.Scalar {
        let first = try self.codeUnit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard (0xD800..<0xDC00).contains(first), self.take(UInt8(ascii: "\\")), self.take(UInt8(ascii: "u")) else {
            throw self.problem("half of a surrogate pair")
        }
        let second = try self.codeUnit()
        let isLow = (0xDC00..<0xE000).contains(second)
        guard isLow, let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) else {
            throw self.problem("half of a surrogate pair")
        }
        return scalar
    }

    private mutating func codeUnit() throws(JSONProblem) -> UInt32 {
        let end = self.offset + 4
        guard end <= self.bytes.count else { throw self.problem("the text ends") }
        let digits = self.bytes[self.offset..<end]
        guard let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16),
            digits.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") })
        else { throw self.problem("an escape without four hexadecimal digits") }
        self.offset = end
        return value
    }

    private var peek: UInt8? { self.offset < self.bytes.count ? self.bytes[self.offset] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard self.peek == byte else { return false }
        self.offset += 1
        return true
    }

    private mutating func expect(_ byte: UInt8, _ reason: String) throws(JSONProblem) {
        guard self.take(byte) else { throw self.problem(reason) }
    }

    private mutating func skipSpace() {
        while let byte = self.peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { self.offset += 1 }
    }

    private func problem(_ reason: String) -> JSONProblem { JSONProblem(offset: self.offset, reason: reason) }
}
