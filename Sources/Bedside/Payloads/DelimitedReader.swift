internal import Units

/// The position in delimited text.
struct DelimitedReader {
    let bytes: UnsafeRawBufferPointer
    /// Where the copy of `bytes` starts in the tree's arena: fields without doubled quotes are spans of it.
    let arenaStart: Int32
    let dialect: DelimitedDecoder.Dialect
    var position = 0
    /// Names of the columns; without a header the first row makes them.
    var columns: [PayloadTree.Span] = []
    /// Rows that have been begun, the header line included.
    private(set) var row = 0

    init(bytes: UnsafeRawBufferPointer, arenaStart: Int32, dialect: DelimitedDecoder.Dialect) {
        self.bytes = bytes
        self.arenaStart = arenaStart
        self.dialect = dialect
    }

    /// A field as it stands in the text, or copied because it holds doubled quotes.
    private enum Field {
        case text(Range<Int>)
        case unescaped(PayloadTree.Span)
    }

    /// Moves to the next line that holds anything.
    ///
    /// - Returns: false at the end of the text.
    mutating func skipBlankLines() -> Bool {
        while self.position < self.bytes.count, Self.isLineEnd(self.bytes[self.position]) { self.position += 1 }
        return self.position < self.bytes.count
    }

    mutating func readHeader(into tree: inout PayloadTree) throws(DecodeFailure) {
        self.row += 1
        repeat {
            try self.checkColumn(self.columns.count)
            let name = self.span(try self.field(into: &tree))
            self.columns.append(name.count > 0 ? name : Self.append(self.columns.count, to: &tree))
        } while self.skipSeparator()
        try self.endRow()
    }

    mutating func readRow(into tree: inout PayloadTree) throws(DecodeFailure) {
        self.row += 1
        let makesColumns = self.row == 1 && self.dialect.header == .none
        try tree.openContainer(.object)
        var column = 0
        repeat {
            if makesColumns {
                try self.checkColumn(column)
                self.columns.append(Self.append(column, to: &tree))
            }
            guard column < self.columns.count else { throw self.ragged("more") }
            let field = try self.field(into: &tree)
            try self.add(field, key: self.columns[column], to: &tree)
            column += 1
        } while self.skipSeparator()
        try self.endRow()
        guard column == self.columns.count else { throw self.ragged("fewer") }
        tree.closeContainer()
    }

    private func add(
        _ field: Field,
        key: PayloadTree.Span,
        to tree: inout PayloadTree
    ) throws(DecodeFailure) {
        guard case .text(let range) = field else {
            try tree.addString(self.span(field), key: key)
            return
        }
        let decimalPoint = UInt8(ascii: self.dialect.decimalComma ? "," : ".")
        if range.isEmpty {
            try tree.addNull(key: key)
        } else if self.dialect.readsNumbers,
            let number = JSONNumber.filling(self.bytes, range, decimalPoint: decimalPoint)
        {
            try tree.add(number, key: key)
        } else {
            try tree.addString(self.span(field), key: key)
        }
    }

    private func span(_ field: Field) -> PayloadTree.Span {
        switch field {
        case .text(let range):
            PayloadTree.Span(start: self.arenaStart + Int32(range.lowerBound), count: Int32(range.count))
        case .unescaped(let span): span
        }
    }

    private static func append(_ column: Int, to tree: inout PayloadTree) -> PayloadTree.Span {
        tree.append(String(column).utf8)
    }

    private func checkColumn(_ column: Int) throws(DecodeFailure) {
        guard column < PayloadBounds.columnsMax else {
            throw DecodeFailure(.tooLarge, "more than \(PayloadBounds.columnsMax) columns", offset: self.position)
        }
    }

    private func ragged(_ comparison: StaticString) -> DecodeFailure {
        DecodeFailure(
            .malformed,
            "row \(self.row) has \(comparison) fields than the \(self.columns.count) columns",
            offset: self.position
        )
    }

    private static func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }
}

// MARK: - Fields

extension DelimitedReader {
    /// Reads a field up to the separator or line end behind it.
    private mutating func field(into tree: inout PayloadTree) throws(DecodeFailure) -> Field {
        if self.dialect.trimsBlanks { self.skipBlanks() }
        if let quote = self.dialect.quote, self.position < self.bytes.count, self.bytes[self.position] == quote {
            return try self.quotedField(quote, into: &tree)
        }
        let start = self.position
        while self.position < self.bytes.count {
            let byte = self.bytes[self.position]
            if byte == self.dialect.separator || Self.isLineEnd(byte) { break }
            if byte == self.dialect.quote {
                throw DecodeFailure(
                    .malformed,
                    "a quote within an unquoted field of row \(self.row)",
                    offset: self.position
                )
            }
            self.position += 1
        }
        return .text(self.trimmed(start..<self.position))
    }

    private mutating func quotedField(
        _ quote: UInt8,
        into tree: inout PayloadTree
    ) throws(DecodeFailure) -> Field {
        let start = self.position + 1
        var end = try self.closingQuote(quote, from: start)
        var field = Field.text(start..<end)
        if self.isQuote(quote, at: end + 1) {
            var text = tree.append(UnsafeRawBufferPointer(rebasing: self.bytes[start..<end]))
            while self.isQuote(quote, at: end + 1) {
                // The second quote of a pair stands for itself and begins the next piece.
                let next = try self.closingQuote(quote, from: end + 2)
                text.count += tree.append(UnsafeRawBufferPointer(rebasing: self.bytes[end + 1..<next])).count
                end = next
            }
            field = .unescaped(text)
        }
        self.position = end + 1
        if self.dialect.trimsBlanks { self.skipBlanks() }
        return field
    }

    /// The offset of the next quote.
    private func closingQuote(_ quote: UInt8, from start: Int) throws(DecodeFailure) -> Int {
        for position in start..<max(start, self.bytes.count) where self.bytes[position] == quote { return position }
        throw DecodeFailure(
            .truncated,
            "the payload ends within a quoted field of row \(self.row)",
            offset: self.bytes.count
        )
    }

    private func isQuote(_ quote: UInt8, at position: Int) -> Bool {
        position < self.bytes.count && self.bytes[position] == quote
    }

    private func trimmed(_ range: Range<Int>) -> Range<Int> {
        guard self.dialect.trimsBlanks else { return range }
        var end = range.upperBound
        while end > range.lowerBound, Self.isBlank(self.bytes[end - 1]) { end -= 1 }
        return range.lowerBound..<end
    }

    /// Skips spaces and tabs, but no separator: tab-separated text has empty fields too.
    private mutating func skipBlanks() {
        while self.position < self.bytes.count, Self.isBlank(self.bytes[self.position]),
            self.bytes[self.position] != self.dialect.separator
        {
            self.position += 1
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    private mutating func skipSeparator() -> Bool {
        guard self.position < self.bytes.count, self.bytes[self.position] == self.dialect.separator else {
            return false
        }
        self.position += 1
        return true
    }

    /// Takes the LF, CR LF or CR behind the last field.
    private mutating func endRow() throws(DecodeFailure) {
        guard self.position < self.bytes.count else { return }
        guard Self.isLineEnd(self.bytes[self.position]) else {
            throw DecodeFailure(.malformed, "text behind a quoted field of row \(self.row)", offset: self.position)
        }
        self.position += 1
    }
}
