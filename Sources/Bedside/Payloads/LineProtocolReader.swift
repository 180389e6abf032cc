internal import Units

/// The position in line protocol, and the parts of a line.
struct LineProtocolReader {
    let bytes: UnsafeRawBufferPointer
    /// Where the copy of `bytes` starts in the tree's arena: words without escapes are spans of it.
    let arenaStart: Int32
    var position = 0

    init(bytes: UnsafeRawBufferPointer, arenaStart: Int32) {
        self.bytes = bytes
        self.arenaStart = arenaStart
    }

    /// The byte at the position; a line feed at the end of the text.
    var current: UInt8 { self.position < self.bytes.count ? self.bytes[self.position] : UInt8(ascii: "\n") }

    /// Skips blank lines and comments.
    ///
    /// - Returns: false at the end of the text.
    mutating func skipToPoint() -> Bool {
        while self.position < self.bytes.count {
            switch self.current {
            case 0x20, 0x09, 0x0D, 0x0A: self.position += 1
            case UInt8(ascii: "#"):
                while self.current != UInt8(ascii: "\n") { self.position += 1 }
            default: return true
            }
        }
        return false
    }

    /// Reads one line.
    mutating func point(into tree: inout PayloadTree) throws(DecodeFailure) {
        try tree.openContainer(.object)
        let measurement = try self.word(.measurement, "a measurement", into: &tree)
        try tree.addString(measurement, key: tree.append(literal: "measurement"))

        try tree.openContainer(.object, key: "tags")
        while self.skip(UInt8(ascii: ",")) {
            let key = try self.key("a tag key", into: &tree)
            try tree.addString(try self.word(.tag, "a tag value", into: &tree), key: key)
        }
        tree.closeContainer()

        guard self.skipSpaces() else {
            throw DecodeFailure(.malformed, "a space before the fields is expected", offset: self.position)
        }
        try tree.openContainer(.object, key: "fields")
        repeat {
            let key = try self.key("a field key", into: &tree)
            try self.fieldValue(key: key, into: &tree)
        } while self.skip(UInt8(ascii: ","))
        tree.closeContainer()

        try self.endOfLine(into: &tree)
        tree.closeContainer()
    }

    /// Reads the time stamp, if there is one, and the line end.
    private mutating func endOfLine(into tree: inout PayloadTree) throws(DecodeFailure) {
        if self.skipSpaces(), !self.isAtLineEnd {
            let start = self.position
            let value = try self.number()
            guard let integer = self.integer(value, start..<self.position), Int64(exactly: integer) != nil else {
                throw DecodeFailure(.malformed, "the time stamp is not a 64-bit integer", offset: start)
            }
            try tree.add(value, key: "timestamp")
            _ = self.skipSpaces()
        }
        guard self.isAtLineEnd else {
            throw DecodeFailure(.malformed, "the end of the line is expected", offset: self.position)
        }
    }

    private var isAtLineEnd: Bool {
        if self.current == UInt8(ascii: "\n") { return true }
        guard self.current == UInt8(ascii: "\r") else { return false }
        return self.position + 1 == self.bytes.count || self.bytes[self.position + 1] == UInt8(ascii: "\n")
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard self.current == byte else { return false }
        self.position += 1
        return true
    }

    private mutating func skipSpaces() -> Bool {
        let start = self.position
        while self.current == UInt8(ascii: " ") { self.position += 1 }
        return self.position > start
    }
}

// MARK: - Values

extension LineProtocolReader {
    private mutating func fieldValue(
        key: PayloadTree.Span,
        into tree: inout PayloadTree
    ) throws(DecodeFailure) {
        switch self.current {
        case UInt8(ascii: "\""): try tree.addString(try self.quoted(into: &tree), key: key)
        case UInt8(ascii: "t"), UInt8(ascii: "T"), UInt8(ascii: "f"), UInt8(ascii: "F"):
            try tree.add(try self.truthValue(), key: key)
        default:
            let start = self.position
            let value = try self.number()
            try self.integerSuffix(value, start..<self.position)
            try tree.add(value, key: key)
        }
    }

    private mutating func number() throws(DecodeFailure) -> ExactDecimal {
        switch JSONNumber.scan(self.bytes, from: self.position, to: self.bytes.count) {
        case .number(let value, let end):
            self.position = end
            return value
        case .none(let offset):
            if offset == self.bytes.count { throw DecodeFailure(.truncated, "a number is expected", offset: offset) }
            throw DecodeFailure(.malformed, "a number is expected", offset: offset)
        case .unrepresentable:
            throw DecodeFailure(
                .unsupported,
                "a number has too many digits or too large an exponent",
                offset: self.position
            )
        }
    }

    /// Takes the `i` or `u` that makes a number an integer of 64 bits, and checks that it is one.
    private mutating func integerSuffix(_ value: ExactDecimal, _ range: Range<Int>) throws(DecodeFailure) {
        let fits: Bool
        if self.skip(UInt8(ascii: "i")) {
            fits = self.integer(value, range).map { Int64(exactly: $0) != nil } ?? false
        } else if self.skip(UInt8(ascii: "u")) {
            fits = self.integer(value, range).map { UInt64(exactly: $0) != nil } ?? false
        } else {
            return
        }
        guard fits else {
            throw DecodeFailure(.malformed, "an integer field holds no integer of its type", offset: range.lowerBound)
        }
    }

    /// The number, when it is written as an integer.
    private func integer(_ value: ExactDecimal, _ range: Range<Int>) -> Int128? {
        let isWritten = range.allSatisfy {
            self.bytes[$0] &- UInt8(ascii: "0") < 10 || self.bytes[$0] == UInt8(ascii: "-")
        }
        return isWritten ? value.significand : nil
    }

    private mutating func truthValue() throws(DecodeFailure) -> Bool {
        let start = self.position
        while self.current | 0x20 >= UInt8(ascii: "a"), self.current | 0x20 <= UInt8(ascii: "z") { self.position += 1 }
        let word = self.bytes[start..<self.position]
        if ["t", "T", "true", "True", "TRUE"].contains(where: { $0.utf8.elementsEqual(word) }) { return true }
        if ["f", "F", "false", "False", "FALSE"].contains(where: { $0.utf8.elementsEqual(word) }) { return false }
        throw DecodeFailure(.malformed, "a field is no truth value", offset: start)
    }
}
