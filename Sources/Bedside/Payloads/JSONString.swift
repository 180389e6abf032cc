/// JSON strings (RFC 8259 §7).
extension JSONReader {
    /// Reads the string at the opening quote; without escapes it is a span of the payload's copy.
    mutating func string(into tree: inout PayloadTree) throws(DecodeFailure) -> PayloadTree.Span {
        let start = self.position + 1
        let stop = try self.unescapedRun(from: start)
        if self.bytes[stop] == UInt8(ascii: "\"") {
            self.position = stop + 1
            return PayloadTree.Span(start: self.arenaStart + Int32(start), count: Int32(stop - start))
        }
        return try self.escapedString(from: start, firstEscape: stop, into: &tree)
    }

    /// Finds the quote or backslash that ends a run of plain characters; checks that they are UTF-8.
    private func unescapedRun(from start: Int) throws(DecodeFailure) -> Int {
        var cursor = start
        while cursor < self.end {
            let byte = self.bytes[cursor]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return cursor }
            if byte < 0x20 {
                throw DecodeFailure(.malformed, "a control character in a string must be escaped", offset: cursor)
            }
            if byte < 0x80 {
                cursor += 1
                continue
            }
            let length = UTF8Validation.sequenceLength(self.bytes, at: cursor, end: self.end)
            guard length > 0 else { throw DecodeFailure(.badEncoding, "the text is not UTF-8", offset: cursor) }
            cursor += length
        }
        throw self.truncated("the end of a string")
    }

    /// Copies the string to the end of the arena, escapes resolved.
    private mutating func escapedString(
        from start: Int,
        firstEscape: Int,
        into tree: inout PayloadTree
    ) throws(DecodeFailure) -> PayloadTree.Span {
        var text = tree.append(UnsafeRawBufferPointer(rebasing: self.bytes[start..<firstEscape]))
        self.position = firstEscape
        while self.bytes[self.position] == UInt8(ascii: "\\") {
            let scalar = try self.escape()
            text.count += tree.append(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter).count
            let stop = try self.unescapedRun(from: self.position)
            text.count += tree.append(UnsafeRawBufferPointer(rebasing: self.bytes[self.position..<stop])).count
            self.position = stop
        }
        self.position += 1
        return text
    }

    private mutating func escape() throws(DecodeFailure) -> Unicode.Scalar {
        guard self.position + 1 < self.end else { throw self.truncated("the rest of an escape") }
        let letter = self.bytes[self.position + 1]
        if letter == UInt8(ascii: "u") { return try self.unicodeEscape() }
        guard let scalar = Self.shortEscape(letter) else {
            throw DecodeFailure(.malformed, "unknown escape in a string", offset: self.position)
        }
        self.position += 2
        return scalar
    }

    private static func shortEscape(_ letter: UInt8) -> Unicode.Scalar? {
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): Unicode.Scalar(letter)
        case UInt8(ascii: "b"): "\u{8}"
        case UInt8(ascii: "f"): "\u{C}"
        case UInt8(ascii: "n"): "\n"
        case UInt8(ascii: "r"): "\r"
        case UInt8(ascii: "t"): "\t"
        default: nil
        }
    }

    /// Reads `\uXXXX`, or two of them that are a surrogate pair.
    private mutating func unicodeEscape() throws(DecodeFailure) -> Unicode.Scalar {
        let start = self.position
        let first = try self.codeUnit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        let isPair =
            UTF16.isLeadSurrogate(first) && self.position + 1 < self.end
            && self.bytes[self.position] == UInt8(ascii: "\\") && self.bytes[self.position + 1] == UInt8(ascii: "u")
        if isPair {
            let second = try self.codeUnit()
            if UTF16.isTrailSurrogate(second) {
                let value = 0x10000 + (UInt32(first & 0x3FF) << 10 | UInt32(second & 0x3FF))
                if let scalar = Unicode.Scalar(value) { return scalar }
            }
        }
        throw DecodeFailure(.badEncoding, "a lone surrogate in a string", offset: start)
    }

    /// Reads the `\uXXXX` at the position.
    private mutating func codeUnit() throws(DecodeFailure) -> UInt16 {
        var value: UInt16 = 0
        for offset in self.position + 2..<self.position + 6 {
            guard offset < self.end else { throw self.truncated("a hexadecimal digit") }
            guard let digit = HexDigit.value(self.bytes[offset]) else {
                throw DecodeFailure(.malformed, "four hexadecimal digits are expected", offset: offset)
            }
            value = value << 4 | UInt16(digit)
        }
        self.position += 6
        return value
    }
}
