package import CanonicalBytes

/// A list of the envelopes of one time window, for those who may search a scope (specification section 7.6).
///
/// `"WLP0" || u32 n || n × ( H1(32) || u16 k || k × LP(tag) )`.
package struct IndexPage: Hashable, Sendable {
    /// One envelope and what it can be found by.
    package struct Entry: Hashable, Sendable {
        /// The envelope's index pointer, 32 bytes.
        package let h1: [UInt8]
        /// Opaque to this layer: 1 to 64 bytes each, strictly ascending.
        package let tags: [[UInt8]]

        package init(h1: [UInt8], tags: [[UInt8]]) {
            self.h1 = h1
            self.tags = tags
        }
    }

    /// At least one; the pointers are distinct.
    package let entries: [Entry]

    /// Checks and keeps the entries.
    ///
    /// - Throws: `FORMAT` for none, a pointer of another length or tags out of shape or order; `DUPLICATE` for a
    ///   pointer listed twice.
    package init(_ entries: [Entry]) throws(ProtocolFailure) {
        try require(!entries.isEmpty, .format, "a page lists at least one envelope")
        try require(entries.allSatisfy { $0.h1.count == 32 }, .format, "an index pointer has 32 bytes")
        for entry in entries {
            let isShaped = entry.tags.count <= Int(UInt16.max) && entry.tags.allSatisfy { (1...64).contains($0.count) }
            let isAscending = zip(entry.tags, entry.tags.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) }
            try require(isShaped && isAscending, .format, "tags have 1 to 64 bytes and ascend strictly")
        }
        try require(Set(entries.map(\.h1)).count == entries.count, .duplicate, "an envelope listed twice")
        self.entries = entries
    }

    /// The canonical bytes.
    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 8 + self.entries.count * 64)
        writer.magic("WLP0")
        writer.u32(UInt32(self.entries.count))
        for entry in self.entries {
            writer.raw(entry.h1)
            writer.u16(UInt16(entry.tags.count))
            for tag in entry.tags { writer.lengthPrefixed(tag) }
        }
        return writer.bytes
    }

    /// Reads a page strictly.
    ///
    /// - Throws: `FORMAT`, `DUPLICATE`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLP0")
        let count = Int(try reader.u32())
        // Every entry takes 34 bytes at least.
        try require(count <= reader.remaining / 34, .format, "the page ends before its last entry")
        var entries: [Entry] = []
        entries.reserveCapacity(count)
        for _ in 0..<count {
            let h1 = try reader.take(32)
            var tags: [[UInt8]] = []
            for _ in 0..<(try reader.u16()) { tags.append(try reader.lengthPrefixed()) }
            entries.append(Entry(h1: h1, tags: tags))
        }
        try reader.finish()
        try self.init(entries)
    }
}
