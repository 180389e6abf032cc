internal import Units

/// The position in a JSON text, and the grammar's productions (RFC 8259 §2 to §7).
struct JSONReader {
    let bytes: UnsafeRawBufferPointer
    /// Where the copy of `bytes` starts in the tree's arena: strings without escapes are spans of it.
    let arenaStart: Int32
    var position = 0
    /// Where the current document ends.
    var end: Int

    init(bytes: UnsafeRawBufferPointer, arenaStart: Int32) {
        self.bytes = bytes
        self.arenaStart = arenaStart
        self.end = bytes.count
    }

    /// Reads one value; whitespace before it has been skipped.
    mutating func value(key: PayloadTree.Span, into tree: inout PayloadTree) throws(DecodeFailure) {
        guard self.position < self.end else { throw self.truncated("a value") }
        switch self.bytes[self.position] {
        case UInt8(ascii: "{"): try self.object(key: key, into: &tree)
        case UInt8(ascii: "["): try self.array(key: key, into: &tree)
        case UInt8(ascii: "\""): try tree.addString(try self.string(into: &tree), key: key)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try tree.add(try self.number(), key: key)
        case UInt8(ascii: "t"):
            try self.word("true")
            try tree.add(true, key: key)
        case UInt8(ascii: "f"):
            try self.word("false")
            try tree.add(false, key: key)
        case UInt8(ascii: "n"):
            try self.word("null")
            try tree.addNull(key: key)
        default: throw DecodeFailure(.malformed, "a JSON value is expected", offset: self.position)
        }
    }

    @inline(__always)
    mutating func skipWhitespace() {
        while self.position < self.end {
            switch self.bytes[self.position] {
            case 0x20, 0x0A, 0x0D, 0x09: self.position += 1
            default: return
            }
        }
    }

    private mutating func object(key: PayloadTree.Span, into tree: inout PayloadTree) throws(DecodeFailure) {
        try tree.openContainer(.object, key: key)
        self.position += 1
        self.skipWhitespace()
        if !self.skip(UInt8(ascii: "}")) {
            repeat {
                self.skipWhitespace()
                guard self.position < self.end else { throw self.truncated("a member name") }
                guard self.bytes[self.position] == UInt8(ascii: "\"") else {
                    throw DecodeFailure(.malformed, "a member name in quotes is expected", offset: self.position)
                }
                let name = try self.string(into: &tree)
                self.skipWhitespace()
                try self.require(UInt8(ascii: ":"), "a colon after the member name")
                self.skipWhitespace()
                try self.value(key: name, into: &tree)
                self.skipWhitespace()
            } while self.skip(UInt8(ascii: ","))
            try self.require(UInt8(ascii: "}"), "a comma or the end of the object")
        }
        tree.closeContainer()
    }

    private mutating func array(key: PayloadTree.Span, into tree: inout PayloadTree) throws(DecodeFailure) {
        try tree.openContainer(.array, key: key)
        self.position += 1
        self.skipWhitespace()
        if !self.skip(UInt8(ascii: "]")) {
            repeat {
                self.skipWhitespace()
                try self.value(key: .none, into: &tree)
                self.skipWhitespace()
            } while self.skip(UInt8(ascii: ","))
            try self.require(UInt8(ascii: "]"), "a comma or the end of the array")
        }
        tree.closeContainer()
    }

    private mutating func number() throws(DecodeFailure) -> ExactDecimal {
        switch JSONNumber.scan(self.bytes, from: self.position, to: self.end) {
        case .number(let value, let end):
            self.position = end
            return value
        case .none(let offset):
            if offset == self.end { throw self.truncated("a digit") }
            throw DecodeFailure(.malformed, "not a JSON number", offset: offset)
        case .unrepresentable:
            throw DecodeFailure(
                .unsupported,
                "a number has more than \(ExactDecimal.maximumDigits) digits or too large an exponent",
                offset: self.position
            )
        }
    }

    private mutating func word(_ word: StaticString) throws(DecodeFailure) {
        let start = self.position
        for offset in 0..<word.utf8CodeUnitCount {
            guard self.position < self.end else { throw self.truncated("the rest of a literal") }
            guard self.bytes[self.position] == word.utf8Start[offset] else {
                throw DecodeFailure(.malformed, "not a JSON literal", offset: start)
            }
            self.position += 1
        }
    }

    @inline(__always)
    private mutating func skip(_ byte: UInt8) -> Bool {
        guard self.position < self.end, self.bytes[self.position] == byte else { return false }
        self.position += 1
        return true
    }

    private mutating func require(_ byte: UInt8, _ what: StaticString) throws(DecodeFailure) {
        if self.skip(byte) { return }
        if self.position == self.end { throw self.truncated(what) }
        throw DecodeFailure(.malformed, "\(what) is expected", offset: self.position)
    }

    func truncated(_ what: StaticString) -> DecodeFailure {
        DecodeFailure(.truncated, "the payload ends where \(what) is expected", offset: self.end)
    }
}
