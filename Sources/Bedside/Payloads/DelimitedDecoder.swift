/// Decodes delimited text such as CSV (RFC 4180) into `{"rows": [{column: value, …}, …]}`.
package enum DelimitedDecoder {
    /// How a device writes its rows.
    package struct Dialect: Sendable, Equatable {
        /// Where the names of the columns come from.
        package enum Header: Sendable, Equatable {
            /// There are none: members are named by their position, `0`, `1`, ….
            case none
            /// The first row holds them.
            case firstLine
            /// The device profile gives them; the text has none.
            case names([String])
        }

        /// The byte between two fields.
        package var separator: UInt8
        /// The byte around a field that holds separators or line ends; doubled, it stands for itself.
        package var quote: UInt8?
        package var header: Header
        /// Whether `36,6` is a number (and `36.6` is not).
        package var decimalComma: Bool
        /// Whether spaces and tabs around fields are dropped.
        package var trimsBlanks: Bool
        /// Whether fields that look like numbers are; identifiers such as `5E1` are not.
        package var readsNumbers: Bool

        /// Creates a dialect; the defaults are those of RFC 4180 with a header line.
        package init(
            separator: UInt8 = UInt8(ascii: ","),
            quote: UInt8? = UInt8(ascii: "\""),
            header: Header = .firstLine,
            decimalComma: Bool = false,
            trimsBlanks: Bool = true,
            readsNumbers: Bool = true
        ) {
            self.separator = separator
            self.quote = quote
            self.header = header
            self.decimalComma = decimalComma
            self.trimsBlanks = trimsBlanks
            self.readsNumbers = readsNumbers
        }
    }

    /// Adds the rows as one value: the root of an empty tree, or a member or element of the open container.
    ///
    /// Rows end with LF, CR LF or CR; blank lines are skipped. A field that is a JSON number, quoted or not, is a
    /// number where the dialect has numbers, an empty one null, anything else a string. After a failure the tree must be
    /// reset.
    ///
    /// - Parameters:
    ///   - bytes: The payload, UTF-8.
    ///   - key: The member name when the open container is an object.
    ///   - tree: The tree to add to.
    ///   - dialect: How the device writes its rows.
    ///   - bytesMax: The largest payload accepted, in bytes.
    /// - Throws: ``DecodeFailure``; malformed, with its number, for a row that has more or fewer fields than columns.
    package static func decode(
        _ bytes: UnsafeRawBufferPointer,
        key: PayloadTree.Span = .none,
        into tree: inout PayloadTree,
        dialect: Dialect = Dialect(),
        bytesMax: Int = PayloadBounds.payloadBytesMax
    ) throws(DecodeFailure) {
        try PayloadBounds.check(bytes, bytesMax: bytesMax)
        try UTF8Validation.check(bytes)
        let copy = tree.append(bytes)
        var reader = DelimitedReader(bytes: bytes, arenaStart: copy.start, dialect: dialect)
        reader.position = UTF8Validation.markLength(bytes)
        try tree.openContainer(.object, key: key)
        try tree.openContainer(.array, key: "rows")
        try self.header(dialect.header, &reader, &tree)
        while reader.skipBlankLines() {
            guard reader.row < PayloadBounds.rowsMax else {
                throw DecodeFailure(.tooLarge, "more than \(PayloadBounds.rowsMax) rows")
            }
            try reader.readRow(into: &tree)
        }
        tree.closeContainer()
        tree.closeContainer()
    }

    private static func header(
        _ header: Dialect.Header,
        _ reader: inout DelimitedReader,
        _ tree: inout PayloadTree
    ) throws(DecodeFailure) {
        switch header {
        case .none: return
        case .firstLine:
            guard reader.skipBlankLines() else {
                throw DecodeFailure(.truncated, "the header line is missing", offset: reader.position)
            }
            try reader.readHeader(into: &tree)
        case .names(let names):
            for name in names { reader.columns.append(tree.append(name.utf8)) }
        }
    }
}
