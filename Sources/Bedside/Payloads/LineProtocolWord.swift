/// Words and quoted strings of line protocol, with their escapes.
extension LineProtocolReader {
    /// Which of the special characters end a word and can be escaped in it.
    enum Word {
        /// Comma and space.
        case measurement
        /// Comma, space and equals sign: tag keys, tag values and field keys.
        case tag

        func isSpecial(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: ","), UInt8(ascii: " "): true
            case UInt8(ascii: "="): self == .tag
            default: false
            }
        }
    }

    /// Reads a key and the equals sign behind it.
    mutating func key(
        _ what: StaticString,
        into tree: inout PayloadTree
    ) throws(DecodeFailure) -> PayloadTree.Span {
        let key = try self.word(.tag, what, into: &tree)
        guard self.current == UInt8(ascii: "=") else {
            if self.position == self.bytes.count {
                throw DecodeFailure(.truncated, "the payload ends behind \(what)", offset: self.position)
            }
            throw DecodeFailure(.malformed, "an equals sign behind \(what) is expected", offset: self.position)
        }
        self.position += 1
        return key
    }

    /// Reads a word that must not be empty.
    mutating func word(
        _ word: Word,
        _ what: StaticString,
        into tree: inout PayloadTree
    ) throws(DecodeFailure) -> PayloadTree.Span {
        let start = self.position
        var firstEscape: Int?
        while !self.endsWord(word) {
            if self.isEscape(of: word) {
                firstEscape = firstEscape ?? self.position
                self.position += 1
            }
            self.position += 1
        }
        guard self.position > start else {
            if self.position == self.bytes.count {
                throw DecodeFailure(.truncated, "the payload ends where \(what) is expected", offset: start)
            }
            throw DecodeFailure(.malformed, "\(what) is expected", offset: start)
        }
        guard let firstEscape else {
            return PayloadTree.Span(start: self.arenaStart + Int32(start), count: Int32(self.position - start))
        }
        return self.unescaped(start..<self.position, from: firstEscape, into: &tree) { word.isSpecial($0) }
    }

    /// Reads a string field; it may hold line ends (only `"` and `\` are escaped in it).
    mutating func quoted(into tree: inout PayloadTree) throws(DecodeFailure) -> PayloadTree.Span {
        let start = self.position + 1
        var cursor = start
        var firstEscape: Int?
        while cursor < self.bytes.count, self.bytes[cursor] != UInt8(ascii: "\"") {
            if self.bytes[cursor] == UInt8(ascii: "\\"), cursor + 1 < self.bytes.count,
                Self.isEscapedInQuotes(self.bytes[cursor + 1])
            {
                firstEscape = firstEscape ?? cursor
                cursor += 1
            }
            cursor += 1
        }
        guard cursor < self.bytes.count else {
            throw DecodeFailure(.truncated, "the payload ends within a string", offset: self.bytes.count)
        }
        self.position = cursor + 1
        guard let firstEscape else {
            return PayloadTree.Span(start: self.arenaStart + Int32(start), count: Int32(cursor - start))
        }
        return self.unescaped(start..<cursor, from: firstEscape, into: &tree, where: Self.isEscapedInQuotes)
    }

    private static func isEscapedInQuotes(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private func endsWord(_ word: Word) -> Bool {
        word.isSpecial(self.current) || self.current == UInt8(ascii: "\n") || self.current == UInt8(ascii: "\r")
    }

    /// A backslash before anything that is not special stands for itself.
    private func isEscape(of word: Word) -> Bool {
        self.current == UInt8(ascii: "\\") && self.position + 1 < self.bytes.count
            && word.isSpecial(self.bytes[self.position + 1])
    }

    /// Copies `range` to the end of the arena without the backslashes that escape.
    private func unescaped(
        _ range: Range<Int>,
        from firstEscape: Int,
        into tree: inout PayloadTree,
        where isEscaped: (UInt8) -> Bool
    ) -> PayloadTree.Span {
        var text = tree.append(UnsafeRawBufferPointer(rebasing: self.bytes[range.lowerBound..<firstEscape]))
        var cursor = firstEscape
        while cursor < range.upperBound {
            let isEscape =
                self.bytes[cursor] == UInt8(ascii: "\\") && cursor + 1 < range.upperBound
                && isEscaped(self.bytes[cursor + 1])
            if isEscape { cursor += 1 }
            text.count += tree.append(CollectionOfOne(self.bytes[cursor])).count
            cursor += 1
        }
        return text
    }
}
