/// Decodes JSON (RFC 8259), strictly and in one pass.
///
/// Numbers are exact; duplicate member names are all kept (a look-up finds the last); a byte order mark is ignored,
/// as RFC 8259 §8.1 allows. Refused are invalid UTF-8, lone surrogates, numbers beyond 34 digits and left-over bytes.
/// (It is not called `JSONDecoder` so that it can be used beside Foundation.)
package enum JSONTextDecoder {
    /// How documents lie in the payload.
    package enum Framing: String, Sendable, CaseIterable {
        /// One document.
        case single
        /// One document on each line (NDJSON); the tree's root is the array of them. Blank lines are skipped.
        case lines
    }

    /// Adds the document(s) as one value: the root of an empty tree, or a member or element of the open container.
    ///
    /// After a failure the tree holds a partial value and must be reset.
    ///
    /// - Parameters:
    ///   - bytes: The payload.
    ///   - key: The member name when the open container is an object.
    ///   - tree: The tree to add to.
    ///   - framing: One document, or one on each line.
    ///   - bytesMax: The largest payload accepted, in bytes.
    /// - Throws: ``DecodeFailure``; its offsets count from the start of `bytes`.
    package static func decode(
        _ bytes: UnsafeRawBufferPointer,
        key: PayloadTree.Span = .none,
        into tree: inout PayloadTree,
        framing: Framing = .single,
        bytesMax: Int = PayloadBounds.payloadBytesMax
    ) throws(DecodeFailure) {
        try PayloadBounds.check(bytes, bytesMax: bytesMax)
        let copy = tree.append(bytes)
        var reader = JSONReader(bytes: bytes, arenaStart: copy.start)
        reader.position = UTF8Validation.markLength(bytes)
        switch framing {
        case .single: try reader.document(key: key, into: &tree)
        case .lines: try reader.lines(key: key, into: &tree)
        }
    }
}

extension JSONReader {
    fileprivate mutating func document(
        key: PayloadTree.Span,
        into tree: inout PayloadTree
    ) throws(DecodeFailure) {
        self.skipWhitespace()
        try self.value(key: key, into: &tree)
        self.skipWhitespace()
        guard self.position == self.end else {
            throw DecodeFailure(.trailingBytes, "something follows the JSON value", offset: self.position)
        }
    }

    fileprivate mutating func lines(key: PayloadTree.Span, into tree: inout PayloadTree) throws(DecodeFailure) {
        try tree.openContainer(.array, key: key)
        while self.position < self.bytes.count {
            self.end = self.position
            // A raw line feed cannot be part of a string, so it always ends the document.
            while self.end < self.bytes.count, self.bytes[self.end] != UInt8(ascii: "\n") { self.end += 1 }
            self.skipWhitespace()
            if self.position < self.end { try self.document(key: .none, into: &tree) }
            self.position = self.end + 1
        }
        tree.closeContainer()
    }
}
